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
}  // namespace
}  // namespace convscope
