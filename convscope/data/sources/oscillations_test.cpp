#include "convscope/data/sources/oscillations.h"

#include <cmath>
#include <complex>
#include <numbers>
#include <set>

#include "convscope/data/batches.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"

namespace convscope {
using namespace testing_data;

namespace {

std::shared_ptr<const Dataset> images(std::string_view options, Split split) {
  return open_dataset(parse_choice(options.empty() ? "oscillations" : fmt::format("oscillations,{}", options)), split, {});
}

/** |DFT| of every second row and column of `image` [rows, columns], by definition. */
std::vector<double> spectrum_of_half(const std::vector<float>& image, int64_t rows, int64_t columns) {
  using namespace std::complex_literals;
  const int64_t m = rows / 2, n = columns / 2;
  std::vector<double> magnitudes;
  for (int64_t v = 0; v < m; ++v)
    for (int64_t u = 0; u < n; ++u) {
      std::complex<double> sum = 0;
      for (int64_t b = 0; b < m; ++b)
        for (int64_t a = 0; a < n; ++a) {
          const double turn = static_cast<double>(u * a) / static_cast<double>(n) + static_cast<double>(v * b) / static_cast<double>(m);
          sum += static_cast<double>(image[static_cast<size_t>(2 * b * columns + 2 * a)]) * std::exp(-2i * std::numbers::pi * turn);
        }
      magnitudes.push_back(std::abs(sum));
    }
  return magnitudes;
}

}  // namespace

TEST(Oscillation, IsAProductOfCosines) {
  std::vector<float> image(5 * 7);
  oscillation({.frequency = 0.25, .phase = 0.3}, {.frequency = 0.75, .phase = 0.7}, 5, 7, image);
  for (int b = 0; b < 5; ++b)
    for (int a = 0; a < 7; ++a)
      EXPECT_NEAR(image[static_cast<size_t>(7 * b + a)],
                  std::cos(std::numbers::pi * 0.25 * a + 0.3) * std::cos(std::numbers::pi * 0.75 * b + 0.7), 1e-7);
}

// What the study's illustration shows: once every second sample is dropped, 1 − f is f with its phase turned round.
TEST(Oscillation, OfFourFrequenciesIsTheSameOnceEverySecondSampleIsDropped) {
  constexpr double f = 10.0 / 32;
  const auto spectrum = [](double x, double y) {
    std::vector<float> image(32 * 32);
    oscillation({.frequency = x, .phase = 0.3}, {.frequency = y, .phase = 0.7}, 32, 32, image);
    return spectrum_of_half(image, 32, 32);
  };
  const std::vector<double> first = spectrum(f, f);
  EXPECT_NEAR(first[5 * 16 + 5], 64, 1e-4) << "a quarter of 16 · 16 at each of four bins";
  for (const auto& [x, y] : {std::pair(1 - f, f), {f, 1 - f}, {1 - f, 1 - f}}) {
    const std::vector<double> other = spectrum(x, y);
    for (size_t i = 0; i < first.size(); ++i) EXPECT_NEAR(other[i], first[i], 1e-4) << x << " " << y << " bin " << i;
  }
}

TEST(Oscillations, OfFourClassesHaveTheSameSpectrumOnceEverySecondSampleIsDropped) {
  const auto dataset = images("n_freq=32,noise=0", Split::train);
  const auto spectrum = [&](int64_t x, int64_t y) {
    int64_t i = 0;
    while (dataset->label(i) != 32 * x + y) ++i;
    return spectrum_of_half(pixels_of(*dataset, i), 32, 32);
  };
  const std::vector<double> first = spectrum(10, 10);
  for (const auto& [x, y] : {std::pair(22, 10), {10, 22}, {22, 22}}) {
    const std::vector<double> other = spectrum(x, y);
    for (size_t i = 0; i < first.size(); ++i) EXPECT_NEAR(other[i], first[i], 1e-4);
  }
}

TEST(Oscillations, AreAsManyOfEachClass) {
  const Oscillations twenty({}), five({.n_freq = 5}), seven({.n_freq = 7});
  EXPECT_EQ(twenty.per_class(Split::train), std::vector<int64_t>(400, 50));
  EXPECT_EQ(twenty.per_class(Split::test), std::vector<int64_t>(400, 25));
  EXPECT_EQ(five.per_class(Split::train), std::vector<int64_t>(25, 800));
  EXPECT_EQ(seven.per_class(Split::train), std::vector<int64_t>(49, 409)) << "20,000 / 49, rounded up";
  const DataFacts all = twenty.check({});
  EXPECT_EQ(all.splits[0].images, 20000);
  EXPECT_EQ(all.splits[1].images, 10000);
  EXPECT_TRUE(all.files.empty() && all.warnings.empty());
  // Both cosines have mean 0 but at frequency 0, and the variance 1/4 of their product; noise of width 1 adds 1/12; divided by 3.
  EXPECT_NEAR(all.splits[0].mean[0], 0.5, 1e-3);
  EXPECT_NEAR(all.splits[0].deviation[0], std::sqrt(1.0 / 4 + 1.0 / 12) / 3, 5e-3);
}

TEST(Oscillations, ComeInRandomOrderWithNamesThatTellTheFrequencies) {
  const auto dataset = images("", Split::train);
  EXPECT_EQ(dataset->classes()[3 * 20 + 7], "x 3/20, y 7/20");
  std::set<int64_t> early;
  for (int64_t i = 0; i < 400; ++i) early.insert(dataset->label(i));
  EXPECT_GT(early.size(), 200u);
  EXPECT_LT(early.size(), 300u) << "drawn, not dealt in turn: 1 − 1/e of the classes are 253";
}

TEST(Oscillations, AreTheSameAgainInEveryEpochAndByAnyReader) {
  const auto a = images("noise=2", Split::train), b = images("noise=2", Split::train);
  for (const int64_t i : {0, 1, 777, 19999}) {
    EXPECT_EQ(a->label(i), b->label(i));
    EXPECT_EQ(pixels_of(*a, i), pixels_of(*b, i));
    EXPECT_EQ(pixels_of(*a, i, 5), pixels_of(*b, i, 0));
  }
  const std::vector<int64_t> some{777, 0};
  std::vector<float> batch(2 * 1024), labels(2);
  read_batch(*a, some, 3, batch, labels, {});
  EXPECT_TRUE(std::ranges::equal(std::span(batch).first(1024), pixels_of(*b, 777)));
}

TEST(Oscillations, OfTwoImagesSeedsOrPartsAreNotTheSame) {
  const auto train = images("", Split::train);
  EXPECT_NE(pixels_of(*train, 0), pixels_of(*train, 1));
  EXPECT_NE(pixels_of(*train, 0), pixels_of(*images("seed=2", Split::train), 0));
  const auto validation = images("", Split::test), fresh = images("test=fresh", Split::test);
  EXPECT_NE(pixels_of(*train, 0), pixels_of(*validation, 0));
  EXPECT_NE(pixels_of(*validation, 0), pixels_of(*fresh, 0));
  EXPECT_EQ(pixels_of(*validation, 0), pixels_of(*images("test=validation", Split::test), 0));
  EXPECT_EQ(pixels_of(*train, 0), pixels_of(*images("test=fresh", Split::train), 0)) << "the training images stay";
}

TEST(Oscillations, LieInThePixelRangeAndCarryNoiseOfTheWidthAsked) {
  for (const double noise : {0.0, 1.0, 8.0}) {
    const auto clean = images("noise=0", Split::train), noisy = images(fmt::format("noise={}", noise), Split::train);
    float lowest = 0, highest = 0;
    for (int64_t i = 0; i < 20; ++i) {
      const std::vector<float> signal = pixels_of(*clean, i), image = pixels_of(*noisy, i);
      for (size_t p = 0; p < image.size(); ++p) {
        EXPECT_GE(image[p], 0);
        EXPECT_LE(image[p], 1);
        const float added = (image[p] - 0.5f) * static_cast<float>(2 + noise) - (signal[p] - 0.5f) * 2;
        lowest = std::min(lowest, added);
        highest = std::max(highest, added);
      }
    }
    EXPECT_NEAR(lowest, -noise / 2, 0.01 * noise + 1e-6);
    EXPECT_NEAR(highest, noise / 2, 0.01 * noise + 1e-6);
  }
}

TEST(Oscillations, AreFoundWithoutAnyFolder) {
  EXPECT_EQ(find_data(Oscillations({}), Split::train, {}), Path());
  EXPECT_EQ(images("", Split::test)->size(), 10000);
}

TEST(Oscillations, RefuseOptionsThatCannotBe) {
  const auto refusal = [](std::string_view options) { return error_of([&] { images(options, Split::train); }); };
  EXPECT_EQ(refusal("n_freq=0"), "oscillations: option 'n_freq' must lie between 1 and 100, got 0");
  EXPECT_TRUE(says(refusal("noise=-1"), {"option 'noise'", "got -1"}));
  EXPECT_TRUE(says(refusal("test=third"), {"option 'test' cannot be 'third'", "validation, fresh"}));
  EXPECT_TRUE(says(refusal("nfreq=5"), {"no option 'nfreq'", "n_freq"}));
}

}  // namespace convscope
