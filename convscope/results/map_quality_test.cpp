#include "convscope/results/map_quality.h"

#include <cmath>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

MapQuality lower(std::vector<double> method, const std::vector<double>& random, const std::vector<double>& others) {
  MapQuality told;
  told.metric = "deletion";
  told.better = "lower";
  return judged(told, {std::move(method), {random, others, others}}, Judged::against_controls);
}

TEST(QualityOfMapsInWords, IsBetterByTwoStandardErrorsOfThePairedDifference) {
  // The differences are 0.1, 0.1, 0.1 and 0.2: mean 0.125, standard error 0.025.
  const MapQuality q = lower({0.1, 0.5, 0.9, 0.3}, {0.2, 0.6, 1.0, 0.5}, {0.2, 0.6, 1.0, 0.5});
  EXPECT_EQ(q.verdict, "better than all controls");
  EXPECT_NEAR(q.value, 0.45, 1e-12);
  EXPECT_NEAR(q.controls.random, 0.575, 1e-12);
  ASSERT_EQ(q.interval.size(), 2u);
  // 0.1, 0.1, 0.1 and −0.1: mean 0.05, standard error 0.05.
  EXPECT_EQ(lower({0.1, 0.5, 0.9, 0.3}, {0.2, 0.6, 1.0, 0.2}, {1, 1, 1, 1}).verdict, "no better than noise");
  EXPECT_EQ(lower({0.1, 0.1}, {0.1, 0.1}, {0.0, 0.0}).verdict, "no better than noise and the centre and a random network");
  EXPECT_EQ(lower({0.1}, {0.9}, {0.9}).verdict, "one image: not judged");
}

TEST(QualityOfMapsInWords, TellsWhetherMapsChangeWithTheWeightsByWhereTheirLikenessEnds) {
  const auto told = [](std::vector<double> end) {
    const std::vector<double> first(end.size(), 0.9);
    return judged({}, {first, {}, {{{first, end}, {{0.0, 0.02}}, {{1.0}}, {{0.4, 0.2}}}}}, Judged::by_weights);
  };
  EXPECT_EQ(told({0.1, 0.12, 0.11}).verdict, "changes with the weights");
  EXPECT_EQ(told({0.1, 0.3, 0.1}).verdict, "partly changes with the weights") << "0.17, but two standard errors reach above 0.2";
  EXPECT_EQ(told({0.38, 0.40, 0.39}).verdict, "partly changes with the weights");
  EXPECT_EQ(told({0.6, 0.7, 0.65}).verdict, "hardly changes with the weights");
  EXPECT_EQ(told({0.1, 0.9, 0.2}).verdict, "hardly changes with the weights");
  const MapQuality q = told({0.1, 0.12, 0.11});
  EXPECT_EQ(q.curve, (std::vector<double>{0.9, 0.11}));
  EXPECT_NEAR(q.curve_ends->random_network, 0.3, 1e-12);
  EXPECT_EQ(curve_text(q), "ends at 0.110 with all layers drawn anew; of noise at 0.010, of a random network at 0.300");
  EXPECT_EQ(curve_text({}), "");
  Json before = fields_to_json(q);
  before.erase("curve");
  before.erase("curve_ends");
  EXPECT_EQ(curve_text(record_from_json<MapQuality>(before, "a record of before")), "") << "it did not have the curve";
}

TEST(QualityOfMapsInWords, HasAnIntervalOfWhatTheMeanCanBe) {
  const MapQuality q = judged({}, {{0.9, 1.0}, {}}, Judged::not_at_all, kShares);
  EXPECT_EQ(q.interval[1], 1);
  EXPECT_GT(judged({}, {{0.9, 1.0}, {}}, Judged::not_at_all).interval[1], 1);
}

TEST(QualityOfMapsInWords, LeavesOutImagesWithoutANumberAndCountsThem) {
  const auto told = [](std::vector<double> values) { return judged({}, {std::move(values), {}}, Judged::not_at_all); };
  const MapQuality q = told({0.5, kUnknown, 0.7});
  EXPECT_NEAR(q.value, 0.6, 1e-12);
  EXPECT_EQ(q.verdict, "not defined of 1 of 3 images, whose map is zero");
  EXPECT_EQ(told({0.5, 0.7}).verdict, "");
  EXPECT_TRUE(std::isnan(told({kUnknown, kUnknown}).value));
}

TEST(QualityOfMapsInWords, GathersWhatHasTheSameVerdict) {
  MapQuality a, b, c, d;
  a.metric = "deletion", b.metric = "insertion", c.metric = "road", d.metric = "sparseness";
  a.verdict = c.verdict = "better than all controls";
  b.verdict = "no better than the centre";
  EXPECT_EQ(quality_text(std::vector<MapQuality>{a, b, c, d}),
            "better than all controls (deletion, road); no better than the centre (insertion)");
}

}  // namespace
}  // namespace convscope
