// GELU by vectors against its definition in double.

#include "convscope/engine/kernels/gelu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace convscope::kernels {
namespace {

double share(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }

TEST(GeluKernel, IsItsDefinitionForNumbersOfEverySize) {
  std::vector<float> x;
  for (int i = -60000; i <= 60000; ++i) x.push_back(static_cast<float>(i) * 1e-4f);
  for (float v = 1e-30f; v < 1e30f; v *= 3) x.insert(x.end(), {v, -v});
  const auto count = static_cast<int64_t>(x.size());
  const std::vector<float> dy(x.size(), 2);
  std::vector<float> y(x.size()), dx(x.size());
  gelu(count, false, x.data(), y.data());
  gelu_backward(count, false, x.data(), dy.data(), dx.data());
  for (size_t i = 0; i < x.size(); ++i) {
    const double v = x[i];
    ASSERT_NEAR(y[i], v * share(v), 2e-7 * std::max(1.0, std::abs(v))) << v;
    ASSERT_NEAR(dx[i], 2 * (share(v) + v * density(v)), 1e-6) << v;
  }
}

TEST(GeluKernel, KeepsNaNAndKnowsItsLimits) {
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> x{std::nanf(""), infinite, -infinite}, dy{1, 1, 1};
  std::vector<float> y(3), dx(3);
  gelu(3, false, x.data(), y.data());
  gelu_backward(3, false, x.data(), dy.data(), dx.data());
  EXPECT_TRUE(std::isnan(y[0]) && std::isnan(dx[0]));
  EXPECT_EQ(y[1], infinite);
  EXPECT_EQ(dx[1], 1);
  EXPECT_EQ(y[2], 0);
  EXPECT_EQ(dx[2], 0);
}

}  // namespace
}  // namespace convscope::kernels
