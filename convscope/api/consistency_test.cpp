#include "convscope/api/consistency.h"

#include <algorithm>
#include <cmath>

#include "convscope/api/api_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/graph/builder.h"
#include "convscope/nn/linear.h"
#include "convscope/results/run_folder.h"

namespace convscope {
namespace {

/** A sum of some hundred shares. */
constexpr double kSum = 1e-9;

/** Says 1 where the upper left pixel is bright, 0 otherwise. */
Network corner_watcher(int64_t side) {
  Builder graph({1, side, side});
  const Value y = Linear({.features = 2}).build(graph, "linear", graph.pixels());
  Network network{std::move(graph).finish(y), {}, {"dark", "bright"}, {}, "corner"};
  Tensor weight({2, side * side}), bias({2});
  weight[side * side] = 10;
  bias[1] = -5;
  network.tensors = {{"linear.weight", weight}, {"linear.bias", bias}};
  return network;
}

/** One picture, black but for one pixel. */
Pictures dot_at(int64_t side, int64_t row, int64_t column) {
  Tensor x({1, 1, side, side});
  x[row * side + column] = 1;
  return {x, {0}, {"dark", "bright"}, "a dot"};
}

TEST(Consistency, CountsTheShiftsAtWhichAnAnswerChanges) {
  // Of nine shifts one brings the dot at (1, 1) into the corner.
  const Consistency c = measure_consistency(corner_watcher(5), dot_at(5, 1, 1), {.shifts = 1}).consistency;
  EXPECT_NEAR(c.circular, 8.0 / 9, kSum);
  EXPECT_EQ(c.worst, 0);
  EXPECT_EQ(c.accuracy, 1);
  EXPECT_NEAR(c.shifted_accuracy, 8.0 / 9, kSum);
  EXPECT_EQ(c.worst_accuracy, 0);
  ASSERT_EQ(c.by_shift.size(), 3u);
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j) EXPECT_EQ(c.by_shift[i][j], i == 0 && j == 0 ? 0 : 1) << i << " " << j;
  // σ(5) against σ(−5) of being dark, at one shift of nine.
  EXPECT_NEAR(c.confidence_change, (1 / (1 + std::exp(-5.0)) - 1 / (1 + std::exp(5.0))) / 9, 1e-6);
}

TEST(Consistency, MovesInACircleAndCropsFromReflections) {
  // At (4, 4) of 5 × 5 the dot comes into the corner by going round; no reflection of it lies within a pixel.
  const Consistency c = measure_consistency(corner_watcher(5), dot_at(5, 4, 4), {.shifts = 1}).consistency;
  EXPECT_NEAR(c.circular, 8.0 / 9, kSum);
  EXPECT_EQ(c.crop, 1);
  // At (1, 1) it is in the corner of four of nine crops: its own place and three reflections. Two draws agree by 25 + 16 of 81.
  const Consistency r = measure_consistency(corner_watcher(5), dot_at(5, 1, 1), {.shifts = 1, .shift_draws = 3000}).consistency;
  EXPECT_NEAR(r.crop, 41.0 / 81, 0.03);
}

TEST(Consistency, EveryOtherShiftIsFewer) {
  const Consistency c = measure_consistency(corner_watcher(6), dot_at(6, 2, 2), {.shifts = 2, .shift_step = 2}).consistency;
  ASSERT_EQ(c.by_shift.size(), 3u);
  EXPECT_EQ(c.by_shift[0][0], 0);
  EXPECT_NEAR(c.circular, 8.0 / 9, kSum);
}

TEST(Consistency, WantsStepsThatReachTheFarthestShift) {
  EXPECT_THROW_SAYING(measure_consistency(corner_watcher(6), dot_at(6, 2, 2), {.shifts = 3, .shift_step = 2}), "a divisor of `shifts` 3");
  EXPECT_THROW_SAYING(measure_consistency(corner_watcher(6), dot_at(6, 2, 2), {.shifts = 1, .shift_step = 2}), "`shift_step` 2");
}

TEST(Consistency, OfAdaptiveSamplingIsWhole) {
  Network network = open_or_make_network("resnet20,downsample=aps", {.task = {.image = "3,16,16", .classes = 5}}, 2);
  Tensor x({6, 3, 16, 16});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = RandomStream(9, "pictures").uniform(static_cast<uint64_t>(i));
  const Pictures pictures(x, {0, 1, 2, 3, 4, 0}, network.classes, "noise");
  const Consistency c = measure_consistency(network, pictures, {.shifts = 3}).consistency;
  EXPECT_EQ(c.circular, 1);
  EXPECT_EQ(c.worst, 1);
  EXPECT_LT(c.worst_interval_95[0], 1) << "six images do not prove it";
  EXPECT_NEAR(c.confidence_change, 0, 1e-5);
  EXPECT_EQ(c.classes.size(), 5u);
}

TEST(Consistency, IsKeptWithItsFigure) {
  TemporaryFolder folder;
  const SmallWorld world;
  const ConsistencyRecord record = measure_consistency(world.network, world.pictures(), {.shifts = 1}, folder / "out");
  EXPECT_EQ(read_json(folder / "out" / kConsistency)["consistency"]["circular"], record.consistency.circular);
  for (const char* file : {"figures/consistency.svg", "figures/consistency.png", "figures/consistency.csv"})
    EXPECT_TRUE(std::filesystem::exists(folder / "out" / file)) << file;
  EXPECT_THROW_SAYING(measure_consistency(world.network, world.pictures(), {.shifts = -1}), "`shifts` -1");
}

}  // namespace
}  // namespace convscope
