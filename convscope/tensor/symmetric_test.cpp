#include "convscope/tensor/symmetric.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/random.h"

namespace convscope {
namespace {

constexpr double kDouble = 1e-12;  // a few hundred operations in double on numbers of about 1

TEST(SymmetricEigen, IsWhatOneGetsByHand) {
  const SymmetricEigen e = symmetric_eigen({2, 1, 1, 2});  // 3 along (1, 1), 1 along (1, −1)
  const double half = std::sqrt(0.5);
  EXPECT_NEAR(e.values[0], 3, kDouble);
  EXPECT_NEAR(e.values[1], 1, kDouble);
  EXPECT_NEAR(e.vectors[0], half, kDouble);
  EXPECT_NEAR(e.vectors[1], half, kDouble);
  EXPECT_NEAR(std::abs(e.vectors[2]), half, kDouble);
  EXPECT_NEAR(e.vectors[2], -e.vectors[3], kDouble);
}

TEST(SymmetricEigen, GivesTheMatrixBack) {
  constexpr size_t kSize = 12;
  std::vector<double> a(kSize * kSize);
  const RandomStream random(5, "symmetric");
  for (size_t i = 0; i < kSize; ++i)
    for (size_t j = 0; j <= i; ++j) a[i * kSize + j] = a[j * kSize + i] = random.normal(i * kSize + j);
  const SymmetricEigen e = symmetric_eigen(a);
  for (size_t i = 0; i < kSize; ++i)
    for (size_t j = 0; j < kSize; ++j) {
      double sum = 0, product = 0;
      for (size_t k = 0; k < kSize; ++k) {
        sum += e.values[k] * e.vectors[k * kSize + i] * e.vectors[k * kSize + j];
        product += e.vectors[i * kSize + k] * e.vectors[j * kSize + k];
      }
      EXPECT_NEAR(sum, a[i * kSize + j], kDouble) << i << ", " << j;
      EXPECT_NEAR(product, i == j ? 1 : 0, kDouble) << i << ", " << j;
    }
  for (size_t k = 1; k < kSize; ++k) EXPECT_GE(e.values[k - 1], e.values[k]);
}

}  // namespace
}  // namespace convscope
