// Convolutions of fp32 by three bf16 parts against plain loops in double, and beside sums in fp32.

#include "convscope/engine/kernels/amx_parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/engine/kernels/amx_testing.h"

namespace convscope::kernels {
namespace {

/** [images][channels / 16][rows][columns][16]. */
struct Map {
  int64_t images, channels, height, width;
  int64_t size() const { return images * channels * height * width; }
  int64_t at(int64_t n, int64_t c, int64_t i, int64_t j) const {
    return (((n * (channels / 16) + c / 16) * height + i) * width + j) * 16 + c % 16;
  }
  bool holds(int64_t i, int64_t j) const { return i >= 0 && j >= 0 && i < height && j < width; }
};

struct Problem {
  Convolution s;
  int64_t taps = s.kernel * s.kernel;
  Map x_map{s.images, s.in, s.height, s.width}, y_map{s.images, s.out, s.out_height(), s.out_width()};
  Aligned<float> x{x_map.size()}, dy{y_map.size()}, residual{y_map.size()}, bias{s.out}, w{s.in * s.out * taps};

  explicit Problem(const Convolution& shape) : s(shape) {
    uint64_t next = 0;
    const RandomStream numbers(1, "parts");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = std::max(0.0f, numbers.normal(next++));  // as behind a ReLU
    for (const auto* all : {&dy, &residual, &bias})
      for (int64_t i = 0; i < all->size(); ++i) (*all)[i] = numbers.normal(next++);
    const float scale = std::sqrt(2.0f / static_cast<float>(taps * s.in));
    for (int64_t i = 0; i < w.size(); ++i) w[i] = numbers.normal(next++) * scale;
  }
  float weight(int64_t k, int64_t c, int64_t tap) const {
    return w[((k / 16 * (s.in / 16) + c / 16) * taps + tap) * 256 + c % 16 * 16 + k % 16];
  }
  Aligned<float> forward(const Epilogue& e = {}) const { return convolved(s, x, false, e, y_map); }
  Aligned<float> backward_data() const { return convolved(s.reversed(), dy, true, {}, x_map); }

 private:
  Aligned<float> convolved(const Convolution& c, const Aligned<float>& from, bool turned, const Epilogue& e, const Map& to) const {
    Aligned<std::byte> tiles(static_cast<int64_t>(parts_weights_bytes(c))), scratch(static_cast<int64_t>(parts_scratch_bytes(c)));
    Aligned<float> results(to.size(), std::nanf(""));
    parts_weights(c, w.data(), turned, tiles.data());
    parts_convolve(c, from.data(), tiles.data(), e, results.data(), scratch.data());
    return results;
  }
};

/** What each result is the sum of: body(index of the result, its factors) for y, or for dx. */
template <typename Number>
std::vector<Number> summed(const Problem& p, bool backward) {
  const Convolution& s = p.s;
  std::vector<Number> sums(static_cast<size_t>(backward ? p.x_map.size() : p.y_map.size()));
  for (int64_t n = 0; n < s.images; ++n)
    for (int64_t i = 0; i < p.y_map.height; ++i)
      for (int64_t j = 0; j < p.y_map.width; ++j)
        for (int64_t tap = 0; tap < p.taps; ++tap) {
          const int64_t row = i * s.stride + tap / s.kernel - s.pad, column = j * s.stride + tap % s.kernel - s.pad;
          if (!p.x_map.holds(row, column)) continue;
          for (int64_t k = 0; k < s.out; ++k)
            for (int64_t c = 0; c < s.in; ++c) {
              const int64_t x = p.x_map.at(n, c, row, column), y = p.y_map.at(n, k, i, j);
              const Number w = p.weight(k, c, tap);
              if (backward) {
                sums[static_cast<size_t>(x)] += Number{p.dy[y]} * w;
              } else {
                sums[static_cast<size_t>(y)] += Number{p.x[x]} * w;
              }
            }
        }
  return sums;
}

/** rms(error) / rms(truth). */
template <typename Results>
double error(const Results& got, const std::vector<double>& truth) {
  double squares = 0, all = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const double e = double{got[static_cast<int64_t>(i)]} - truth[i];
    squares += std::isfinite(e) ? e * e : std::numeric_limits<double>::infinity();
    all += truth[i] * truth[i];
  }
  return std::sqrt(squares / all);
}
double error_of_fp32(const Problem& p, bool backward, const std::vector<double>& truth) {
  return error(summed<float>(p, backward).data(), truth);
}

class WithParts : public WithAmx {};
class EveryShapeOfParts : public WithParts, public testing::WithParamInterface<Convolution> {};

TEST_P(EveryShapeOfParts, IsAsExactAsSumsInFp32) {
  const Problem p(GetParam());
  const std::vector<double> y = summed<double>(p, false), dx = summed<double>(p, true);
  std::vector<double> finished = y;
  for (int64_t n = 0; n < p.s.images; ++n)
    for (int64_t k = 0; k < p.s.out; ++k)
      for (int64_t i = 0; i < p.y_map.height; ++i)
        for (int64_t j = 0; j < p.y_map.width; ++j) {
          double& v = finished[static_cast<size_t>(p.y_map.at(n, k, i, j))];
          v = std::max(0.0, v + double{p.bias[k]} + double{p.residual[p.y_map.at(n, k, i, j)]});
        }
  const double bound = 1.2 * error_of_fp32(p, false, y), bound_of_data = 1.2 * error_of_fp32(p, true, dx);
  for (const int team : {1, 2, 3}) {
    set_threads(team);
    SCOPED_TRACE(testing::Message() << "threads: " << team);
    EXPECT_LT(error(p.forward(), y), bound);
    EXPECT_LT(error(p.forward({.bias = p.bias.data(), .residual = p.residual.data(), .relu = true}), finished), bound);
    EXPECT_LT(error(p.backward_data(), dx), bound_of_data);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryShapeOfParts,
                         testing::Values(Convolution{2, 64, 64, 6, 6, 0, 1, 1}, Convolution{1, 32, 48, 7, 5, 0, 1, 1},
                                         Convolution{3, 48, 16, 5, 3, 0, 1, 1}, Convolution{5, 80, 32, 1, 1, 0, 1, 1},
                                         Convolution{2, 64, 96, 8, 8, 0, 2, 1}, Convolution{3, 48, 80, 7, 5, 0, 2, 1},
                                         Convolution{2, 528, 32, 4, 3, 0, 1, 1}, Convolution{2, 32, 48, 8, 6, 1, 2},
                                         Convolution{3, 48, 16, 7, 9, 1, 2}, Convolution{2, 32, 48, 6, 7, 0, 2},
                                         Convolution{1, 16, 32, 9, 6, 2, 2}, Convolution{2, 48, 32, 4, 4, 1},
                                         Convolution{9, 32, 32, 2, 1, 1}, Convolution{2, 32, 16, 3, 1, 1, 2}),
                         [](const auto& shape) {
                           const Convolution& s = shape.param;
                           return "n" + std::to_string(s.images) + "_" + std::to_string(s.in) + "_to_" + std::to_string(s.out) + "_on_" +
                                  std::to_string(s.height) + "x" + std::to_string(s.width) + "_pad" + std::to_string(s.pad) + "_stride" +
                                  std::to_string(s.stride) + "_kernel" + std::to_string(s.kernel);
                         });

TEST_F(WithParts, GivesAnImageTheSameBitsWhateverTheBatchAndTheThreads) {
  const Problem many({7, 64, 64, 5, 5, 0, 1, 1});
  const Problem one({1, 64, 64, 5, 5, 0, 1, 1});
  std::copy_n(many.x.data() + 3 * one.x_map.size(), one.x_map.size(), one.x.data());
  std::copy_n(many.w.data(), many.w.size(), one.w.data());
  set_threads(2);
  const Aligned<float> of_many = many.forward();
  set_threads(1);
  const Aligned<float> of_one = one.forward();
  EXPECT_TRUE(std::equal(of_one.data(), of_one.data() + of_one.size(), of_many.data() + 3 * of_one.size()));
}

TEST_F(WithParts, TakesNumbersOfAnySize) {
  // One number of each size, by weights of 1 for its own channel: what comes out is the number itself.
  const float greatest = std::numeric_limits<float>::max();
  const std::vector<float> sizes{greatest, -greatest, 3.39e38f, 1.0f + 0x1p-23f, -0x1.fffffep-1f, 1e-20f, 0x1.234568p-100f, 0.0f};
  const Problem p({1, 16, 16, 1, static_cast<int64_t>(sizes.size()), 0, 1, 1});
  for (int64_t c = 0; c < 16; ++c)
    for (int64_t k = 0; k < 16; ++k) p.w[c * 16 + k] = c == k;
  for (int64_t c = 0; c < 16; ++c)
    for (size_t j = 0; j < sizes.size(); ++j) p.x[p.x_map.at(0, c, 0, static_cast<int64_t>(j))] = sizes[j];
  const Aligned<float> y = p.forward();
  for (size_t j = 0; j < sizes.size(); ++j) EXPECT_EQ(y[p.y_map.at(0, 3, 0, static_cast<int64_t>(j))], sizes[j]);
}

TEST_F(WithParts, TakesTheSmallestForNearlyNothing) {
  const Problem p({1, 16, 16, 1, 2, 0, 1, 1});
  std::fill_n(p.w.data(), p.w.size(), 1.0f);
  for (int64_t c = 0; c < 16; ++c) {
    p.x[p.x_map.at(0, c, 0, 0)] = 1.2345678e-40f;
    p.x[p.x_map.at(0, c, 0, 1)] = 1.2345678e-36f;
  }
  const Aligned<float> y = p.forward();
  EXPECT_NEAR(y[p.y_map.at(0, 0, 0, 0)], 0, 2e-37f);
  EXPECT_NEAR(y[p.y_map.at(0, 0, 0, 1)], 16 * 1.2345678e-36f, 2e-37f);
}

TEST_F(WithParts, KeepsEveryNaNAndTheInfinite) {
  const Problem p({2, 32, 32, 3, 3, 0, 1, 1});
  const auto put = [&](uint32_t bits, int64_t j) { std::memcpy(&p.x[p.x_map.at(1, 20, 1, j)], &bits, sizeof bits); };
  put(0x7fc00000, 0);
  put(0xffffffff, 1);  // a NaN that rounding would carry away
  put(0x7f800000, 2);
  const Aligned<float> y = p.forward({.relu = true});
  for (int64_t j = 0; j < 3; ++j) {
    EXPECT_FALSE(std::isfinite(y[p.y_map.at(1, 7, 1, j)])) << j;
    EXPECT_TRUE(std::isfinite(y[p.y_map.at(0, 7, 1, j)])) << j;
    EXPECT_TRUE(std::isfinite(y[p.y_map.at(1, 7, 0, j)])) << j;
  }
}

}  // namespace
}  // namespace convscope::kernels
