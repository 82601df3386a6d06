#include "convscope/study/mask_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/random.h"

namespace convscope {
namespace {

constexpr double kExact = 1e-6;  // of a variance: floats, and a ridge of a millionth

Tensor random_maps(const Shape& shape, const char* name) {
  const RandomStream random(1, name);
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) t[i] = random.uniform(static_cast<uint64_t>(i));
  return t;
}

ConvolutionSample independent_pixels(int64_t images) {
  Tensor weight({3, 3, 3, 3});
  const RandomStream random(1, "weight");
  for (int64_t i = 0; i < weight.size(); ++i) weight[i] = random.normal(static_cast<uint64_t>(i));
  return sample_convolution(random_maps({images, 3, 6, 6}, "maps"), weight, 3, 3, 4);
}

TEST(MaskFit, GivesOneImageAsItIsAndManyNot) {
  const ConvolutionSample one = independent_pixels(1), many = independent_pixels(60);
  EXPECT_LT(fit_masks(one.x, one.y, {.masks = 4}).residual, 0.01);
  EXPECT_GT(fit_masks(many.x, many.y, {.masks = 4}).residual, 0.5) << "of 9 pixels of equal weight it sees one";
}

TEST(MaskFit, OfOneImageIsWorthNothingOnOthers) {
  const ConvolutionSample all = independent_pixels(40);
  const Tensor x(Shape{1, 3, 16}, all.x.row(0)), y(Shape{1, 3, 16}, all.y.row(0));
  const MaskFit fit = fit_masks(x, y, {.masks = 4});
  EXPECT_GT(relative_residual(fit.predict(all.x), all.y), 0.8);
}

TEST(MaskFit, FindsALayerOfMasksThatIsOne) {
  const Tensor x = random_maps({50, 2, 4}, "inputs"), masks = random_maps({2, 1, 4}, "masks");
  Tensor y({50, 2, 4});
  for (int64_t n = 0; n < 50; ++n)
    for (int64_t p = 0; p < 4; ++p) {
      const float a = std::max(0.0f, x[(n * 2) * 4 + p] + masks[p] - 0.3f),
                  b = std::max(0.0f, x[(n * 2 + 1) * 4 + p] + masks[4 + p] - 0.3f);
      y[(n * 2) * 4 + p] = 2 * a - b;
      y[(n * 2 + 1) * 4 + p] = a + b;
    }
  EXPECT_LT(fit_masks(x, y, {.masks = 1, .rounds = 60}).residual, 0.01);
}

TEST(MaskFit, NeverGetsWorseWithMoreRounds) {
  const ConvolutionSample s = independent_pixels(10);
  double before = HUGE_VAL;
  for (const int64_t rounds : {0, 1, 3, 8}) {
    const double residual = fit_masks(s.x, s.y, {.masks = 2, .rounds = rounds}).residual;
    EXPECT_LE(residual, before + kExact) << rounds;
    before = residual;
  }
}

TEST(PointwiseFit, IsExactForAConvolutionOfItsCentreAlone) {
  Tensor weight({2, 3, 3, 3});
  for (int64_t i = 0; i < 6; ++i) weight[i * 9 + 4] = static_cast<float>(i) - 2.5f;
  const ConvolutionSample s = sample_convolution(random_maps({5, 3, 4, 4}, "maps"), weight, 3, 2, 4);
  EXPECT_LT(relative_residual(pointwise_fit(s.x, s.y, s.x), s.y), kExact);
  EXPECT_EQ(max_abs(s.noise.span()), 0);
}

TEST(SampledConvolution, HasZerosAroundTheMapAndTakesItsMiddle) {
  Tensor ones({1, 1, 3, 3}), weight({1, 1, 3, 3});
  fill(ones, 1);
  fill(weight, 1);
  const ConvolutionSample whole = sample_convolution(ones, weight, 1, 1, 3), middle = sample_convolution(ones, weight, 1, 1, 1);
  EXPECT_EQ(max_difference(whole.y, Tensor({1, 1, 9}, {4, 6, 4, 6, 9, 6, 4, 6, 4})), 0);
  EXPECT_EQ(middle.y[0], 9);
  EXPECT_EQ(middle.noise[0], 8);
}

TEST(NoiseShares, TellWhatIsConstantWhatThePixelTellsAndWhatNeitherDoes) {
  const int64_t images = 400, places = 9;
  const Tensor x = random_maps({images, 1, places}, "pixel"), other = random_maps({images, 1, places}, "neighbour");
  const auto shares = [&](float place, float pixel, float neighbour) {
    Tensor noise({images, 1, places});
    for (int64_t i = 0; i < noise.size(); ++i) noise[i] = place * static_cast<float>(i % places) + pixel * x[i] + neighbour * other[i];
    return noise_shares(noise, x);
  };
  EXPECT_NEAR(shares(1, 0, 0).by_mask, 1, kExact);
  EXPECT_NEAR(shares(0, 1, 0).by_pixel, 1, 0.01);
  EXPECT_NEAR(shares(0, 0, 1).by_mask, 0, 0.01);
  EXPECT_NEAR(shares(0, 0, 1).by_pixel, 0, 0.01);
  EXPECT_NEAR(shares(0, 1, 1).by_pixel, 0.5, 0.05);
}

}  // namespace
}  // namespace convscope
