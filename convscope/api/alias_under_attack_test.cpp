#include "convscope/api/alias_under_attack.h"

#include <algorithm>

#include "convscope/api/alias.h"
#include "convscope/api/api_testing.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/results/run_folder.h"

namespace convscope {
namespace {

class AliasingUnderAttack : public ::testing::Test, protected SmallWorld {
 protected:
  AliasingUnderAttack() : SmallWorld("lenet,width=4") {}
  AliasingCurve sweep(const char* name, UnderAttackOptions options) {
    options.attack = parse_choice("pgd,steps=10");
    return alias_under_attack(folder / name, network, pictures(), options, {});
  }

  TemporaryFolder folder;
};

TEST_F(AliasingUnderAttack, BeginsWithTheImagesAsTheyAre) {
  const AliasingCurve curve = sweep("a", {.epsilons = {0, 0.1}});
  ASSERT_EQ(curve.points.size(), 2u);
  EXPECT_EQ(curve.points[0].accuracy, 25.0 / 30) << "every sixth has another label";
  EXPECT_LT(curve.points[1].accuracy, curve.points[0].accuracy);
  const Aliased clean = alias(network, pictures(), {}, folder / "clean");
  const AliasingNumbers numbers(folder / "clean" / kAliasing, clean.record);
  std::vector<double> shares;
  for (int64_t n = 0; n < kCount; ++n) {
    double sum = 0;
    for (int64_t s = 0; s < numbers.signals(); ++s) sum += numbers.at(n, s).published.aliased + numbers.at(n, s).published.tangled;
    shares.push_back(sum / static_cast<double>(numbers.signals()));
  }
  std::sort(shares.begin(), shares.end());
  EXPECT_NEAR(curve.points[0].median, shares[kCount / 2], 1e-6);
  EXPECT_NEAR(curve.points[0].low, shares.front(), 1e-6);
  EXPECT_NEAR(curve.points[0].high, shares.back(), 1e-6);
}

TEST_F(AliasingUnderAttack, KeepsSignalsFeaturesAndIntervalsOfEachEpsilon) {
  const AliasingCurve curve =
      sweep("kept", {.epsilons = {0, 0.1}, .look = {.save = "layerwise", .save_signals = true, .save_features = true, .maps = 0}});
  for (const char* epsilon : {"0", "0.1"}) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "kept" / "under-attack" / epsilon))
      names.push_back(entry.path().filename().string());
    for (const char* file : {"layerwise.npy", "00-00029.npy", "features.npy"})
      EXPECT_NE(std::find(names.begin(), names.end(), file), names.end()) << file;
  }
  const AliasingCurvePoint& p = curve.points.back();
  EXPECT_LE(p.accuracy_interval_95[0], p.accuracy);
  EXPECT_GT(p.accuracy_interval_95[1], p.accuracy);
  EXPECT_GE(p.top5_accuracy, p.accuracy);
  EXPECT_LE(p.legacy_low, p.legacy_median);
  EXPECT_LE(p.legacy_median, p.legacy_high);
}

TEST_F(AliasingUnderAttack, RefusesWhatMakesNoSense) {
  EXPECT_THROW_SAYING(sweep("a", {.epsilons = {0.1, 0}}), "each larger than the one before");
  EXPECT_THROW_SAYING(sweep("a", {.epsilons = {}}), "`epsilon` is missing");
  EXPECT_THROW_SAYING(sweep("a", {.look = {.accounting = "legacy"}}), "`accounting` legacy");
}

TEST_F(AliasingUnderAttack, GoesOnBehindItsLastPointToTheSameCurve) {
  const std::vector<double> epsilons{0, 0.02, 0.1};
  const Json whole = fields_to_json(sweep("whole", {.epsilons = epsilons}));
  UnderAttackOptions first{.epsilons = {0, 0.02}}, all = first;
  all.epsilons = epsilons;
  int points = 0;
  all.done = [&](const AliasingCurvePoint&) { ++points; };
  (void)sweep("parts", first);
  EXPECT_EQ(fields_to_json(sweep("parts", all)), whole);
  EXPECT_EQ(points, 1);
  all.epsilons = {0, 0.05, 0.1};
  const AliasingCurve between = sweep("parts", all);
  ASSERT_EQ(between.points.size(), 4u) << "one between two others";
  for (size_t i = 1; i < between.points.size(); ++i) EXPECT_GT(between.points[i].epsilon, between.points[i - 1].epsilon);
  network.name = "another";
  EXPECT_THROW_SAYING(sweep("parts", all), "is there already");
}

}  // namespace
}  // namespace convscope
