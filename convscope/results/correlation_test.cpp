#include "convscope/results/correlation.h"

#include <vector>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

TEST(RankCorrelation, TakesTiesByTheirMeanRank) {
  // scipy.stats.spearmanr([1, 2, 2, 3, 0], [5, 1, 4, 4, 0]).statistic
  EXPECT_NEAR(rank_correlation(std::vector<float>{1, 2, 2, 3, 0}, std::vector<float>{5, 1, 4, 4, 0}), 0.2894736842105264, 1e-12);
  EXPECT_EQ(rank_correlation(std::vector<float>{1, 2, 3}, std::vector<float>{2, 4, 9}), 1);
  EXPECT_EQ(rank_correlation(std::vector<float>{1, 2, 3}, std::vector<float>{7, 7, 7}), 0);
  EXPECT_EQ(rank_correlation(std::vector<float>{0, 0, 0}, std::vector<float>{7, 7, 7}), 1);
}

}  // namespace
}  // namespace convscope
