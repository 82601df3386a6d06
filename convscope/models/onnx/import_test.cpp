#include "convscope/models/onnx/import.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "convscope/base/base_testing.h"
#include "convscope/base/file.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/base/json.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/passes.h"
#include "convscope/models/onnx/onnx_testing.h"

namespace convscope {
namespace {

using namespace testing_onnx;

Checkpoint read(const std::string& bytes, const OnnxImport& options = {}) { return parse_onnx_network(bytes, options, "net.onnx"); }

Tensor logits(const Checkpoint& c, const Tensor& pixels) {
  const Graph graph = for_inference(c.graph);
  std::map<std::string, Tensor> fed = c.tensors;
  fed[std::string(kPixels)] = pixels;
  return testing_graph::in(testing_graph::walk(graph, fed), graph.output);
}

Tensor pixels(const Shape& shape) {
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) t[i] = static_cast<float>(i * 37 % 101) / 101;
  return t;
}

TEST(OnnxImporting, LeavesASoftmaxAtTheEndOutAndSaysSo) {
  const Checkpoint c = read(small());
  EXPECT_EQ(c.graph.node(c.graph.output).op->kind(), "linear");
  EXPECT_NE(c.notes["onnx"]["left_out"].get<std::string>().find("logits"), std::string::npos);
  EXPECT_EQ(c.classes.size(), 3u);
}

TEST(OnnxImporting, GivesTheSameBitsFromTheCheckpointItIsSavedAs) {
  const Checkpoint c = read(small());
  const Path path = std::filesystem::temp_directory_path() / "convscope-onnx-round-trip.safetensors";
  save_checkpoint(path, c);
  const Tensor x = pixels({1, 1, 6, 5});
  EXPECT_EQ(max_difference(logits(c, x), logits(load_checkpoint(path), x)), 0.0f);
  std::filesystem::remove(path);
}

TEST(OnnxImporting, PutsThePreprocessingFirst) {
  const Checkpoint plain = read(small()), prepared = read(small(), {.image = {}, .preprocessing = {{0.5}, {0.25}}});
  Tensor x = pixels({1, 1, 6, 5}), by_hand = x;
  for (float& v : by_hand.span()) v = (v - 0.5f) / 0.25f;
  EXPECT_LE(relative_error(logits(prepared, x), logits(plain, by_hand)), 1e-6f);
}

TEST(OnnxImporting, NamesOpNodeAndDomainOfWhatItDoesNotKnow) {
  EXPECT_THROW_SAYING(read(small("Loop")), "\"Loop\" \"p\"");
  const std::string other =
      model(node("Relu", {"x"}, "p", "", "com.example") + part(11, value("x", {1, 1, 2, 2})) + part(12, value("p", {1, 4})));
  EXPECT_THROW_SAYING(read(other), "domain \"com.example\"");
  const std::string open = model(node("Flatten", {"x"}, "p") + part(11, value("x", {-1, 3, -1, -1})) + part(12, value("p", {1, 4})));
  EXPECT_THROW_SAYING(read(open), "--image C,H,W");
  EXPECT_EQ(read(open, {.image = Shape{3, 4, 4}, .preprocessing = {}}).classes.size(), 48u);
  EXPECT_THROW_SAYING(read(model(node("Flatten", {"x"}, "p") + part(11, value("x", {1, 1, 2, 2})) + part(12, value("p", {1, 4})), 5)),
                      "version 5");
}

TEST(OnnxImporting, FollowsChannelsThatComeLast) {
  // The same layer behind a transpose of the input, and rows of [H, W, C] into the matrix.
  std::vector<float> weight(2 * 2), matrix(8 * 3);
  for (size_t i = 0; i < weight.size(); ++i) weight[i] = static_cast<float>(i) - 1.5f;
  for (size_t i = 0; i < matrix.size(); ++i) matrix[i] = static_cast<float>(i * 7 % 11) - 5;
  const std::string bytes =
      model(node("Transpose", {"x"}, "t", integers("perm", {0, 3, 1, 2})) + node("Conv", {"t", "w"}, "c") +
            node("Transpose", {"c"}, "b", integers("perm", {0, 2, 3, 1})) + node("Flatten", {"b"}, "f") + node("MatMul", {"f", "m"}, "y") +
            part(5, tensor("w", std::vector<int64_t>{2, 2, 1, 1}, weight)) + part(5, tensor("m", std::vector<int64_t>{8, 3}, matrix)) +
            part(11, value("x", {-1, 2, 2, 2})) + part(12, value("y", {-1, 3})));
  const Tensor x = pixels({1, 2, 2, 2});  // ours: channels first
  const Tensor y = logits(read(bytes), x);
  for (int64_t k = 0; k < 3; ++k) {
    double wanted = 0;
    for (int64_t place = 0; place < 4; ++place)
      for (int64_t c = 0; c < 2; ++c)
        wanted += (weight[static_cast<size_t>(2 * c)] * x[place] + weight[static_cast<size_t>(2 * c + 1)] * x[4 + place]) *
                  matrix[static_cast<size_t>((place * 2 + c) * 3 + k)];
    EXPECT_NEAR(y[k], wanted, 1e-5);
  }
}

TEST(OnnxImporting, RefusesTensorsThatTheirBytesDoNotBearOut) {
  const auto with = [](const std::string& t) {
    return model(node("MatMul", {"x", "w"}, "p") + part(5, t) + part(11, value("x", {1, 1, 2, 2})) + part(12, value("p", {1, 4})));
  };
  const std::vector<float> one{1};
  EXPECT_THROW_SAYING(read(with(tensor("w", std::vector<int64_t>{1 << 20, 1 << 9}, one))), "4 bytes for extents [1048576, 512]");
  EXPECT_THROW_SAYING(read(with(tensor("w", std::vector<int64_t>{int64_t{1} << 62, 8}, one))), "extents");
  EXPECT_THROW_SAYING(read(with(number(1, int64_t{1} << 40) + number(2, 1) + part(8, "w"))), "0 numbers");
  EXPECT_THROW_SAYING(
      read(with(tensor("w", std::vector<int64_t>{1}, one) + part(13, part(1, "location") + part(2, "w.bin")) + number(14, 1))),
      "another file");
  std::string many;
  for (int i = 0; i < 1'000'001; ++i) many += part(1, "");
  EXPECT_THROW_SAYING(read(model(many)), "more than 1000000 parts");
}

TEST(OnnxImporting, TakesNoTimeOrMemoryThatTheFileDoesNotBearOut) {
  // Twenty thousand nodes of one name; and one matrix with ever another factor.
  std::string chain, last = "x";
  for (int i = 0; i < 20'000; ++i) {
    const std::string next = std::to_string(i);
    chain += node("Relu", {last}, next, part(3, "same"));
    last = next;
  }
  const std::string ends = part(11, value("x", {1, 1, 2, 2}));
  EXPECT_EQ(read(model(chain + node("Flatten", {last}, "p") + ends + part(12, value("p", {1, 4})))).classes.size(), 4u);

  const std::vector<float> square(256 * 256, 0.5f);
  std::string layers;
  last = "x";
  for (int i = 0; i < 1000; ++i) {
    const std::string next = std::to_string(i);
    std::string factor(4, '\0');
    const float alpha = 1 + static_cast<float>(i) / 1000;
    std::memcpy(factor.data(), &alpha, 4);
    layers += node("Gemm", {last, "m"}, next, part(5, part(1, "alpha") + varint(2 << 3 | 5) + factor + number(20, 1)));
    last = next;
  }
  EXPECT_THROW_SAYING(read(model(layers + part(5, tensor("m", std::vector<int64_t>{256, 256}, square)) +
                                 part(11, value("x", {1, 256, 1, 1})) + part(12, value(last, {1, 256})))),
                      "was wanted");
  EXPECT_THROW_SAYING(read(model(node("Flatten", {"f"}, "x") + layers + part(5, tensor("m", std::vector<int64_t>{256, 256}, square)) +
                                 part(11, value("f", {1, 256, 1, 1})) + part(12, value(last, {1, 256})))),
                      "more constants");
}

TEST(OnnxImporting, SurvivesDamage) {
  const std::string bytes = small();
  const Reader reader = [](std::string_view b) { parse_onnx_network(b, {}, "x"); };
  cut_everywhere(bytes, reader);
  flip_bytes(bytes, reader, 3000, bytes.size());
}

}  // namespace
}  // namespace convscope
