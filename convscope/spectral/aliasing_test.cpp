#include "convscope/spectral/aliasing.h"

#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/spectral/naive_testing.h"

namespace convscope {
namespace {

using testing_spectral::blurred_noise;
using testing_spectral::Complex;
using testing_spectral::counted;
using testing_spectral::naive_aliasing;
using testing_spectral::noise;
using testing_spectral::oscillation;

std::vector<float> floats(const std::vector<double>& x) { return {x.begin(), x.end()}; }

ChannelAliasing analysed(const std::vector<double>& x, int64_t n, int64_t m, AliasingRule rule = {}, Rate rate = {}) {
  return AliasingAnalysis(n, m, rate, rule).count(floats(x)).at(0);
}

void expect_counts(const ChannelAliasing& ours, AliasingCounts published, AliasingCounts contribution, const char* what) {
  const auto text = [](const AliasingCounts& c) { return fmt::format("{},{},{},{}", c.non_aliased, c.aliased, c.tangled, c.no_pass); };
  EXPECT_EQ(text(ours.published), text(published)) << what;
  EXPECT_EQ(text(ours.contribution), text(contribution)) << what;
}

/** Smooth pictures with noise on them: all four categories occur. */
std::vector<double> picture(int64_t n, int64_t m, uint64_t seed) {
  const RandomStream random(seed, "picture");
  std::vector<double> x;
  for (int64_t y = 0; y < n; ++y)
    for (int64_t a = 0; a < m; ++a)
      x.push_back(std::sin(0.37 * static_cast<double>(y)) + std::cos(0.61 * static_cast<double>(a) + 0.2 * static_cast<double>(y)) +
                  0.3 * random.normal(static_cast<uint64_t>(y * m + a)));
  return x;
}

TEST(Aliasing, HasTheGoldenCountsInBothScalings) {
  expect_counts(analysed(oscillation(16, 16, .25, .25), 16, 16), {4, 0, 92, 160}, {12, 4, 52, 188}, "osc .25 .25");
  expect_counts(analysed(oscillation(16, 16, .75, .25), 16, 16), {0, 4, 96, 156}, {0, 28, 48, 180}, "osc .75 .25");
  expect_counts(analysed(oscillation(16, 16, .25, .75), 16, 16), {0, 4, 92, 160}, {0, 40, 32, 184}, "osc .25 .75");
  expect_counts(analysed(oscillation(16, 16, .75, .75), 16, 16), {0, 4, 96, 156}, {0, 60, 24, 172}, "osc .75 .75");
  std::vector<double> impulse(64);
  impulse[0] = 1;
  expect_counts(analysed(impulse, 8, 8), {0, 0, 64, 0}, {0, 0, 64, 0}, "impulse");
  expect_counts(analysed(std::vector<double>(64), 8, 8), {0, 0, 0, 64}, {0, 0, 0, 64}, "zeros");
  expect_counts(analysed(std::vector<double>(64, 1), 8, 8), {1, 0, 24, 39}, {13, 0, 8, 43}, "ones");
  expect_counts(analysed(noise(16, 16, 1), 16, 16), {0, 0, 256, 0}, {2, 2, 252, 0}, "noise");
  expect_counts(analysed(blurred_noise(16, 16, 5), 16, 16), {0, 0, 256, 0}, {128, 14, 87, 27}, "blurred noise");
  expect_counts(analysed(blurred_noise(7, 7, 5), 7, 7), {0, 0, 49, 0}, {6, 0, 43, 0}, "blurred noise of odd size");
  expect_counts(analysed(noise(8, 8, 1), 8, 8, {.passing_db = 0}), {3, 17, 36, 8}, {0, 0, 0, 64}, "noise at 0 dB");
  const AliasingCounts at6 = analysed(noise(8, 8, 1), 8, 8, {.passing_db = 6}).contribution;
  EXPECT_EQ(at6, (AliasingCounts{2, 4, 0, 58}));
}

TEST(Aliasing, IsItsDefinitionAtAnySizeRateAndReference) {
  const std::vector<std::array<int64_t, 2>> sizes{{1, 1}, {3, 3}, {3, 8}, {6, 10}, {7, 7}, {7, 12}, {11, 13}, {16, 9}, {20, 28}, {33, 5}};
  const std::vector<Rate> rates{{2, 2}, {3, 3}, {1, 2}, {2, 1}, {1, 1}, {3, 2}, {2, 3}, {4, 4}};
  for (const auto& [n, m] : sizes)
    for (const Rate rate : rates)
      for (const Reference reference : {Reference::max, Reference::mean}) {
        if (n < rate.rows || m < rate.columns) continue;
        const AliasingRule rule{reference, reference == Reference::max ? 20.0 : 3.0};
        const std::vector<double> x = picture(n, m, 1);
        const auto naive = naive_aliasing(x, n, m, rate, rule);
        AliasingAnalysis analysis(n, m, rate, rule);
        const std::string what = fmt::format("{} × {} at {} × {}", n, m, rate.rows, rate.columns);
        expect_counts(analysis.count(floats(x)).at(0), counted(naive.published), counted(naive.contribution), what.c_str());
        const FrequencyMaps maps = analysis.maps(floats(x));
        for (int64_t u = 0; u < n; ++u)
          for (int64_t v = 0; v < m; ++v) {
            const int64_t at = (u + n / 2) % n * m + (v + m / 2) % m;
            EXPECT_EQ(maps.published[at], static_cast<float>(naive.published[static_cast<size_t>(u * m + v)]))
                << what << ", " << u << ", " << v;
            EXPECT_EQ(maps.contribution[at], static_cast<float>(naive.contribution[static_cast<size_t>(u * m + v)])) << what;
          }
        const Tensor folds = analysis.folds(floats(x));
        double error = 0, scale = 0;
        for (size_t k = 0; k < naive.x.size(); ++k) {
          const int64_t at = 2 * static_cast<int64_t>(k);
          error = std::max(error, std::abs(Complex(folds[at], folds[at + 1]) - naive.x[k]));
          scale = std::max(scale, std::abs(naive.x[k]));
        }
        EXPECT_LE(error, 1e-6 * scale) << what;
      }
}

TEST(Aliasing, FoldsAddUpToTheSpectrumOfWhatGoesOn) {
  for (const auto& [n, m, r, s] : std::vector<std::array<int64_t, 4>>{{7, 7, 2, 2}, {6, 10, 2, 2}, {8, 8, 2, 2}, {9, 14, 3, 2}}) {
    const std::vector<double> x = picture(n, m, 2);
    std::vector<double> kept(static_cast<size_t>(n * m));
    for (int64_t y = 0; y * r < n; ++y)
      for (int64_t a = 0; a * s < m; ++a) kept[static_cast<size_t>(y * m + a)] = x[static_cast<size_t>(y * r * m + a * s)];
    const auto truth = testing_spectral::naive_dft2(kept, n, m, n, m);
    const Tensor folds = AliasingAnalysis(n, m, {r, s}, {}).folds(floats(x));
    double error = 0, scale = 0;
    for (int64_t u = 0; u < n; ++u)
      for (int64_t v = 0; v < m; ++v) {
        Complex y;
        for (int64_t i = 0; i < r; ++i)
          for (int64_t j = 0; j < s; ++j) {
            const int64_t at = 2 * ((i * n + u) * s * m + j * m + v);
            y += Complex(folds[at], folds[at + 1]) / static_cast<double>(r * s);
          }
        error = std::max(error, std::abs(y - truth[static_cast<size_t>(u * m + v)]));
        scale = std::max(scale, std::abs(truth[static_cast<size_t>(u * m + v)]));
      }
    EXPECT_LE(error, 1e-5 * scale);
  }
}

TEST(Aliasing, OfManyChannelsIsThatOfEach) {
  constexpr int64_t kChannels = 37;  // more than two vectors of 16, and a rest
  std::vector<float> planes;
  std::vector<ChannelAliasing> each;
  for (int64_t c = 0; c < kChannels; ++c) {
    const std::vector<double> x = c % 5 == 0 ? std::vector<double>(14 * 14) : picture(14, 14, static_cast<uint64_t>(c));
    each.push_back(analysed(x, 14, 14));
    planes.insert(planes.end(), x.begin(), x.end());
  }
  const auto all = AliasingAnalysis(14, 14, {}, {}).count(planes);
  for (size_t c = 0; c < each.size(); ++c) {
    EXPECT_EQ(all[c].published, each[c].published);
    EXPECT_EQ(all[c].contribution, each[c].contribution);
    EXPECT_EQ(all[c].published.total(), 14 * 14);
    if (c % 5 == 0) {
      EXPECT_EQ(all[c].published, (AliasingCounts{0, 0, 0, 14 * 14}));
    }
  }
}

TEST(Aliasing, DoesNotChangeWhenTheSignalIsScaled) {
  const std::vector<double> x = picture(20, 28, 3);
  const ChannelAliasing own = analysed(x, 20, 28);
  for (const double factor : {1e-30, 1e-10, -7.0, 1e10, 1e30}) {
    std::vector<double> scaled = x;
    for (double& v : scaled) v *= factor;
    const ChannelAliasing of_scaled = analysed(scaled, 20, 28);
    EXPECT_EQ(of_scaled.published, own.published) << factor;
    EXPECT_EQ(of_scaled.contribution, own.contribution) << factor;
  }
}

TEST(Aliasing, MapsOfATransposedSignalAreTransposed) {
  const int64_t n = 12, m = 15;
  const std::vector<double> x = picture(n, m, 4);
  std::vector<double> turned;
  for (int64_t a = 0; a < m; ++a)
    for (int64_t y = 0; y < n; ++y) turned.push_back(x[static_cast<size_t>(y * m + a)]);
  const FrequencyMaps maps = AliasingAnalysis(n, m, {2, 3}, {}).maps(floats(x));
  const FrequencyMaps other = AliasingAnalysis(m, n, {3, 2}, {}).maps(floats(turned));
  for (int64_t u = 0; u < n; ++u)
    for (int64_t v = 0; v < m; ++v) EXPECT_EQ(maps.published[u * m + v], other.published[v * n + u]);
}

TEST(Aliasing, PutsZeroFrequencyIntoTheMiddleOfAMap) {
  for (const int64_t n : {8, 9}) {
    const FrequencyMaps maps = AliasingAnalysis(n, n, {1, 1}, {.passing_db = 1}).maps(std::vector<float>(static_cast<size_t>(n * n), 1.0f));
    for (int64_t i = 0; i < n * n; ++i) EXPECT_EQ(maps.published[i], i == n / 2 * n + n / 2 ? 1.0f : 0.0f);
  }
}

TEST(Aliasing, CountsTheAliasedTwiceInThePublishedAccounting) {
  const AliasingCounts counts{20, 10, 30, 40};
  EXPECT_EQ(accounted(counts, Accounting::legacy), (AliasingCounts{20, 10, 30, 50}));
  EXPECT_EQ(accounted(counts, Accounting::exclusive), counts);
  EXPECT_DOUBLE_EQ(fractions(accounted(counts, Accounting::legacy)).no_pass, (0.4 + 0.1) / (1 + 0.1));
  EXPECT_DOUBLE_EQ(fractions(counts).tangled, 0.3);
}

TEST(Aliasing, RefusesWhatHasNoSpectrum) {
  const auto message = [](auto&& deed) {
    try {
      deed();
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_NE(message([] { AliasingAnalysis(8, 1, {}, {}); }).find("smaller than the rate"), std::string::npos);
  EXPECT_NE(message([] { AliasingAnalysis(8, 8, {0, 2}, {}); }).find("rate 0"), std::string::npos);
  EXPECT_NE(message([] { AliasingAnalysis(1 << 20, 1 << 20, {}, {}); }).find("more than"), std::string::npos);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> x(40 * 64);
    x[33 * 64 + 63] = bad;
    EXPECT_NE(message([&] { AliasingAnalysis(8, 8, {}, {}).count(x); }).find("channel 33"), std::string::npos);
  }
}

}  // namespace
}  // namespace convscope
