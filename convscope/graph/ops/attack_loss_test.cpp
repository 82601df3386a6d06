#include "convscope/graph/ops/attack_loss.h"

#include <cmath>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

const std::vector<float> kLogits{1.0f, 4.0f, 2.5f, -1.0f, 3.0f};

TEST(AttackLosses, AreTheirFormulas) {
  double others = 0;
  for (const size_t y : {0u, 2u, 3u, 4u}) others += std::exp(kLogits[y]);
  EXPECT_NEAR(attack_loss("log-odds", kLogits, {1, 1}), std::log(others) - 4, 1e-6);
  EXPECT_NEAR(attack_loss("margin", kLogits, {1, 1}), -1, 1e-6);
  EXPECT_NEAR(attack_loss("margin", kLogits, {0, 3}), -2, 1e-6);
  EXPECT_NEAR(attack_loss("dlr", kLogits, {1, 1}), (3.0 - 4.0) / (4.0 - 2.5), 1e-6);
  EXPECT_NEAR(attack_loss("dlr", kLogits, {1, 0}), (1.0 - 4.0) / (4.0 - (2.5 + 1.0) / 2), 1e-6);
}

TEST(AttackLosses, OfDlrDoNotChangeWithTheScale) {
  std::vector<float> large = kLogits;
  for (float& v : large) v *= 1000;
  for (const ClassPair classes : {ClassPair{1, 1}, {2, 2}, {1, 3}})
    EXPECT_NEAR(attack_loss("dlr", large, classes), attack_loss("dlr", kLogits, classes), 1e-9);
}

TEST(AttackLosses, OfLogOddsDoNotVanishWhereSoftmaxIsOne) {
  const std::vector<float> sure{0.0f, 1000.0f, 1.0f};
  const std::vector<double> slope = attack_loss_slope("log-odds", sure, {1, 1});
  EXPECT_EQ(slope[1], -1);
  EXPECT_NEAR(slope[0], 1 / (1 + std::exp(1)), 1e-6);
  EXPECT_NEAR(slope[2], 1 - slope[0], 1e-6);
}

TEST(AttackLosses, HaveTheSlopesOfTheirValues) {
  for (const char* of : {"log-odds", "margin", "dlr"})
    for (const ClassPair classes : {ClassPair{1, 1}, {0, 0}, {1, 3}, {4, 0}, {2, 1}}) {
      if (of == std::string("log-odds") && classes.aims()) continue;
      const std::vector<double> slope = attack_loss_slope(of, kLogits, classes);
      for (size_t y = 0; y < kLogits.size(); ++y) {
        constexpr float kStep = 1.0f / 256;
        std::vector<float> up = kLogits, down = kLogits;
        up[y] += kStep;
        down[y] -= kStep;
        EXPECT_NEAR((attack_loss(of, up, classes) - attack_loss(of, down, classes)) / (2 * kStep), slope[y], 1e-4) << of << " " << y;
      }
    }
}

TEST(AttackLosses, TellPairsFromLabels) {
  for (const ClassPair classes : {ClassPair{0, 0}, {3, 1}, {6, 6}}) {
    const ClassPair again = classes_of("margin", label_of("margin", classes, 7), 7);
    EXPECT_EQ(again.own, classes.own);
    EXPECT_EQ(again.target, classes.target);
  }
  EXPECT_EQ(label_of("log-odds", {3, 3}, 7), 3);
}

}  // namespace
}  // namespace convscope
