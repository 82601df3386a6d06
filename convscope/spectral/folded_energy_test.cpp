#include "convscope/spectral/folded_energy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "convscope/base/random.h"

namespace convscope {
namespace {

/** Squares of what float rounds away. */
constexpr double kNothing = 1e-9;

std::vector<float> noise(int64_t count) {
  std::vector<float> x(static_cast<size_t>(count));
  for (size_t i = 0; i < x.size(); ++i) x[i] = RandomStream(5, "noise").normal(i);
  return x;
}

TEST(FoldedEnergy, OfWhatTheIdealLowPassLeftIsNothing) {
  const std::vector<float> x = noise(32 * 24);
  const auto dense = [](int64_t extent) { return line_matrix({.filter = "flc", .dense = true}, extent); };
  const std::vector<double> passed = filtered_plane(dense(32), dense(24), x);
  EXPECT_NEAR(FoldedEnergy(32, 24, {2, 2}).of(std::vector<float>(passed.begin(), passed.end())), 0, kNothing);
}

TEST(FoldedEnergy, OfWhiteNoiseIsWhatLiesAboveHalfOfTheNewRate) {
  // 31 of 64 frequencies of an axis lie below a quarter of the rate on both sides: 1 − (31 / 64)² = 0.765, 0.75 in the limit.
  const FoldedEnergy folded(64, 64, {2, 2});
  EXPECT_NEAR(folded.of(noise(16 * 64 * 64)), 1 - 31.0 * 31 / (64 * 64), 0.01);
  // Of rate 4 15 of 64 frequencies stay.
  EXPECT_NEAR(FoldedEnergy(64, 64, {4, 4}).of(noise(64 * 64 * 64)), 1 - 15.0 * 15 / (64 * 64), 0.01);
}

TEST(FoldedEnergy, OfAWaveIsAllOrNothing) {
  const auto wave = [](int64_t down, int64_t across) {
    std::vector<float> x;
    for (int64_t i = 0; i < 16; ++i)
      for (int64_t j = 0; j < 16; ++j)
        x.push_back(static_cast<float>(std::cos(2 * std::numbers::pi * static_cast<double>(down * i + across * j) / 16)));
    return x;
  };
  const FoldedEnergy folded(16, 16, {2, 2});
  EXPECT_NEAR(folded.of(wave(3, 2)), 0, kNothing);
  EXPECT_NEAR(folded.of(wave(3, 5)), 1, 1e-6);
  EXPECT_NEAR(folded.of(wave(6, 0)), 1, 1e-6);
  EXPECT_EQ(folded.of(std::vector<float>(16 * 16, 0.0f)), 0);
  EXPECT_NEAR(folded.of(std::vector<float>(16 * 16, 2.0f)), 0, kNothing);
}

TEST(FoldedEnergy, IsOfAllChannelsTogether) {
  std::vector<float> x(2 * 8 * 8, 1.0f);  // a constant, and a wave at half of the old rate with as much energy
  for (size_t i = 0; i < 64; ++i) x[64 + i] = i % 2 == 0 ? 1.0f : -1.0f;
  EXPECT_NEAR(FoldedEnergy(8, 8, {2, 2}).of(x), 0.5, 1e-6);
}

TEST(FoldedEnergy, OfARateOfOneComesFromTheOtherAxisAlone) {
  std::vector<float> stripes(16 * 12);
  for (size_t i = 0; i < stripes.size(); ++i) stripes[i] = i / 12 % 2 == 0 ? 1.0f : -1.0f;
  EXPECT_NEAR(FoldedEnergy(16, 12, {1, 2}).of(stripes), 0, kNothing);
  EXPECT_NEAR(FoldedEnergy(16, 12, {2, 1}).of(stripes), 1, 1e-6);
}

TEST(FoldedEnergy, OfLinesThatAreTooLongIsNotKnown) {
  const std::vector<float> x = noise(2 * 100'000);
  EXPECT_TRUE(std::isnan(FoldedEnergy(2, 100'000, {2, 2}).of(x)));
}

}  // namespace
}  // namespace convscope
