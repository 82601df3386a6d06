#include "convscope/results/significance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace convscope {
namespace {

/** scipy.stats.t.sf(t, freedom) · 2. */
TEST(TwoSidedT, IsAsTablesHaveIt) {
  EXPECT_NEAR(two_sided_t(2.776445105, 4), 0.05, 1e-9);
  EXPECT_NEAR(two_sided_t(-2.776445105, 4), 0.05, 1e-9);
  EXPECT_NEAR(two_sided_t(1, 1), 0.5, 1e-12);
  EXPECT_NEAR(two_sided_t(1.959963985, 1e8), 0.05, 1e-7);
  EXPECT_NEAR(two_sided_t(12, 9), 7.699886223e-07, 1e-15);
  EXPECT_EQ(two_sided_t(0, 3), 1);
}

/** scipy.stats.ttest_ind(a, b, equal_var=False). */
TEST(WelchsTest, IsAsScipyHasIt) {
  const std::vector<double> a{0.6, 0.7, 0.65, 0.8}, b{0.4, 0.5, 0.55, 0.35, 0.45};
  EXPECT_NEAR(welch_test(a, b), 0.004628941024699778, 1e-10);
  EXPECT_EQ(welch_test(a, a), 1);
  const std::vector<double> ones{1, 1}, noughts{0, 0}, one{1};
  EXPECT_EQ(welch_test(ones, ones), 1);
  EXPECT_EQ(welch_test(ones, noughts), 0);
  EXPECT_TRUE(std::isnan(welch_test(one, ones)));
}

}  // namespace
}  // namespace convscope
