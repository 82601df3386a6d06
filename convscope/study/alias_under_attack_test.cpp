#include "convscope/study/alias_under_attack.h"

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
  network.name = "another";
  EXPECT_THROW_SAYING(sweep("parts", all), "is there already");
}

}  // namespace
}  // namespace convscope
