#include "convscope/results/fourier_record.h"

#include <gtest/gtest.h>

#include <cmath>

namespace convscope {
namespace {

TEST(HighFrequencyError, IsTheMeanOverTheOuterHalfOfTheMap) {
  FourierErrors f;
  f.errors.assign(5, std::vector<double>(5, 0.1));
  for (int64_t i = 0; i < 5; ++i)
    for (int64_t j = 0; j < 5; ++j)
      if (i == 0 || i == 4 || j == 0 || j == 4) f.errors[static_cast<size_t>(i)][static_cast<size_t>(j)] = 0.7;  // 2 waves, 1 is half
  EXPECT_NEAR(high_frequency_error(f), 0.7, 1e-12);
  f.errors[2][2] = kUnknown;
  EXPECT_NEAR(high_frequency_error(f), 0.7, 1e-12);
  f.errors[0][0] = kUnknown;
  EXPECT_TRUE(std::isnan(high_frequency_error(f))) << "one is not done";
}

}  // namespace
}  // namespace convscope
