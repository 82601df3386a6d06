#include <cmath>
#include <numbers>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/base/threads.h"
#include "convscope/inspect/features/visualise.h"
#include "convscope/inspect/features/warp.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;

std::vector<float> noise(int64_t count, float factor = 1, uint64_t part = 0) {
  const RandomStream random(2, "feature tests");
  std::vector<float> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(factor * random.normal(static_cast<uint64_t>(i), part));
  return all;
}

double dot(std::span<const float> a, std::span<const float> b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

TEST(PictureParametersOfFeatures, HaveTheSlopeOfFiniteDifferences) {
  for (const Shape& image : {Shape{3, 6, 5}, Shape{1, 5, 8}, Shape{2, 4, 4}})
    for (const bool fourier : {true, false})
      for (const bool decorrelate : {true, false}) {
        const PictureParameters parameters(image, {.fourier = fourier, .decorrelate = decorrelate, .decay = 1});
        std::vector<float> numbers = noise(parameters.size(), 0.2f);
        const std::vector<float> weights = noise(image.size(), 1, 1);
        std::vector<float> picture(weights.size()), slope(numbers.size());
        parameters.picture(numbers, picture);
        parameters.slope(picture, weights, slope);
        for (size_t i = 0; i < numbers.size(); ++i) {
          constexpr float kStep = 1e-2f;
          const float own = numbers[i];
          std::vector<float> up(picture.size()), down(picture.size());
          numbers[i] = own + kStep, parameters.picture(numbers, up);
          numbers[i] = own - kStep, parameters.picture(numbers, down);
          numbers[i] = own;
          EXPECT_NEAR(slope[i], (dot(up, weights) - dot(down, weights)) / (2 * kStep), 5e-4)
              << fmt::format("{} {} {} {}", image, fourier, decorrelate, i);
        }
      }
}

TEST(PictureParametersOfFeatures, MakeAWaveOfOneFrequency) {
  const Shape image{1, 8, 8};
  const PictureParameters parameters(image, {.decay = 0});
  std::vector<float> numbers(static_cast<size_t>(parameters.size())), picture(64);
  numbers[2 * 5 + 1] = 1;  // two cycles down, one across; the scale is √64
  parameters.picture(numbers, picture);
  for (size_t i = 0; i < 64; ++i) {
    const double phase = 2 * std::numbers::pi * (2 * static_cast<double>(i / 8) + static_cast<double>(i % 8)) / 8;
    EXPECT_NEAR(picture[i], 1 / (1 + std::exp(-2 * 8.0 / 64 / 4 * std::cos(phase))), 1e-6) << i;
  }
}

TEST(WarpsOfFeatures, HaveTheTransposeAsTheirSlope) {
  const Shape image{2, 9, 7};
  const Warp by{.degrees = 8, .scale = 1.07, .down = 2, .right = -1};
  const std::vector<float> x = noise(image.size()), g = noise(image.size(), 1, 1), black(x.size());
  std::vector<float> warped(x.size()), outside(x.size()), back(x.size());
  warp(x, image, by, warped);
  warp(black, image, by, outside);
  warp_slope(g, image, by, back);
  EXPECT_NEAR(dot(warped, g) - dot(outside, g), dot(x, back), 1e-4);
}

TEST(WarpsOfFeatures, ShiftWholePixelsExactlyAndAreGreyOutside) {
  const Shape image{1, 4, 5};
  const std::vector<float> x = noise(20);
  std::vector<float> out(20);
  warp(x, image, {}, out);
  EXPECT_EQ(out, x);
  warp(x, image, {.down = 1, .right = 2}, out);
  EXPECT_FLOAT_EQ(out[5 * 2 + 3], x[5 * 1 + 1]);
  EXPECT_FLOAT_EQ(out[3], 0.5f);
}

TEST(HighFrequencies, OfABoardAreAllAndOfASlowWaveNone) {
  const Shape image{1, 16, 16};
  std::vector<float> board(256), wave(256);
  for (size_t i = 0; i < 256; ++i) {
    board[i] = static_cast<float>((i / 16 + i % 16) % 2);
    wave[i] = static_cast<float>(std::cos(2 * std::numbers::pi * static_cast<double>(i % 16) / 16));
  }
  EXPECT_NEAR(high_frequency_share(board, image), 1, 1e-9);
  EXPECT_NEAR(high_frequency_share(wave, image), 0, 1e-9);
  EXPECT_EQ(high_frequency_share(std::vector<float>(256, 0.3f), image), 0);
}

/**
 * Between 0 and 1 the picture that drives a linear unit most is white where its weight is above 0, and black elsewhere; of Fourier's
 * numbers a step moves many pixels, and one that is nearly black or white hardly comes back. */
TEST(Features, OfALinearUnitAreItsFilter) {
  LinearSubject subject({1, 8, 6}, 3, 2);
  for (const bool fourier : {false, true}) {
    const Visualised made =
        visualise(subject, {}, std::vector<int64_t>{2, 0}, std::vector<int64_t>{0, 0},
                  {.steps = 600, .rate = fourier ? 1 : 0.1, .transforms = false, .parameters = {.fourier = fourier, .decay = 0}});
    for (int64_t n = 0; n < 2; ++n) {
      std::vector<float> signs, picture;
      for (const float w : subject.weight().row(n == 0 ? 2 : 0)) signs.push_back(w > 0 ? 0.5f : -0.5f);
      for (const float v : made.pictures.row(n)) picture.push_back(v - 0.5f);
      EXPECT_GE(dot(signs, picture) / std::sqrt(dot(signs, signs) * dot(picture, picture)), fourier ? 0.9 : 0.99) << n << fourier;
    }
    EXPECT_GT(made.end[0], made.begin[0]);
  }
  const Visualised least =
      visualise(subject, {}, std::vector<int64_t>{1}, std::vector<int64_t>{0}, {.steps = 50, .transforms = false, .minimise = true});
  EXPECT_LT(least.end[0], least.begin[0]);
}

TEST(Features, AreTheSameWhateverOthersAreMadeAndHoweverManyThreadsThereAre) {
  LinearSubject subject({3, 8, 6}, 4, 2);
  const auto made = [&](const std::vector<int64_t>& targets, const std::vector<int64_t>& draws) {
    return visualise(subject, {.of = Objective::Of::softmax}, targets, draws, {.steps = 20}).pictures;
  };
  const Tensor all = made({0, 3, 3, 1}, {0, 0, 1, 1}), alone = made({3}, {1});
  EXPECT_EQ(max_difference(Tensor(alone.shape(), std::span<const float>(all.row(2))), alone), 0);
  const int before = threads();
  set_threads(3);
  EXPECT_EQ(max_difference(made({0, 3, 3, 1}, {0, 0, 1, 1}), all), 0);
  set_threads(before);
  EXPECT_GT(max_difference(Tensor(alone.shape(), std::span<const float>(all.row(1))), alone), 0) << "another beginning";
}

}  // namespace
}  // namespace convscope
