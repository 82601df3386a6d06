#include "convscope/results/correlation.h"

#include <cmath>
#include <limits>
#include <vector>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

using Numbers = std::vector<double>;

TEST(RankCorrelation, LooksAtRanksAlone) {
  const Numbers a{1, 2, 3, 4, 5}, steep{1, 8, 27, 64, 125}, down{9, 7, 5, 3, 1};
  EXPECT_DOUBLE_EQ(rank_correlation(a, steep), 1);
  EXPECT_DOUBLE_EQ(rank_correlation(a, down), -1);
  Numbers one, other;
  for (uint64_t i = 0; i < 2000; ++i) {
    one.push_back(RandomStream(1, "values").normal(i));
    other.push_back(RandomStream(2, "values").normal(i));
  }
  EXPECT_NEAR(rank_correlation(one, other), 0, 0.06);
}

TEST(RankCorrelation, TakesTiesByTheirMeanRank) {
  // scipy.stats.spearmanr
  EXPECT_NEAR(rank_correlation(Numbers{1, 2, 2, 3, 0}, Numbers{5, 1, 4, 4, 0}), 0.2894736842105264, 1e-12);
  EXPECT_NEAR(rank_correlation(Numbers{1, 2, 3, 4, 5}, Numbers{5, 6, 7, 8, 7}), 0.8207826816681233, 1e-12);
}

TEST(RankCorrelation, IsNotKnownOfWhatDoesNotVaryOrIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{1, 2, 3}, Numbers{7, 7, 7})));
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{1, nan, 3}, Numbers{1, 2, 3})));
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{1, 2, 3}, Numbers{1, HUGE_VAL, 3})));
}

TEST(RankLikeness, IsOneOfConstantsAndZeroWhereNothingIsKnown) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(rank_likeness(Numbers{0, 0, 0}, Numbers{7, 7, 7}), 1);
  EXPECT_EQ(rank_likeness(Numbers{1, 2, 3}, Numbers{7, 7, 7}), 0);
  EXPECT_EQ(rank_likeness(Numbers{nan, nan, nan}, Numbers{nan, nan, nan}), 0);
}

}  // namespace
}  // namespace convscope
