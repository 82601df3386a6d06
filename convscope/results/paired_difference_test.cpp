#include "convscope/results/paired_difference.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

constexpr double kThreeDigits = 5e-4;  // tables print three digits
constexpr double kApproval = 3.715936139571e-05;

TEST(McNemar, GivesThePublishedNumbers) {
  // Airway hyper-responsiveness before and after transplantation, 21 children (Bentur et al. 2009): exact p = 0.070, in Fagerland, Lydersen
  // and Laake 2013, table 2; the interval in the same authors' 2014 article.
  const PairedCounts children{1, 1, 7, 12};
  EXPECT_NEAR(mcnemar_p(children), 0.0703125, 1e-12);  // 2 (1 + 8) / 2⁸
  EXPECT_NEAR(children.difference(), -0.286, kThreeDigits);
  EXPECT_NEAR(paired_interval(children)[0], -0.508, kThreeDigits);
  EXPECT_NEAR(paired_interval(children)[1], -0.013, kThreeDigits);
}

TEST(McNemar, IsThatOfR) {
  // The approval ratings of Agresti 1990, p. 350, R's example(mcnemar.test); binom.test(86, 236)$p.value, by whole numbers in Python:
  // 2 * sum(comb(236, k) for k in range(87)) / 2**236.
  EXPECT_NEAR(mcnemar_p({794, 150, 86, 570}) / kApproval, 1, 1e-9);
}

TEST(McNemar, IsTheSameFromBothSidesAndOneWhereNothingDiffers) {
  EXPECT_EQ(mcnemar_p({5, 3, 9, 1}), mcnemar_p({500, 9, 3, 100}));
  EXPECT_EQ(mcnemar_p({5, 4, 4, 1}), 1);
  EXPECT_EQ(mcnemar_p({5, 0, 0, 1}), 1);
  EXPECT_EQ(mcnemar_p({}), 1);
  EXPECT_GE(mcnemar_p({0, 40'000, 1, 0}), 0);  // no overflow on the way
}

TEST(PairedInterval, HoldsTheDifferenceAndStaysWithinItsRange) {
  for (const PairedCounts& c : {PairedCounts{10, 5, 3, 2}, PairedCounts{0, 0, 0, 9}, PairedCounts{900, 60, 10, 30}}) {
    const auto [low, high] = paired_interval(c);
    EXPECT_LE(low, c.difference());
    EXPECT_GE(high, c.difference());
  }
  EXPECT_GE(paired_interval({0, 0, 2, 0})[0], -1);
  EXPECT_EQ(paired_interval({}), (std::array<double, 2>{-1, 1}));
}

}  // namespace
}  // namespace convscope
