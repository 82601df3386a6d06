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
  EXPECT_NE(c.notes["onnx"]["remarks"].dump().find("it ends in a softmax"), std::string::npos);
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
  const Checkpoint plain = read(small()), prepared = read(small(), {.image = {}, .preprocessing = Normalization{{0.5}, {0.25}}});
  Tensor x = pixels({1, 1, 6, 5}), by_hand = x;
  for (float& v : by_hand.span()) v = (v - 0.5f) / 0.25f;
  EXPECT_LE(relative_error(logits(prepared, x), logits(plain, by_hand)), 1e-6f);
}

TEST(OnnxImporting, NamesOpNodeAndDomainOfWhatItDoesNotKnow) {
  EXPECT_THROW_SAYING(read(small("Loop")), "\"Loop\" \"p\": networks are read that do the same for every picture");
  // What an If reads stands in its branches, so that it seems to read no picture at all.
  const std::string decided = model(node("If", {"always"}, "p") + part(11, value("x", {1, 1, 2, 2})) + part(12, value("p", {1, 4})));
  EXPECT_THROW_SAYING(read(decided), "\"If\" \"p\": networks are read that do the same for every picture");
  EXPECT_THROW_SAYING(read(small("Flotten")), "convscope does not know this operator");
  const std::vector<std::string> known = onnx_operators();
  EXPECT_EQ(std::count(known.begin(), known.end(), "QLinearConv"), 0) << "it is refused too";
  const std::string other =
      model(node("Relu", {"x"}, "p", "", "com.example") + part(11, value("x", {1, 1, 2, 2})) + part(12, value("p", {1, 4})));
  EXPECT_THROW_SAYING(read(other), "domain \"com.example\"");
  const std::string open = model(node("Flatten", {"x"}, "p") + part(11, value("x", {-1, 3, -1, -1})) + part(12, value("p", {1, 4})));
  EXPECT_THROW_SAYING(read(open), "`image`, C,H,W");
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

/** The nodes with an input "x" of those extents and an output "y". */
std::string net(const std::string& nodes, const std::vector<int64_t>& image) {
  return model(nodes + part(11, value("x", image)) + part(12, value("y", {-1, -1})));
}

TEST(OnnxImporting, RefusesAConstantOfTwoValues) {
  // Extents of one, numbers of the other.
  const std::vector<float> many(40, 1);
  const auto with = [&](const std::string& attributes) {
    return net(node("Constant", {}, "k", attributes) + node("Transpose", {"k"}, "t") + node("Reshape", {"x", "t"}, "y"), {1, 1, 2, 2});
  };
  EXPECT_THROW_SAYING(read(with(reals("value_floats", many) + integer("value_int", 7))), "2 values; a constant has one");
  EXPECT_THROW_SAYING(read(with(integer("value_int", 7) + integers("value_ints", {1, 4}))), "2 values");
  EXPECT_THROW_SAYING(read(with("")), "0 values");
  EXPECT_THROW_SAYING(read(with(integer("value_floats", 1))), "another kind");
  EXPECT_EQ(read(with(integers("value_ints", {1, 4}))).classes.size(), 4u);
}

TEST(OnnxImporting, RefusesAxesThatAreNamedTwiceOrNotAtAll) {
  for (const std::vector<int64_t>& axes : {std::vector<int64_t>{3, 3}, {-1, 3}, {2, -2, 3}})
    EXPECT_THROW_SAYING(
        read(net(node("ReduceMean", {"x"}, "m", integers("axes", axes) + integer("keepdims", 0)) + node("Flatten", {"m"}, "y"),
                 {1, 3, 4, 4})),
        "is named twice");
  for (const std::vector<int64_t>& perm : {std::vector<int64_t>{}, {0}, {0, 1, 2}})
    EXPECT_THROW_SAYING(read(net(node("Transpose", {"x"}, "t", integers("perm", perm)) + node("Flatten", {"t"}, "y"), {1, 3, 4, 4})),
                        "of 4 axes");
}

TEST(OnnxImporting, ReadsAPartOfAConstantsShape) {
  // Shape of k [2, 5, 3, 1], its numbers 1 and 2: 5 and 3.
  const std::string kept = part(5, tensor("k", std::vector<int64_t>{2, 5, 3, 1}, std::vector<float>(30, 1)));
  const std::string shape = node("Shape", {"k"}, "s", integer("start", 1) + integer("end", -1));
  const Checkpoint c =
      read(model(shape + node("Reshape", {"x", "s"}, "y") + kept + part(11, value("x", {5, 3, 1, 1})) + part(12, value("y", {5, 3})), 15));
  EXPECT_EQ(c.classes.size(), 3u);
}

TEST(OnnxImporting, MakesNoConstantsOfMoreThanEightExtents) {
  const auto with = [](const std::string& nodes, const std::string& weights) {
    return net(nodes + node("Reshape", {"x", "y0"}, "y") + weights, {1, 1, 2, 2});
  };
  const std::string one = part(5, whole("k", {1}));
  EXPECT_THROW_SAYING(read(with(node("Reshape", {"k", "s"}, "y0"), one + part(5, whole("s", std::vector<int64_t>(9, 1))))),
                      "9 extents; at most 8");
  EXPECT_THROW_SAYING(read(with(node("Unsqueeze", {"k", "s"}, "y0"), one + part(5, whole("s", {1, 2, 3, 4, 5, 6, 7, 8})))), "9 axes");
  EXPECT_THROW_SAYING(read(with(node("ConstantOfShape", {"s"}, "y0"), part(5, whole("s", std::vector<int64_t>(9, 1))))), "9 extents");
  const std::string cube = node("ConstantOfShape", {"s"}, "c") + node("Cast", {"c"}, "i", integer("to", 7));
  EXPECT_THROW_SAYING(read(with(cube + node("Gather", {"i", "i"}, "y0"), part(5, whole("s", {1, 1, 1, 1, 1})))), "9 extents");
}

TEST(OnnxImporting, RefusesWhatItWouldHaveToHoldButDoesNotRead) {
  EXPECT_THROW_SAYING(read(small() + part(20, part(1, ""))), "training information, which is not read");
  EXPECT_EQ(read(small() + part(25, "")).classes.size(), 3u);
  // Parts are counted wherever they stand.
  std::string many;
  for (int i = 0; i < 600'000; ++i) many += part(1, "");
  const std::string sequence = part(4, part(1, part(4, "")));  // of sequences
  EXPECT_THROW_SAYING(read(net(node("Relu", {"x"}, "y", part(5, part(23, many) + part(22, many))), {1, 1, 2, 2})),
                      "more than 1000000 parts");
  EXPECT_THROW_SAYING(read(net(node("Relu", {"x"}, "y", part(5, part(23, part(1, many) + part(2, many)))), {1, 1, 2, 2})),
                      "more than 1000000 parts");
  std::string types;
  for (int i = 0; i < 250'000; ++i) types += part(15, sequence);
  EXPECT_THROW_SAYING(read(net(node("Relu", {"x"}, "y", part(5, types)), {1, 1, 2, 2})), "more than 1000000 parts");
}

TEST(OnnxImporting, HoldsAMatrixOnceHoweverManyLayersReadIt) {
  std::string layers = node("Flatten", {"x"}, "0");
  constexpr int kLayers = 3000;
  for (int i = 0; i < kLayers; ++i) layers += node("Gemm", {std::to_string(i), "m"}, std::to_string(i + 1));
  const std::vector<float> square(256 * 256, 0.5f);
  const std::string weights = part(5, tensor("m", std::vector<int64_t>{256, 256}, square));
  const Checkpoint c = read(net(layers + node("Identity", {std::to_string(kLayers)}, "y") + weights, {1, 256, 1, 1}));
  EXPECT_EQ(c.tensors.size(), 1u);
}

TEST(OnnxImporting, HoldsAMatrixForEachOrderInWhichFeaturesCome) {
  // 16 features of two channels in a plane of 8, and of four in a plane of 4, both with their channels last.
  const std::vector<float> weight(4 * 2 * 1 * 3, 0.5f);
  std::vector<float> matrix(16 * 3);
  for (size_t i = 0; i < matrix.size(); ++i) matrix[i] = static_cast<float>(i);
  const std::string last = integers("perm", {0, 2, 3, 1});
  const Checkpoint c = read(net(node("Conv", {"x", "w"}, "c") + node("Transpose", {"x"}, "t", last) + node("Transpose", {"c"}, "u", last) +
                                    node("Flatten", {"t"}, "f") + node("Flatten", {"u"}, "g") + node("MatMul", {"f", "m"}, "a") +
                                    node("MatMul", {"g", "m"}, "b") + node("Sum", {"a", "b"}, "y") +
                                    part(5, tensor("w", std::vector<int64_t>{4, 2, 1, 3}, weight)) +
                                    part(5, tensor("m", std::vector<int64_t>{16, 3}, matrix)),
                                {1, 2, 2, 4}));
  std::vector<Tensor> matrices;
  for (const auto& [name, t] : c.tensors)
    if (t.shape() == Shape{3, 16}) matrices.push_back(t);
  ASSERT_EQ(matrices.size(), 2u);
  EXPECT_GT(max_difference(matrices[0], matrices[1]), 0.0f);
}

TEST(OnnxImporting, PaysForThePoolsWindowsBeforeItMakesThem) {
  const auto pool = [](int64_t rows, int64_t columns, const std::vector<int64_t>& pads) {
    const std::string all = integers("kernel_shape", {rows, columns}) + integers("pads", pads) + integers("strides", {1, 1});
    return net(node("AveragePool", {"x"}, "p", all) + node("GlobalAveragePool", {"p"}, "g") + node("Flatten", {"g"}, "y"), {1, 3, 32, 32});
  };
  EXPECT_THROW_SAYING(read(pool(20'000, 20'001, {20'000, 19'000, 20'000, 19'000})), "more constants");
  EXPECT_THROW_SAYING(read(pool(20'000, 20'000, {20'000, 19'000, 20'000, 19'000})), "more constants");
  constexpr int64_t kWide = 1 << 22, kMost = 1 << 30;
  EXPECT_THROW_SAYING(read(pool(1, 2, {0, kWide, 0, kWide})), "more constants");
  EXPECT_THROW_SAYING(read(pool(kMost, kMost - 1, {kMost, kMost, kMost, kMost})), "absurd size");
}

TEST(OnnxImporting, SlicesWithTheStepOfTheAxisThatIsSliced) {
  const auto slice = [](std::vector<int64_t> from, std::vector<int64_t> to, std::vector<int64_t> axes, std::vector<int64_t> steps,
                        const std::vector<int64_t>& image) {
    return read(net(node("Slice", {"x", "from", "to", "axes", "steps"}, "s") + node("Flatten", {"s"}, "y") + part(5, whole("from", from)) +
                        part(5, whole("to", to)) + part(5, whole("axes", axes)) + part(5, whole("steps", steps)),
                    image));
  };
  // x[:, :, ::2, :] of one row takes all columns.
  const Tensor row = pixels({1, 1, 1, 7});
  EXPECT_EQ(max_difference(logits(slice({0}, {99}, {2}, {2}, {1, 1, 1, 7}), row), Tensor({1, 7}, {row.data(), row.data() + 7})), 0.0f);
  // x[:, :, 0:1:5, ::2] takes every second number of the first row.
  const Tensor x = pixels({1, 1, 6, 6});
  EXPECT_EQ(max_difference(logits(slice({0, 0}, {1, 6}, {2, 3}, {5, 2}, {1, 1, 6, 6}), x), Tensor({1, 3}, {x[0], x[2], x[4]})), 0.0f);
  EXPECT_EQ(max_difference(logits(slice({1, 5}, {6, 6}, {2, 3}, {2, 4}, {1, 1, 6, 6}), x), Tensor({1, 3}, {x[11], x[23], x[35]})), 0.0f);
  EXPECT_EQ(max_difference(logits(slice({4, 5}, {6, 6}, {2, 3}, {4, 4}, {1, 1, 6, 6}), x), Tensor({1, 2}, {0, x[29]})), 0.0f);
}

TEST(OnnxImporting, LetsAWindowOverTheWholePlaneDropNoSamples) {
  const std::string whole_plane = integers("kernel_shape", {4, 4}) + integers("strides", {4, 4});
  for (const std::string& pool :
       {node("GlobalMaxPool", {"x"}, "p"), node("MaxPool", {"x"}, "p", whole_plane), node("AveragePool", {"x"}, "p", whole_plane)}) {
    const Checkpoint c = read(net(pool + node("Flatten", {"p"}, "y"), {1, 2, 4, 4}));
    EXPECT_EQ(c.graph.node(c.graph.at("p")).op->options()["stride"], 1);
    EXPECT_EQ(c.classes.size(), 2u);
  }
  // One window because of its stride alone: the same layer with stride 1 has more.
  const std::string first = integers("kernel_shape", {2, 2}) + integers("strides", {4, 4});
  const Checkpoint c = read(net(node("MaxPool", {"x"}, "p", first) + node("Flatten", {"p"}, "y"), {1, 2, 4, 4}));
  EXPECT_EQ(c.graph.node(c.graph.at("p")).op->options()["stride"], 4);
}

TEST(OnnxImporting, ReadsPreprocessingOfLargePictures) {
  const std::vector<float> all{255}, mean{0.4f, 0.5f, 0.6f};
  const Checkpoint c = read(net(node("Div", {"x", "all"}, "a") + node("Sub", {"a", "mean"}, "b") + node("GlobalAveragePool", {"b"}, "g") +
                                    node("Flatten", {"g"}, "y") + part(5, tensor("all", {}, all)) +
                                    part(5, tensor("mean", std::vector<int64_t>{1, 3, 1, 1}, mean)),
                                {1, 3, 2048, 2048}));
  for (const auto& [name, t] : c.tensors) EXPECT_EQ(t.shape(), Shape{3}) << name;
}

TEST(OnnxImporting, RefusesAWayToTheNearestPointThatItDoesNotKnow) {
  const auto resize = [](std::string_view way) {
    const std::string text = part(5, part(1, "nearest_mode") + part(4, way) + number(20, 3));
    const std::vector<float> scales{1, 1, 2, 2};
    return net(
        node("Resize", {"x", "", "s"}, "r", text) + part(5, tensor("s", std::vector<int64_t>{4}, scales)) + node("Flatten", {"r"}, "y"),
        {1, 1, 2, 2});
  };
  EXPECT_NO_THROW(read(resize("floor")));
  EXPECT_THROW_SAYING(read(resize("nearest_ish")),
                      "nearest_mode 'nearest_ish'; round_prefer_floor, round_prefer_ceil, floor, ceil are read");
}

TEST(OnnxImporting, PadsBehindAsTheFileSays) {
  // The same layer with stride 1 is as large as the picture: 8 + 2 − 3 + 1.
  const std::vector<float> weight(9, 1);
  const std::string by_two = integers("strides", {2, 2}) + integers("pads", {0, 0, 2, 2});
  const Checkpoint c = read(net(
      node("Conv", {"x", "w"}, "c", by_two) + node("Flatten", {"c"}, "y") + part(5, tensor("w", std::vector<int64_t>{1, 1, 3, 3}, weight)),
      {1, 1, 8, 8}));
  EXPECT_EQ(c.graph.shape(c.graph.at("c/pad")), (Shape{1, 1, 10, 10}));
  EXPECT_EQ(c.graph.shape(c.graph.at("c")), (Shape{1, 1, 4, 4}));
  const Tensor x = pixels({1, 1, 8, 8});
  EXPECT_NEAR(logits(c, x)[15], x[54] + x[55] + x[62] + x[63], 1e-6);
}

TEST(OnnxImporting, KeepsWhatWideLimitsDoNotCutToTheBit) {
  const std::vector<float> low{-65504}, high{65504}, least{-1e4f}, zero{0}, six{6};
  const auto with = [&](const std::string& nodes) {
    return read(net(nodes + node("Flatten", {"c"}, "y") + part(5, tensor("low", {}, low)) + part(5, tensor("high", {}, high)) +
                        part(5, tensor("least", {}, least)) + part(5, tensor("zero", {}, zero)) + part(5, tensor("six", {}, six)),
                    {1, 1, 4, 4}));
  };
  const auto kind = [](const Checkpoint& c) { return c.graph.node(c.graph.at("c")).op->kind(); };
  Tensor x = pixels({1, 1, 4, 4});
  for (const std::string& nodes : {node("Clip", {"x", "low", "high"}, "c"), node("Max", {"x", "least"}, "c")}) {
    const Checkpoint c = with(nodes);
    EXPECT_EQ(kind(c), "clamp");
    const Tensor y = logits(c, x);
    for (int64_t i = 0; i < 16; ++i) EXPECT_EQ(y[i], x[i]);
  }
  EXPECT_EQ(kind(with(node("Max", {"x", "zero"}, "c"))), "relu");
  EXPECT_EQ(kind(with(node("Clip", {"x", "zero", "six"}, "c"))), "relu6");
}

TEST(OnnxImporting, ReadsCeluWithItsAlpha) {
  constexpr float kAlpha = 0.3f;
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &kAlpha, 4);
  const std::string alpha = part(5, part(1, "alpha") + varint(2 << 3 | 5) + bytes + number(20, 1));
  const auto with = [](const std::string& attributes) {
    return read(net(node("Celu", {"x"}, "c", attributes) + node("Flatten", {"c"}, "y"), {1, 1, 2, 2}));
  };
  const Tensor x({1, 1, 2, 2}, {-0.6f, -0.3f, 0, 2});
  for (const auto& [attributes, a] : {std::pair(std::string(), 1.0), std::pair(alpha, 0.3)}) {
    const Tensor y = logits(with(attributes), x);
    for (int64_t i = 0; i < 2; ++i) EXPECT_NEAR(y[i], a * (std::exp(x[i] / a) - 1), 1e-6) << a;
    EXPECT_EQ(y[2], 0);
    EXPECT_EQ(y[3], 2);
  }
}

/** conv, mean, flatten, and what stands behind. */
std::string pooled(const std::string& rest, const std::string& outputs, int64_t opset = 13) {
  const std::vector<float> weight{1, -1, 0.5f, 2};
  return model(node("Conv", {"x", "w"}, "c") + node("GlobalAveragePool", {"c"}, "g") + node("Flatten", {"g"}, "f") + rest +
                   part(5, tensor("w", std::vector<int64_t>{4, 1, 1, 1}, weight)) + part(11, value("x", {-1, 1, 4, 4})) + outputs,
               opset);
}
std::string one_logit(std::string_view end) {
  const std::vector<float> matrix{1, 2, 3, 4};
  return pooled(node("MatMul", {"f", "m"}, "z") + (end.empty() ? "" : node(end, {"z"}, "p")) +
                    part(5, tensor("m", std::vector<int64_t>{4, 1}, matrix)),
                part(12, value(end.empty() ? "z" : "p", {-1, 1})));
}

TEST(OnnxImporting, MakesTwoClassesOfOneSigmoid) {
  for (const char* end : {"Sigmoid", ""}) {
    const Checkpoint c = read(one_logit(end));
    const Tensor x = pixels({1, 1, 4, 4}), y = logits(c, x);
    EXPECT_EQ(y.shape(), (Shape{1, 2}));
    double mean = 0;
    for (const float v : x.span()) mean += v / 16;
    EXPECT_EQ(y[0], 0);
    EXPECT_NEAR(y[1], mean * (1 - 2 + 1.5 + 8), 1e-5);
    EXPECT_EQ(c.classes, (std::vector<std::string>{"0", "1"}));
    EXPECT_NE(c.notes["onnx"]["remarks"].dump().find("two classes"), std::string::npos);
  }
  EXPECT_THROW_SAYING(read(one_logit("Softmax")), "a Softmax over one number, which is 1 whatever the picture");
}

TEST(OnnxImporting, LeavesASigmoidAtTheEndOutAndSaysSo) {
  const Checkpoint c = read(pooled(node("Sigmoid", {"f"}, "p"), part(12, value("p", {-1, 4}))));
  EXPECT_NE(c.graph.node(c.graph.output).op->kind(), "sigmoid");
  EXPECT_NE(c.notes["onnx"]["left_out"].get<std::string>().find("Sigmoid"), std::string::npos);
  EXPECT_NE(c.notes["onnx"]["remarks"].dump().find("a probability of its own"), std::string::npos);
}

TEST(OnnxImporting, AsksWhichOfSeveralOutputsHasTheClasses) {
  const std::vector<float> matrix(4 * 5, 0.5f);
  const std::string two = pooled(node("MatMul", {"f", "m"}, "logits") + part(5, tensor("m", std::vector<int64_t>{4, 5}, matrix)),
                                 part(12, value("f", {-1, 4})) + part(12, value("logits", {-1, 5})));
  EXPECT_THROW_SAYING(read(two), "it has 2 outputs, \"f\" [?, 4], \"logits\" [?, 5]; say with `output` which one has the classes");
  EXPECT_EQ(read(two, {.output = "logits"}).classes.size(), 5u);
  EXPECT_EQ(read(two, {.output = "f"}).classes.size(), 4u);
  EXPECT_THROW_SAYING(read(two, {.output = "x2"}), "no output \"x2\"; it has \"f\" [?, 4], \"logits\" [?, 5]");
  EXPECT_THROW_SAYING(read(two, {.output = "c"}), "not in a number for each class");
}

TEST(OnnxImporting, JudgesVersionsByTheirOperatorsMeaning) {
  const std::string out = part(12, value("f", {-1, 4}));
  for (const int64_t opset : {6, 21, 22, 25, 27}) EXPECT_FALSE(read(pooled("", out, opset)).notes["onnx"].contains("remarks")) << opset;
  EXPECT_NE(read(pooled("", out, 28)).notes["onnx"]["remarks"].dump().find("version 28"), std::string::npos);
  EXPECT_THROW_SAYING(read(pooled("", out, 5)), "operators of version 5");
}

TEST(OnnxImporting, TellsThatAnExporterHasOverwrittenABias) {
  const auto with = [](std::string_view bias, const std::vector<float>& numbers, std::string_view second) {
    const std::vector<float> weight{1, 2}, other{3, 4};
    return net(node("Relu", {"x"}, "relu") + node("Conv", {"relu", "w", bias}, "a") + node("Conv", {second, "v", bias}, "b") +
                   node("Add", {"a", "b"}, "s") + node("GlobalAveragePool", {"s"}, "g") + node("Flatten", {"g"}, "y") +
                   part(5, tensor("w", std::vector<int64_t>{2, 1, 1, 1}, weight)) +
                   part(5, tensor("v", std::vector<int64_t>{2, 1, 1, 1}, other)) +
                   part(5, tensor(bias, std::vector<int64_t>{static_cast<int64_t>(numbers.size())}, numbers)),
               {1, 1, 4, 4});
  };
  const auto told = [&](const std::string& bytes) {
    return read(bytes).notes["onnx"].dump().find("does not hold the network that was trained") != std::string::npos;
  };
  EXPECT_TRUE(told(with("relu_bias", {0.5f, 1}, "relu")));
  EXPECT_FALSE(told(with("relu_bias", {0, 0}, "relu"))) << "zeros are shared by many";
  EXPECT_FALSE(told(with("relu_bias", {0.5f, 1}, "x"))) << "other inputs";
  EXPECT_FALSE(told(with("other_bias", {0.5f, 1}, "relu"))) << "another name";
  EXPECT_THROW_SAYING(read(with("relu_bias", {1, 2, 3}, "relu")), "pytorch#166797");
}

TEST(OnnxImporting, RefusesWhatIsBothAWeightAndMade) {
  const std::vector<float> weight{1, 2, 3, 4};
  EXPECT_THROW_SAYING(read(pooled(node("Relu", {"f"}, "w"), part(12, value("f", {-1, 4})))), "\"w\" is both a weight and what node");
}

TEST(OnnxImporting, RefusesNetworksOfWholeNumbersInWords) {
  for (const auto& [op, domain] :
       {std::pair("QLinearConv", ""), {"ConvInteger", ""}, {"QGemm", "com.microsoft"}, {"QLinearAdd", "com.microsoft"}})
    EXPECT_THROW_SAYING(read(pooled(node(op, {"f"}, "y", "", domain), part(12, value("y", {-1, 4})))), "export the network in float32");
}

/** A FunctionProto `f(a) = op(a)` of the domain "local". */
std::string function(std::string_view name, const std::string& nodes) {
  return part(25, part(1, name) + part(4, "a") + part(5, "b") + nodes + part(9, number(2, 13)) + part(10, "local"));
}
/** A node where a function has it. */
std::string inside(const std::string& in_a_graph) { return std::string(1, '\x3a') + in_a_graph.substr(1); }

TEST(OnnxImporting, RefusesFunctionsThatNeverEnd) {
  const auto with = [&](const std::string& functions) {
    return pooled(node("F", {"f"}, "y", "", "local"), part(12, value("y", {-1, 4}))) + functions;
  };
  EXPECT_EQ(read(with(function("F", inside(node("Relu", {"a"}, "b")))))
                .graph.node(read(with(function("F", inside(node("Relu", {"a"}, "b"))))).graph.output)
                .op->kind(),
            "relu");
  EXPECT_THROW_SAYING(read(with(function("F", inside(node("F", {"a"}, "b", "", "local"))))), "called more than 16 deep");
  // Ten calls of ten calls of …: the last one makes nothing.
  std::string many;
  for (int i = 0; i < 12; ++i) {
    std::string calls;
    for (int k = 0; k < 10; ++k) calls += inside(node(fmt::format("G{}", i + 1), {"a"}, "b", "", "local"));
    many += function(i == 0 ? "F" : fmt::format("G{}", i), calls);
  }
  EXPECT_THROW_SAYING(read(with(many + function("G12", ""))), "its functions are called more than");
}

TEST(OnnxImporting, SurvivesDamage) {
  const std::string bytes = small();
  const Reader reader = [](std::string_view b) { parse_onnx_network(b, {}, "x"); };
  cut_everywhere(bytes, reader);
  flip_bytes(bytes, reader, 3000, bytes.size());
}

}  // namespace
}  // namespace convscope
