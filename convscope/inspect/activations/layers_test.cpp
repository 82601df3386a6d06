#include "convscope/inspect/activations/layers.h"

#include "convscope/base/base_testing.h"
#include "convscope/graph/builder.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {
namespace {

class Layers : public ::testing::Test {
 protected:
  Value conv(Builder& b, const std::string& name, Value x, int64_t filters) {
    const Value weight = b.parameter(name + ".weight", {filters, b.shape(x)[1], 3, 3}, "zeros");
    return b.add<Conv2dOp>(name, {.pad = 1}, {x, weight});
  }
  /** conv1 → relu1 → conv2 → add to relu1 → relu2 → flatten → linear. */
  Graph network() {
    Builder b({3, 4, 4});
    const Value first = b.add<ReluOp>("relu1", {}, {conv(b, "conv1", b.pixels(), 5)});
    const Value sum = b.add<AddOp>("add", {}, {first, conv(b, "conv2", first, 5)});
    const Value flat = b.add<FlattenOp>("flatten", {}, {b.add<ReluOp>("relu2", {}, {sum})});
    return std::move(b).finish(
        b.add<LinearOp>("linear", {}, {flat, b.parameter("linear.weight", {2, 80}, "zeros"), b.parameter("linear.bias", {2}, "zeros")}));
  }
};

TEST_F(Layers, OfConvolutionsAnswerByTheActivationBehindThem) {
  const Graph graph = network();
  EXPECT_EQ(answer_of_convolution(graph, Which::first), "relu1");
  EXPECT_EQ(answer_of_convolution(graph, Which::last), "relu2");
  EXPECT_EQ(where_in_network(graph, "relu1"), "relu behind conv1, before conv2 and add");
  EXPECT_EQ(where_in_network(graph, "relu2"), "relu behind conv2, before flatten");
  EXPECT_EQ(where_in_network(graph, "pixels"), "the pixels");
}

TEST_F(Layers, WithoutAnActivationAnswerThemselves) {
  Builder b({3, 4, 4});
  const Value one = conv(b, "one", b.pixels(), 2);
  const Value two = b.add<ReluOp>("relu", {}, {conv(b, "two", one, 2)});
  EXPECT_EQ(answer_of_convolution(std::move(b).finish(b.add<FlattenOp>("flatten", {}, {two})), Which::first), "one");
}

TEST_F(Layers, HaveFiltersAsPictures) {
  const Graph graph = network();
  EXPECT_EQ(layers_with_weights(graph), (std::vector<std::string>{"conv1", "conv2", "linear"}));
  for (const std::string name : {"conv2", "conv2.weight"}) {
    EXPECT_EQ(filters_of(graph, name).parameter, "conv2.weight");
    EXPECT_EQ(filters_of(graph, name).layer, "conv2");
  }
  EXPECT_TRUE(filters_of(graph, "conv1").on_pixels);
  EXPECT_FALSE(filters_of(graph, "conv2").on_pixels);
  EXPECT_EQ(filters_of(graph, "linear").shape, (Shape{2, 5, 4, 4})) << "the picture that was flattened";
  EXPECT_THROW_SAYING(filters_of(graph, "relu1"), "known: conv1, conv2, linear");
}

TEST_F(Layers, OfNoSuchNameShowTheNearest) {
  const Graph graph = network();
  EXPECT_EQ(require_layer(graph, "relu2"), "relu2");
  EXPECT_THROW_SAYING(require_layer(graph, "rleu2"), "did you mean 'relu2'?");
  EXPECT_THROW_SAYING(require_layer(graph, "conv1.weight"), "not made of the pixels");
}

}  // namespace
}  // namespace convscope
