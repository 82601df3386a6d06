#include "convscope/tensor/line_filter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

using Plane = std::vector<double>;

/** Sums of some hundred terms in double. */
constexpr double kSum = 1e-12;
/** What numbers in float let one ask for. */
constexpr double kTransform = 1e-5;

Plane column(const LineMatrix& d, int64_t place) {
  Plane all;
  const Plane dense = d.dense();
  for (int64_t i = 0; i < d.rows(); ++i) all.push_back(dense[static_cast<size_t>(i * d.columns + place)]);
  return all;
}

std::vector<float> noise(int64_t count) {
  std::vector<float> x(static_cast<size_t>(count));
  for (size_t i = 0; i < x.size(); ++i) x[i] = RandomStream(1, "plane").normal(i);
  return x;
}

/** The published way: transform, the middle of the spectrum, transform back; the line at half of the new rate is left out. */
Plane cut_by_transform(std::span<const float> x, int64_t n, bool hamming) {
  using Complex = std::complex<double>;
  const double turn = 2 * std::numbers::pi / static_cast<double>(n);
  const int64_t m = n / 2;
  Plane y(static_cast<size_t>(m * m));
  for (int64_t u = -m / 2 + 1; u < m / 2; ++u)
    for (int64_t v = -m / 2 + 1; v < m / 2; ++v) {
      Complex term = 0;
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j)
          term += static_cast<double>(x[static_cast<size_t>(i * n + j)]) * std::polar(1.0, -turn * static_cast<double>(u * i + v * j));
      term /= static_cast<double>(n * n);
      if (hamming)
        term *=
            std::sqrt((0.54 + 0.46 * std::cos(turn * static_cast<double>(u))) * (0.54 + 0.46 * std::cos(turn * static_cast<double>(v))));
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < m; ++j)
          y[static_cast<size_t>(i * m + j)] += (term * std::polar(1.0, 2 * turn * static_cast<double>(u * i + v * j))).real();
    }
  return y;
}

TEST(LineFilter, BlursAnImpulseIntoPascalsRow) {
  // 1 3 3 1 over 8, one tap before the sample and two behind it: samples 2, 4 and 6 see place 5 as tap 4, 2 and 0.
  const LineMatrix d = line_matrix({.filter = "blur", .size = 4}, 12);
  EXPECT_EQ(column(d, 5), (Plane{0, 0, 3.0 / 8, 1.0 / 8, 0, 0}));
  EXPECT_EQ(column(d, 6), (Plane{0, 0, 1.0 / 8, 3.0 / 8, 0, 0}));
  EXPECT_EQ(column(line_matrix({.size = 7, .dense = true}, 9), 4),
            (Plane{0, 1.0 / 64, 6.0 / 64, 15.0 / 64, 20.0 / 64, 15.0 / 64, 6.0 / 64, 1.0 / 64, 0}));
}

TEST(LineFilter, MeetsTheEndByItsEdge) {
  // 1 2 1 over 4 at sample 0 of 0 1 2 3: one tap is beyond the line.
  EXPECT_EQ(line_matrix({.size = 3, .edge = "reflect"}, 4).dense(), (Plane{0.5, 0.5, 0, 0, 0, 0.25, 0.5, 0.25}));
  EXPECT_EQ(line_matrix({.size = 3, .edge = "replicate"}, 4).dense(), (Plane{0.75, 0.25, 0, 0, 0, 0.25, 0.5, 0.25}));
  EXPECT_EQ(line_matrix({.size = 3, .edge = "zero"}, 4).dense(), (Plane{0.5, 0.25, 0, 0, 0, 0.25, 0.5, 0.25}));
  EXPECT_EQ(line_matrix({.size = 3, .edge = "circular"}, 4).dense(), (Plane{0.5, 0.25, 0, 0.25, 0, 0.25, 0.5, 0.25}));
}

class EveryLineFilter : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryLineFilter, ::testing::ValuesIn(line_filters().names()), [](const auto& row) { return row.param; });

TEST_P(EveryLineFilter, KeepsAConstantAtAnyExtentAndRate) {
  for (const int64_t extent : {1, 2, 3, 4, 7, 8, 17, 32})
    for (const int64_t rate : {1, 2, 3, 4})
      for (const bool dense : {false, true}) {
        const LineMatrix d = line_matrix({.filter = GetParam(), .size = 5, .rate = rate, .dense = dense}, extent);
        ASSERT_EQ(d.rows(), dense ? extent : kept_samples(extent, rate));
        const Plane all = d.dense();
        for (int64_t i = 0; i < d.rows(); ++i) {
          double sum = 0;
          for (int64_t j = 0; j < extent; ++j) sum += all[static_cast<size_t>(i * extent + j)];
          EXPECT_NEAR(sum, 1, kSum) << extent << " by " << rate;
        }
      }
}

TEST_P(EveryLineFilter, DropsSamplesFromItsDenseSignal) {
  for (const int64_t rate : {2, 3}) {
    constexpr int64_t kExtent = 14;
    const Plane kept = line_matrix({.filter = GetParam(), .rate = rate}, kExtent).dense(),
                all = line_matrix({.filter = GetParam(), .rate = rate, .dense = true}, kExtent).dense();
    for (int64_t i = 0; i < kept_samples(kExtent, rate); ++i)
      for (int64_t j = 0; j < kExtent; ++j)
        EXPECT_NEAR(kept[static_cast<size_t>(i * kExtent + j)], all[static_cast<size_t>(i * rate * kExtent + j)], kSum);
  }
}

TEST_P(EveryLineFilter, IsTurnedByTransposing) {
  const LineMatrix d = line_matrix({.filter = GetParam(), .size = 3}, 9), t = d.transposed();
  ASSERT_EQ(t.rows(), 9);
  const Plane a = d.dense(), b = t.dense();
  for (int64_t i = 0; i < d.rows(); ++i)
    for (int64_t j = 0; j < 9; ++j) EXPECT_EQ(a[static_cast<size_t>(i * 9 + j)], b[static_cast<size_t>(j * d.rows() + i)]);
  EXPECT_EQ(t.transposed().dense(), a);
}

TEST(LineFilter, CutsTheSpectrumAsTheTransformDoes) {
  for (const auto& [filter, hamming] : {std::pair{"flc", false}, {"asap", true}})
    for (const int64_t n : {8, 12, 16}) {
      const std::vector<float> x = noise(n * n);
      const LineMatrix d = line_matrix({.filter = filter}, n);
      const Plane by_matrix = filtered_plane(d, d, x), by_transform = cut_by_transform(x, n, hamming);
      for (size_t i = 0; i < by_matrix.size(); ++i) EXPECT_NEAR(by_matrix[i], by_transform[i], kTransform) << filter << " " << n;
    }
}

TEST(LineFilter, FlcIsAProjection) {
  const LineMatrix dense = line_matrix({.filter = "flc", .dense = true}, 16);
  const std::vector<float> x = noise(16 * 16);
  const Plane once = filtered_plane(dense, dense, x);
  const Plane twice = filtered_plane(dense, dense, std::vector<float>(once.begin(), once.end()));
  for (size_t i = 0; i < once.size(); ++i) EXPECT_NEAR(twice[i], once[i], kTransform);
}

TEST(LineFilter, LanczosKeepsAQuarterOfTheOldRateAndStopsTwiceThat) {
  const LineMatrix d = line_matrix({.filter = "lanczos", .edge = "circular", .dense = true}, 48);
  const auto gain = [&](int64_t k) {
    double in_phase = 0, across = 0;
    for (int64_t j = d.begins[0]; j < d.begins[1]; ++j) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k * d.places[static_cast<size_t>(j)]) / 48;
      in_phase += d.weights[static_cast<size_t>(j)] * std::cos(angle);
      across += d.weights[static_cast<size_t>(j)] * std::sin(angle);
    }
    return std::hypot(in_phase, across);
  };
  EXPECT_NEAR(gain(4), 1, 0.02);   // a sixth of the new rate
  EXPECT_NEAR(gain(24), 0, 0.02);  // half of the old one
  EXPECT_NEAR(gain(12), 0.5, 0.05);
}

TEST(LineFilter, MovesALineByPartsOfASample) {
  constexpr int64_t kExtent = 9;
  const auto wave = [](double place) { return std::sin(2 * std::numbers::pi * 2 * place / kExtent) + 0.5; };
  const Plane half = moved_line(kExtent, 0.5).dense(), one = moved_line(8, 1).dense();
  for (int64_t i = 0; i < kExtent; ++i) {
    double y = 0;
    for (int64_t j = 0; j < kExtent; ++j) y += half[static_cast<size_t>(i * kExtent + j)] * wave(static_cast<double>(j));
    EXPECT_NEAR(y, wave(static_cast<double>(i) - 0.5), kSum);
  }
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t j = 0; j < 8; ++j) EXPECT_NEAR(one[static_cast<size_t>(i * 8 + j)], (j + 1) % 8 == i ? 1 : 0, kSum);
}

TEST(LineFilter, SaysWhatItCannotBe) {
  const auto checked = [](LineFilterOptions o) { o.check("here"); };
  EXPECT_THROW_SAYING(checked({.filter = "blurr"}), "here: no filter 'blurr'");
  EXPECT_THROW_SAYING(checked({.size = 8}), "size 8; 1 to 7");
  EXPECT_THROW_SAYING(checked({.edge = "mirror"}), "edge 'mirror'");
  EXPECT_THROW_SAYING(checked({.rate = 0}), "rate 0");
}

}  // namespace
}  // namespace convscope
