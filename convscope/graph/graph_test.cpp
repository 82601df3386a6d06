#include "convscope/graph/graph.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/graph/builder.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/passes.h"

namespace convscope {

TEST(GraphFromAFile, IsRefusedWhereItsOptionsAskForMoreMemoryThanThereIs) {
  const auto network = [](int64_t rows) {
    const Json pad = {{"name", "pad"}, {"op", "pad"}, {"options", {{"top", rows}, {"left", rows}}}, {"inputs", {"pixels"}}};
    const Json pixels = {{"name", "pixels"}, {"op", "input"}, {"options", {{"shape", {1, 3, 32, 32}}}}, {"inputs", Json::array()}};
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

}  // namespace convscope
