#include "convscope/subject/receptive_field.h"

#include <gtest/gtest.h>

#include "convscope/graph/builder.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/models/model.h"

namespace convscope {
namespace {

TEST(ReceptiveFields, GrowByTheWindowsOnTheWay) {
  const Graph graph = models().make("scratch")->build({3, 32, 32}, 10);
  // conv 3×3 pad 1, conv, pool 2: the third convolution sees 1 + 2 + 2 + 1 + 4 = 10 rows in steps of 2.
  EXPECT_EQ(receptive_field(graph, "pixels"), (ReceptiveField{1, 0, 0}));
  EXPECT_EQ(receptive_field(graph, "conv1"), (ReceptiveField{1, -1, 1}));
  EXPECT_EQ(receptive_field(graph, "conv2"), (ReceptiveField{1, -2, 2}));
  EXPECT_EQ(receptive_field(graph, "conv3"), (ReceptiveField{2, -4, 5}));
  EXPECT_EQ(receptive_field(graph, "conv3")->at(3), (Reach{2, 11}));
  EXPECT_FALSE(receptive_field(graph, graph.name(graph.output)).has_value());
}

TEST(ReceptiveFields, OfBranchesAreTheWidest) {
  const Graph graph = models().make("resnet20")->build({3, 32, 32}, 10);
  EXPECT_EQ(receptive_field(graph, "layer1.0.conv2"), (ReceptiveField{1, -3, 3}));
  EXPECT_EQ(receptive_field(graph, "layer1.1.conv1"), (ReceptiveField{1, -4, 4}));
  const auto strided = receptive_field(graph, "layer2.0.conv1");
  ASSERT_TRUE(strided.has_value());
  EXPECT_EQ(strided->step, 2);
}

TEST(ReceptiveFields, MoveWithWhatIsPutAroundAndCutOff) {
  Builder graph({3, 9, 9});
  const Value padded = graph.add<PadOp>("pad", {.top = 2, .bottom = 1, .left = 1}, {graph.pixels()});
  const Value cut = graph.add<CropOp>("crop", {.top = 3, .left = 3, .rows = 5, .columns = 5}, {padded});
  const Graph made = std::move(graph).finish(cut);
  EXPECT_EQ(receptive_field(made, "pad"), (ReceptiveField{1, -2, -1}));  // row i sees row i − 2, column i sees column i − 1
  EXPECT_EQ(receptive_field(made, "crop"), (ReceptiveField{1, 1, 2}));
}

}  // namespace
}  // namespace convscope
