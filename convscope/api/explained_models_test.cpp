// Every way back by rules, and class activation maps, on every built-in family of networks; small ones, and pictures of odd sizes where the
// network takes any.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

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

/** What arrives and what was absorbed make what was explained, of methods that promise it at once; along a path it takes many steps. */
void expect_sums(const Maps& maps) {
  double squares = 0;
  for (const float v : maps.values.span()) squares += static_cast<double>(v) * v;
  for (const Completeness& c : maps.completeness) {
    if (c.steps > 0) continue;
    EXPECT_LE(c.gap, kGap * std::max({std::abs(c.difference), std::abs(c.absorbed.value_or(0)), std::sqrt(squares)}));
  }
}

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
    SCOPED_TRACE(method);
    expect_sums(maps);
  }
}

/** Every member of the table with as little work as it can do. */
const std::vector<std::string>& smallest_methods() {
  static const std::vector<std::string> all{"gradient",
                                            "gradient-x-input",
                                            "loss-gradient",
                                            "loss-gradient-x-input",
                                            "gradient-image",
                                            "integrated-gradients,steps=2",
                                            "guided-ig,steps=3",
                                            "blur-ig,steps=2",
                                            "expected-gradients,samples=2",
                                            "occlusion,window=16,stride=16",
                                            "occlusion-plus-gradient,window=16,stride=16",
                                            "rise,masks=6,cells=4",
                                            "feature-ablation,segments=6,compactness=200",
                                            "shapley-sampling,permutations=1,segments=6,compactness=200",
                                            "kernel-shap,samples=16,segments=6,compactness=200",
                                            "lime,samples=16,segments=6,compactness=200",
                                            "xrai,steps=2,finest=20",
                                            "smoothgrad,count=2",
                                            "guided-backprop",
                                            "deconvolution",
                                            "deeplift",
                                            "lrp",
                                            "lrp,composite=epsilon-alpha2-beta1",
                                            "excitation-backprop",
                                            "full-grad",
                                            "grad-cam",
                                            "grad-cam++",
                                            "xgrad-cam",
                                            "hires-cam",
                                            "layer-cam",
                                            "eigen-cam",
                                            "score-cam,channels=2",
                                            "ablation-cam,channels=2",
                                            "random"};
  return all;
}

TEST(SmallestMethods, AreAllOfTheTable) {
  std::set<std::string> tried{"training-path"};  // it reads what a training recorded
  for (const std::string& method : smallest_methods()) tried.insert(parse_choice(method).name);
  for (const std::string& name : attributions().names()) EXPECT_TRUE(tried.contains(name)) << name << " is to be tried on all networks";
}

/** Of large networks these are tried alone: the others ask for gradients and answers, whatever the network. */
bool goes_its_own_way(const std::string& method) {
  const std::string name = parse_choice(method).name;
  const std::set<std::string> own{"gradient",  "guided-backprop", "deconvolution", "deeplift",  "lrp",       "excitation-backprop",
                                  "full-grad", "grad-cam",        "xgrad-cam",     "hires-cam", "layer-cam", "eigen-cam"};
  return own.contains(name);
}

/** A method's maps of two pictures are there, and those of the second alone are the same; where it refuses, it says why. */
void expect_maps_of(NetworkSubject& subject, const std::string& text, const Tensor& x, const Question& question) {
  SCOPED_TRACE(text);
  const auto method = attributions().make(parse_choice(text));
  Maps both;
  try {
    both = method->explain(subject, x, question);
  } catch (const Error& e) {
    const std::string said = e.what();
    EXPECT_TRUE(said.find("no node of this network has positions") != std::string::npos || said.find("no rectifier") != std::string::npos)
        << said;
    return;
  }
  const Shape& image = x.shape();
  ASSERT_EQ(both.values.shape()[0], 2);
  EXPECT_EQ(both.values.shape()[2], image[2]);
  EXPECT_EQ(both.values.shape()[3], image[3]);
  EXPECT_TRUE(all_finite(both.values.span()));
  expect_sums(both);
  const Tensor second(image.with_batch(1), std::span<const float>(x.row(1)));
  Question alone{question.objective, {question.targets[1]}, {question.labels[1]}, question.seed, {question.numbers[1]}};
  const Maps one = method->explain(subject, second, alone);
  const Tensor its(both.values.shape().with_batch(1), std::span<const float>(both.values.row(1)));
  // Another batch may have its sums made by another kernel: rounding, which what is divided by small numbers enlarges.
  EXPECT_LE(max_difference(one.values, its), 2e-3 * max_abs(its.span()));
}

Tensor two_pictures(const Shape& image) {
  Tensor x({2, image[0], image[1], image[2]});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = RandomStream(3, "explained").uniform(static_cast<uint64_t>(i));
  return x;
}

TEST_P(EveryFamily, IsExplainedByEveryMethodOfTheTableTheSameAloneAsInABatch) {
  const Graph graph = models().make(parse_choice(GetParam().model))->build(GetParam().image, 10);
  NetworkSubject subject(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 2});
  const Tensor x = two_pictures(GetParam().image);
  const Question question{{}, {3, 9}, {3, 1}, 1, {5, 6}};
  // Of the two with many weights the other test has what goes through the network; of what asks for slopes and answers some will do.
  const std::set<std::string> some{"gradient", "occlusion", "lime"};
  const bool heavy = GetParam().model == std::string("alexnet") || GetParam().model == std::string("airbench");
  for (const std::string& method : smallest_methods())
    if (!heavy || some.contains(parse_choice(method).name)) expect_maps_of(subject, method, x, question);
}

TEST(FullGrad, SaysThatMasksAreLeftOut) {
  const Shape image{3, 32, 32};
  const Graph graph = models().make(parse_choice("perturb-resnet18,width=8"))->build(image, 10);
  NetworkSubject subject(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 2});
  const Maps maps = attributions().make("full-grad")->explain(subject, two_pictures(image), {{}, {0, 1}, {}, 1, {}});
  EXPECT_NE(maps.over.find("without the masks of"), std::string::npos) << maps.over;
}

/** Networks that other people's exporters wrote, where they lie beside the data: $CONVSCOPE_DATA/weights. */
class EveryExportedNetwork : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Files, EveryExportedNetwork,
                         ::testing::Values("mlperf_tiny_resnet8", "mobilenet_v1_0.25_128", "mobilenet_v2_1.0_224", "resnet20", "resnet_2b",
                                           "squeezenet1.0"),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST_P(EveryExportedNetwork, IsExplainedByEveryMethodOfTheTable) {
  const char* data = std::getenv("CONVSCOPE_DATA");
  const Path file = Path(data ? data : "") / "weights" / (GetParam() + ".onnx");
  if (!data || !std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const Checkpoint c = load_onnx_network(file);
  NetworkSubject subject(c.graph, std::make_shared<Weights>(c.graph, c.tensors), {.batch = 2});
  const Tensor x = two_pictures(subject.image());
  const Question question{{}, {1, 0}, {1, 0}, 1, {5, 6}};
  const bool large = subject.image()[1] > 200;
  for (const std::string& method : smallest_methods()) {
    if (large && !goes_its_own_way(method)) continue;
    expect_maps_of(subject, method, x, question);
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
