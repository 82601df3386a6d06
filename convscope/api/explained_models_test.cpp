// Every way back by rules, and class activation maps, on every built-in family of networks; small ones, and pictures of odd sizes where the
// network takes any.

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/file.h"
#include "convscope/base/json.h"
#include "convscope/base/random.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/models/model.h"
#include "convscope/models/onnx/import.h"
#include "convscope/nn/initialisers.h"
#include "convscope/subject/network_subject.h"

namespace convscope {
namespace {

/** Sums of a network's depth in F32, of parts that may be far larger than what they add up to. */
constexpr double kGap = 1e-3;

struct Explained {
  const char* model;
  Shape image;
};

class EveryFamily : public ::testing::TestWithParam<Explained> {};
INSTANTIATE_TEST_SUITE_P(
    Models, EveryFamily,
    ::testing::Values(Explained{"deep", {1, 28, 28}}, Explained{"medium", {1, 28, 28}}, Explained{"alexnet", {1, 28, 28}},
                      Explained{"scratch", {3, 32, 32}}, Explained{"resnet20", {3, 32, 32}},
                      Explained{"resnet20,shortcut=projection", {1, 31, 27}}, Explained{"resnet18,stem=cifar,width=8", {3, 33, 29}},
                      Explained{"resnet34,width=8", {3, 65, 61}}, Explained{"resnet50,width=8", {1, 64, 64}},
                      Explained{"airbench", {3, 32, 32}}, Explained{"fully-connected", {1, 28, 28}},
                      Explained{"oscillation-resnet", {1, 32, 32}}, Explained{"perturb-resnet18,width=8", {3, 32, 32}},
                      Explained{"perturb-resnet18,width=8,first_filter_size=3,nmasks=2,mix_maps=true,use_act=true", {3, 32, 32}},
                      Explained{"noise-resnet18,width=8", {3, 32, 32}}, Explained{"lenet", {1, 28, 28}},
                      Explained{"cifarnet", {3, 32, 32}}),
    [](const auto& row) {
      std::string name = row.param.model;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

TEST_P(EveryFamily, IsExplainedByEveryMethodThatGoesThroughIt) {
  const Graph graph = models().make(parse_choice(GetParam().model))->build(GetParam().image, 10);
  NetworkSubject subject(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 2});
  const Shape& s = GetParam().image;
  Tensor x({3, s[0], s[1], s[2]});  // one more than a batch
  for (int64_t i = 0; i < x.size(); ++i) x[i] = RandomStream(3, "explained").uniform(static_cast<uint64_t>(i));
  const Question question{{}, {0, 3, 9}, {}, 1, {}};
  for (const char* method : {"guided-backprop", "deconvolution", "deeplift", "deeplift,baseline=mean", "lrp",
                             "lrp,composite=epsilon-gamma-box", "lrp,composite=epsilon-alpha2-beta1", "excitation-backprop", "full-grad",
                             "grad-cam", "layer-cam", "eigen-cam", "ablation-cam,channels=3", "score-cam,channels=3"}) {
    const auto explain = [&] { return attributions().make(parse_choice(method))->explain(subject, x, question); };
    if (GetParam().model == std::string("fully-connected") && std::string(method).find("-cam") != std::string::npos) {
      EXPECT_THROW_SAYING(explain(), "no node of this network has positions");
      continue;
    }
    const Maps maps = explain();
    EXPECT_TRUE(all_finite(maps.values.span())) << method;
    EXPECT_EQ(maps.values.shape()[2], s[1]);
    EXPECT_EQ(maps.values.shape()[3], s[2]);
    double squares = 0;
    for (const float v : maps.values.span()) squares += static_cast<double>(v) * v;
    for (const Completeness& c : maps.completeness)
      EXPECT_LE(c.gap, kGap * std::max({std::abs(c.difference), std::abs(c.absorbed.value_or(0)), std::sqrt(squares)})) << method;
  }
}

/** Networks of ONNX's operators (tests/fixtures/README.md), as others export them: norms by hand, gates, pads, resizing, clips. */
class EveryOnnxFixture : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Files, EveryOnnxFixture, ::testing::ValuesIn([] {
                           std::vector<std::string> names;
                           const Json rows = parse_json(read_file(Path(CONVSCOPE_FIXTURES) / "onnx/expected.json"), "expected.json");
                           for (const auto& [name, row] : rows.items()) names.push_back(name);
                           return names;
                         }()),
                         [](const auto& name) { return name.param; });

TEST_P(EveryOnnxFixture, HasMapsThatAddUp) {
  const Checkpoint c = load_onnx_network(Path(CONVSCOPE_FIXTURES) / "onnx" / (GetParam() + ".onnx"));
  NetworkSubject subject(c.graph, std::make_shared<Weights>(c.graph, c.tensors), {.batch = 2});
  const Shape image = subject.image();
  Tensor x({2, image[0], image[1], image[2]});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 101.0f;
  const Question question{{}, {0, 1}, {}, 1, {}};
  for (const char* method :
       {"deeplift", "deeplift,baseline=mean", "lrp", "lrp,composite=epsilon", "lrp,composite=epsilon-gamma-box", "excitation-backprop"}) {
    const Maps maps = attributions().make(parse_choice(method))->explain(subject, x, question);
    EXPECT_TRUE(all_finite(maps.values.span())) << method;
    double squares = 0;
    for (const float v : maps.values.span()) squares += static_cast<double>(v) * v;
    for (const Completeness& sum : maps.completeness)
      EXPECT_LE(sum.gap, 1e-4 * std::max({std::abs(sum.difference), std::abs(sum.absorbed.value_or(0)), std::sqrt(squares)}))
          << method << ": " << sum.difference;
  }
  for (const char* method : {"guided-backprop", "deconvolution"}) {
    try {
      EXPECT_TRUE(all_finite(attributions().make(method)->explain(subject, x, question).values.span()));
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find("no rectifier"), std::string::npos) << e.what();
    }
  }
}

}  // namespace
}  // namespace convscope
