#include "convscope/tensor/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kRounding = 1e-6f;  // a few float operations on numbers near 1

TEST(Tensor, StartsWithZerosOnACacheLine) {
  const Tensor t(Shape{3, 5});
  EXPECT_EQ(t.size(), 15);
  for (const float v : t.span()) EXPECT_EQ(v, 0.0f);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(t.data()) % 64, 0u);
  EXPECT_EQ(Tensor(Shape{0, 3}).size(), 0);
  EXPECT_EQ(Tensor().size(), 0);
  EXPECT_EQ(Tensor(Shape()).size(), 1);
}

TEST(Tensor, HoldsItsValuesRowByRow) {
  const Tensor t(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(t[4], 5.0f);
  EXPECT_EQ(t.row(1)[0], 4.0f);
  EXPECT_EQ(t.row(1).size(), 3u);
  EXPECT_THROW_SAYING(Tensor(Shape{2, 2}, {1, 2, 3}), "3 values for a tensor of shape [2, 2]");
}

TEST(Tensor, ACopyOwnsItsNumbers) {
  Tensor a(Shape{2}, {1, 2});
  Tensor b = a, c;
  c = a;
  a[0] = 9;
  EXPECT_EQ(b[0], 1.0f);
  EXPECT_EQ(c[0], 1.0f);
  const Tensor& same = a;
  a = same;
  EXPECT_EQ(a[0], 9.0f);
  EXPECT_EQ(Tensor(Tensor()).size(), 0);
}

TEST(Tensor, WhatWasMovedFromIsEmpty) {
  Tensor a(Shape{2}, {1, 2});
  const float* place = a.data();
  Tensor b = std::move(a);
  EXPECT_EQ(b.data(), place);
  EXPECT_EQ(a.size(), 0);  // NOLINT: looking at it is the point
  Tensor c(Shape{1});
  c = std::move(b);
  EXPECT_EQ(c.data(), place);
  EXPECT_EQ(b.size(), 0);  // NOLINT
  Tensor& same = c;
  c = std::move(same);
  EXPECT_EQ(c[1], 2.0f);
}

TEST(Tensor, OverSharesTheNumbers) {
  std::vector<float> numbers{1, 2, 3, 4};
  Tensor t = Tensor::over({2, 2}, numbers.data());
  t[3] = 9;
  EXPECT_EQ(numbers[3], 9.0f);
  Tensor copy = t;
  copy[0] = 7;
  EXPECT_EQ(numbers[0], 1.0f);
  const Tensor moved = std::move(t);
  numbers[1] = 8;
  EXPECT_EQ(moved[1], 8.0f);
}

TEST(Tensor, OverKeepsTheOwnerAlive) {
  auto owner = std::make_shared<std::vector<float>>(4, 1.0f);
  const std::weak_ptr<std::vector<float>> watch = owner;
  Tensor t = Tensor::over({4}, owner->data(), owner);
  owner.reset();
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(t[3], 1.0f);
  Tensor copy = t;
  t = Tensor();
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(copy[3], 1.0f);
}

TEST(Tensor, TakesAnotherShapeOfTheSameSize) {
  const Tensor t(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor r = t.reshaped({3, 2});
  EXPECT_EQ(r.shape(), Shape({3, 2}));
  EXPECT_EQ(r[4], 5.0f);
  EXPECT_NE(r.data(), t.data());
  EXPECT_THROW_SAYING(t.reshaped({4, 2}), "a tensor of shape [2, 3] cannot become [4, 2]");
}

TEST(Tensor, IsFilledWithOneNumber) {
  Tensor t(Shape{3});
  fill(t, 2.5f);
  EXPECT_EQ(max_difference(t, Tensor(Shape{3}, {2.5f, 2.5f, 2.5f})), 0.0f);
}

TEST(Argmax, IsTheFirstOfTheLargest) {
  EXPECT_EQ(argmax(std::vector<float>{1, 3, 2, 3}), 1);
  EXPECT_EQ(argmax(std::vector<float>{-5}), 0);
  EXPECT_EQ(argmax(std::vector<float>{-kInfinity, -kInfinity}), 0);
}

TEST(MaxAbs, LooksAtBothSigns) {
  EXPECT_EQ(max_abs(std::vector<float>{1, -3, 2}), 3.0f);
  EXPECT_EQ(max_abs({}), 0.0f);
}

TEST(RelativeError, IsTheDifferenceInUnitsOfTheSecond) {
  const Tensor a(Shape{2}, {1, 2.5f}), b(Shape{2}, {1, -2});
  EXPECT_EQ(max_difference(a, b), 4.5f);
  EXPECT_EQ(relative_error(a, b), 2.25f);
  EXPECT_EQ(relative_error(a, a), 0.0f);
  EXPECT_EQ(relative_error(Tensor(Shape{2}), Tensor(Shape{2})), 0.0f);
  EXPECT_GT(relative_error(a, Tensor(Shape{2})), 1e30f);
  EXPECT_THROW_SAYING(max_difference(a, Tensor(Shape{3})), "tensors of shapes [2] and [3] cannot be compared");
}

TEST(RelativeError, IsInfiniteWhereEitherHoldsANanOrAnInfinity) {
  const Tensor good(Shape{2}, {1, 2}), nan(Shape{2}, {1, kNan}), infinite(Shape{2}, {1, kInfinity});
  EXPECT_EQ(relative_error(good, nan), kInfinity);
  EXPECT_EQ(relative_error(nan, good), kInfinity);
  EXPECT_EQ(relative_error(nan, nan), kInfinity);
  EXPECT_EQ(relative_error(good, infinite), kInfinity);
  EXPECT_EQ(relative_error(infinite, good), kInfinity);
  EXPECT_EQ(relative_error(nan, infinite), kInfinity);
}

TEST(AllFinite, SeesNansAndInfinities) {
  EXPECT_TRUE(all_finite(std::vector<float>{0, -1e38f}));
  EXPECT_FALSE(all_finite(std::vector<float>{0, kNan}));
  EXPECT_FALSE(all_finite(std::vector<float>{0, -kInfinity}));
  EXPECT_TRUE(all_finite({}));
}

TEST(Softmax, IsTheDefinitionRowByRow) {
  const Tensor p = softmax(Tensor(Shape{2, 3}, {0, std::log(2.0f), std::log(5.0f), 1, 1, 1}));
  const Tensor wanted(Shape{2, 3}, {0.125f, 0.25f, 0.625f, 1.0f / 3, 1.0f / 3, 1.0f / 3});
  EXPECT_LT(max_difference(p, wanted), kRounding);
}

TEST(Softmax, DoesNotOverflow) {
  const Tensor p = softmax(Tensor(Shape{2, 2}, {10'000, 10'000, -10'000, 10'000}));
  EXPECT_LT(max_difference(p, Tensor(Shape{2, 2}, {0.5f, 0.5f, 0, 1})), kRounding);
}

TEST(Softmax, DoesNotChangeWhenALogitIsAddedToAll) {
  const Tensor a(Shape{1, 4}, {1, -2, 0.5f, 3});
  Tensor b = a;
  for (float& v : b.span()) v += 64;
  EXPECT_LT(max_difference(softmax(a), softmax(b)), kRounding);
}

TEST(Softmax, WantsImagesAndClasses) {
  EXPECT_EQ(softmax(Tensor(Shape{0, 3})).size(), 0);
  EXPECT_THROW_SAYING(softmax(Tensor(Shape{3})), "softmax: logits are [images, classes], got [3]");
  EXPECT_THROW_SAYING(softmax(Tensor(Shape{3, 0})), "softmax: logits are [images, classes], got [3, 0]");
}

}  // namespace
}  // namespace convscope
