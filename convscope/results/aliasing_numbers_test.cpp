#include "convscope/results/aliasing_numbers.h"

#include "convscope/base/base_testing.h"
#include "convscope/results/aliasing_curve.h"

namespace convscope {
namespace {

constexpr double kSum = 1e-6;  // of four shares in floats

TEST(LegacyAccounting, CountsWhatIsAliasedTwiceAndCanBeUndone) {
  const AliasingShares once{0.1, 0.25, 0.3, 0.35}, twice = legacy_of(once);
  EXPECT_NEAR(twice.aliased, 0.2, kSum);
  EXPECT_NEAR(twice.no_pass, 0.6 / 1.25, kSum);
  EXPECT_NEAR(twice.non_aliased + twice.aliased + twice.tangled + twice.no_pass, 1, kSum);
  const AliasingShares again = exclusive_of(twice);
  EXPECT_NEAR(again.no_pass, once.no_pass, kSum);
  EXPECT_NEAR(again.aliased, once.aliased, kSum);
}

TEST(MeanShares, WeighAllTheSame) {
  const AliasingShares two[] = {{0.1, 0.2, 0.3, 0.4}, {0.3, 0.2, 0.1, 0.4}};
  EXPECT_NEAR(mean_shares(two).non_aliased, 0.2, kSum);
  EXPECT_NEAR(mean_shares(two).no_pass, 0.4, kSum);
}

TEST(AliasingCurves, AreReadAsTheyWereWrittenAndOrderedByEpsilon) {
  AliasingCurve curve;
  curve.attack = "pgd";
  curve.network.name = "a network";
  curve.data.name = "pictures";
  curve.images = 100;
  for (const double epsilon : {0.0, 0.0001, 0.001}) curve.points.push_back({.epsilon = epsilon});
  Json j = fields_to_json(curve);
  EXPECT_EQ(fields_to_json(record_from_json<AliasingCurve>(j, "curve.json")), j);
  j["points"][1]["epsilon"] = 0;
  EXPECT_THROW_SAYING(record_from_json<AliasingCurve>(j, "curve.json"), "curve.json");
}

}  // namespace
}  // namespace convscope
