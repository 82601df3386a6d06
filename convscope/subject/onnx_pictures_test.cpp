// Networks of others on true validation images of ImageNet, picture by picture as OpenCV's dnn answers (tools/make_onnx_fixtures.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "convscope/base/file.h"
#include "convscope/base/json.h"
#include "convscope/engine/program.h"
#include "convscope/models/onnx/import.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/resize.h"

namespace convscope {
namespace {

/** Two engines, in F32, on logits of some tens. */
constexpr float kLogits = 1e-3f;

class OnnxNetworks : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Files, OnnxNetworks, testing::Values("squeezenet1.0", "mobilenet_v1_0.25_128", "mobilenet_v2_1.0_224"),
                         [](const auto& file) {
                           std::string name = file.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST_P(OnnxNetworks, AnswerLikeOpenCvOnEveryPicture) {
  const char* data = std::getenv("CONVSCOPE_DATA");
  const Path root = data ? data : "";
  const Path file = root / "weights" / (GetParam() + ".onnx");
  if (!std::filesystem::exists(file) || !std::filesystem::exists(root / "imagenette"))
    GTEST_SKIP() << file << " or imagenette is not there";
  const Json fixtures = parse_json(read_file(Path(CONVSCOPE_FIXTURES) / "onnx-predictions.json"), "fixtures");
  const Json& wanted = fixtures.at(GetParam());
  const Checkpoint c = load_onnx_network(
      file, {.image = {},
             .preprocessing = Normalization{wanted.at("mean").get<std::vector<double>>(), wanted.at("std").get<std::vector<double>>()}});
  const auto program = compile(c.graph, std::make_shared<Weights>(c.graph, c.tensors), {});
  const int64_t size = wanted.at("size").get<int64_t>();
  size_t pictures = 0;
  for (const auto& [name, row] : wanted.at("pictures").items()) {
    const Tensor x = to_tensor(fitted(with_channels(read_image(root / "imagenette/val" / name), 3), size, size, Fit::squash));
    std::copy_n(x.data(), x.size(), program->input(kPixels).data());
    program->run({});
    const Tensor& y = program->logits();
    EXPECT_EQ(argmax(y.span()), row[0].get<int64_t>()) << name;
    const float scale = max_abs(y.span());
    EXPECT_NEAR(y[argmax(y.span())], row[1].get<float>(), kLogits * scale) << name;
    for (int64_t i = 0; i < 4; ++i) EXPECT_NEAR(y[250 * i], row[static_cast<size_t>(2 + i)].get<float>(), kLogits * scale) << name;
    ++pictures;
  }
  EXPECT_EQ(pictures, 134u);
}

}  // namespace
}  // namespace convscope
