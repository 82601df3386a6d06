#include "convscope/graph/graph.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/graph/builder.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/passes.h"

namespace convscope {

TEST(GraphFromAFile, IsRefusedWhereItsOptionsAskForMoreMemoryThanThereIs) {
  const auto network = [](int64_t rows) {
    const Json pad = {{"name", "pad"}, {"op", "pad"}, {"options", {{"top", rows}, {"left", rows}}}, {"inputs", {"pixels"}}};
    const Json pixels = {{"name", "pixels"}, {"op", "input"}, {"options", {{"shape", {1, 3, 32, 32}}}}, {"inputs", json_list()}};
    return Json{{"nodes", {pixels, pad}}, {"output", "pad"}};
  };
  EXPECT_NO_THROW(graph_from_json(network(1000), "it"));
  EXPECT_THROW_SAYING(graph_from_json(network(1 << 20), "it"), "pad 'pad': its result [1, 3, 1048608, 1048608] has 3298736212992 numbers");
}

TEST(ForInference, KeepsADropoutThatSomebodyLooksAtUnderItsName) {
  Builder builder({3, 4, 4});
  const Value y = builder.add<ReluOp>("relu", {}, {builder.add<DropoutOp>("drop", {0.5, "drop"}, {builder.pixels()})});
  const Graph graph = std::move(builder).finish(y);
  EXPECT_FALSE(for_inference(graph).find("drop").has_value());
  const Graph kept = for_inference(graph, {"drop"});
  EXPECT_EQ(kept.node(kept.at("drop")).op->kind(), "identity");
}

TEST(ForInference, TakesTheMeanSlopeOfARandomOne) {
  Builder builder({3, 4, 4});
  const Value y = builder.add<RReluOp>("act", {.lower = 0.25, .upper = 0.75, .stream = "act"}, {builder.pixels()});
  const Graph graph = for_inference(std::move(builder).finish(y));
  const auto* leaky = as<LeakyReluOp>(*graph.node(graph.output).op);
  ASSERT_NE(leaky, nullptr);
  EXPECT_EQ(leaky->get().slope, 0.5);
}

namespace {

/** A convolution, what `then` puts behind it and the logits. */
Graph behind_a_convolution(const std::function<Value(Builder&, Value)>& then) {
  Builder builder({3, 4, 4});
  const Value x = builder.add<Conv2dOp>("conv", {}, {builder.pixels(), builder.parameter("weight", {5, 3, 1, 1}, "zeros")});
  const Value y = then(builder, x);
  return std::move(builder).finish(builder.add<FlattenOp>("flatten", {}, {y}));
}

std::vector<std::string> kinds(const Graph& graph) {
  std::vector<std::string> all;
  for (const Node& node : graph.nodes()) all.emplace_back(node.op->kind());
  return all;
}

}  // namespace

TEST(FuseElementwise, TakesEveryActivationIntoTheNodeBeforeIt) {
  each_activation([]<typename T>() {
    const Graph graph = fuse_elementwise(behind_a_convolution([](Builder& b, Value x) { return b.add<T>("act", {}, {x}); }), {});
    EXPECT_EQ(kinds(graph), (std::vector<std::string>{"input", "parameter", "conv2d", "flatten"}));
    EXPECT_EQ(as<Conv2dOp>(*graph.node(graph.at("act")).op)->get().activation, T(typename T::Options{}).activation());
  });
}

TEST(FuseElementwise, LeavesWhatSomebodyLooksAtAndKindsThatStayApart) {
  const Graph graph = behind_a_convolution([](Builder& b, Value x) { return b.add<TanhOp>("act", {}, {x}); });
  const std::vector<std::string> as_it_was = kinds(graph);
  EXPECT_EQ(kinds(fuse_elementwise(graph, {"conv"})), as_it_was);
  EXPECT_EQ(kinds(fuse_elementwise(graph, {}, {"tanh"})), as_it_was);
  EXPECT_EQ(kinds(fuse_elementwise(graph, {}, {"conv2d"})), as_it_was);
  EXPECT_NE(kinds(fuse_elementwise(graph, {"act"}, {"relu"})), as_it_was);
}

TEST(PartPerturbations, MakesTheMapsWhoseActivationIsToBeSeen) {
  for (const std::string act : {"relu", "tanh", "rrelu", "prelu"}) {
    const Graph graph = behind_a_convolution([&](Builder& b, Value x) {
      std::vector<Value> inputs{x, b.parameter("masks", {5, 3, 4, 4}, "zeros"), b.parameter("mix.weight", {10, 3, 1, 1}, "zeros"),
                                b.parameter("mix.bias", {10}, "zeros")};
      if (act == "prelu") inputs.push_back(b.parameter("slope", {1}, "zeros"));
      return b.add<PerturbMixOp>("mix", {.level = 0.75, .act = act, .stream = "mix"}, inputs);
    });
    EXPECT_EQ(kinds(part_perturbations(graph, {"clamp"})), kinds(graph));
    const Graph parted = part_perturbations(graph, {act});
    EXPECT_EQ(parted.node(parted.at("mix")).op->kind(), "conv2d");

    std::map<std::string, Tensor> numbers;
    for (const Node& node : graph.nodes())
      if (node.inputs.empty()) {
        Tensor t(node.shapes[0]);
        for (int64_t i = 0; i < t.size(); ++i) t[i] = RandomStream(1, node.name).normal(static_cast<uint64_t>(i));
        numbers.emplace(node.name, std::move(t));
      }
    const auto mix = [&](const Graph& g) { return testing_graph::in(testing_graph::walk(g, numbers), g.at("mix")); };
    EXPECT_LE(max_difference(mix(parted), mix(graph)), 1e-5f) << act;
  }
}

}  // namespace convscope
