#include "convscope/results/map_quality.h"

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

TEST(QualityOfMapsInWords, CallsALikenessOfAHalfOneThatHardlyChanges) {
  const auto verdict = [](std::vector<double> likeness) { return judged({}, {std::move(likeness), {}}, Judged::by_weights).verdict; };
  EXPECT_EQ(verdict({0.1, 0.2, 0.1}), "changes with the weights");
  EXPECT_EQ(verdict({0.6, 0.7, 0.65}), "hardly changes with the weights");
  EXPECT_EQ(verdict({0.1, 0.9, 0.2}), "hardly changes with the weights");
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
