// Convolutions by AMX against plain loops in double over the same bf16 numbers.

#include "convscope/engine/kernels/amx.h"

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

/** rms(error) / rms(result) of fp32 sums of exact products. */
constexpr double kRms = 1e-6;
/** Likewise where results are rounded to bf16, whose numbers have 8 bits. */
constexpr double kRmsOfBf16 = 3e-3;

uint16_t bf16(float f) {
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
double number(uint16_t b) {
  const uint32_t bits = uint32_t{b} << 16;
  float f;
  std::memcpy(&f, &bits, sizeof f);
  return f;
}

/** [images][rows][columns][channels]. */
struct Map {
  int64_t images, height, width, channels;
  int64_t size() const { return images * height * width * channels; }
  int64_t at(int64_t n, int64_t i, int64_t j, int64_t c) const { return ((n * height + i) * width + j) * channels + c; }
  bool holds(int64_t i, int64_t j) const { return i >= 0 && j >= 0 && i < height && j < width; }
  template <typename Body>
  void each(const Body& body) const {
    for (int64_t n = 0; n < images; ++n)
      for (int64_t i = 0; i < height; ++i)
        for (int64_t j = 0; j < width; ++j)
          for (int64_t c = 0; c < channels; ++c) body(n, i, j, c);
  }
};

using Truth = std::vector<double>;

template <typename Results, typename Number>
double error(const Results& got, const Truth& wanted, const Number& number) {
  double squares = 0, all = 0;
  for (int64_t i = 0; i < got.size(); ++i) {
    const double v = number(got[i]), truth = wanted[static_cast<size_t>(i)];
    squares += std::isfinite(v) ? (v - truth) * (v - truth) : std::numeric_limits<double>::infinity();
    all += truth * truth;
  }
  return std::sqrt(squares / all);
}
double error(const Aligned<uint16_t>& got, const Truth& wanted) { return error(got, wanted, number); }
double error(const Aligned<float>& got, const Truth& wanted) {
  return error(got, wanted, [](float v) { return double{v}; });
}

struct Problem {
  Convolution s;
  Map x_map{s.images, s.height, s.width, s.in}, y_map{s.images, s.out_height(), s.out_width(), s.out};
  Aligned<uint16_t> x{x_map.size()}, dy{y_map.size()}, residual{y_map.size()};
  int64_t taps = s.kernel * s.kernel;
  Aligned<float> bias{s.out}, w{(s.in + 15) / 16 * 16 * ((s.out + 15) / 16 * 16) * taps};

  explicit Problem(const Convolution& shape) : s(shape) {
    uint64_t next = 0;
    const RandomStream numbers(1, "amx");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = bf16(std::max(0.0f, numbers.normal(next++)));  // as behind a ReLU
    for (int64_t i = 0; i < dy.size(); ++i) dy[i] = bf16(numbers.normal(next++));
    for (int64_t i = 0; i < residual.size(); ++i) residual[i] = bf16(numbers.normal(next++));
    for (int64_t i = 0; i < bias.size(); ++i) bias[i] = numbers.normal(next++);
    const float scale = std::sqrt(2.0f / static_cast<float>(taps * s.in));
    for (int64_t k = 0; k < s.out; ++k)
      for (int64_t c = 0; c < s.in; ++c)
        for (int64_t tap = 0; tap < taps; ++tap) w[weight(k, c, tap)] = static_cast<float>(number(bf16(numbers.normal(next++) * scale)));
  }
  int64_t weight(int64_t k, int64_t c, int64_t tap) const {
    return ((k / 16 * ((s.in + 15) / 16) + c / 16) * taps + tap) * 256 + c % 16 * 16 + k % 16;
  }

  Aligned<uint16_t> forward(const Epilogue& e) const { return convolved(s, x, false, e, y_map); }
  Aligned<uint16_t> backward_data() const { return convolved(s.reversed(), dy, true, {}, x_map); }
  Aligned<float> backward_weights() const {
    Aligned<float> dw(w.size(), std::nanf(""));
    Aligned<std::byte> scratch(static_cast<int64_t>(amx_gradient_scratch_bytes(s)));
    amx_weight_gradient(s, x.data(), dy.data(), dw.data(), scratch.data());
    return dw;
  }

 private:
  Aligned<uint16_t> convolved(const Convolution& c, const Aligned<uint16_t>& from, bool turned, const Epilogue& e, const Map& to) const {
    Aligned<std::byte> tiles(static_cast<int64_t>(amx_weights_bytes(c))), scratch(static_cast<int64_t>(amx_scratch_bytes(c)));
    Aligned<uint16_t> results(to.size(), bf16(std::nanf("")));
    amx_weights(c, w.data(), turned, tiles.data());
    amx_convolve(c, from.data(), tiles.data(), e, results.data(), scratch.data());
    return results;
  }
};

/** body(n, (i, j) of y, (row, column) of x that it meets in a tap, tap). */
template <typename Body>
void each_meeting(const Problem& p, const Body& body) {
  for (int64_t n = 0; n < p.s.images; ++n)
    for (int64_t i = 0; i < p.y_map.height; ++i)
      for (int64_t j = 0; j < p.y_map.width; ++j)
        for (int64_t tap = 0; tap < p.taps; ++tap) {
          const int64_t row = i * p.s.stride + tap / p.s.kernel - p.s.pad, column = j * p.s.stride + tap % p.s.kernel - p.s.pad;
          if (p.x_map.holds(row, column)) body(p.x_map.at(n, row, column, 0), p.y_map.at(n, i, j, 0), tap);
        }
}

Truth forward_truth(const Problem& p, bool epilogue) {
  Truth y(static_cast<size_t>(p.y_map.size()));
  each_meeting(p, [&](int64_t x, int64_t to, int64_t tap) {
    for (int64_t k = 0; k < p.s.out; ++k)
      for (int64_t c = 0; c < p.s.in; ++c) y[static_cast<size_t>(to + k)] += number(p.x[x + c]) * p.w[p.weight(k, c, tap)];
  });
  if (!epilogue) return y;
  for (int64_t i = 0; i < p.y_map.size(); ++i) {
    double& v = y[static_cast<size_t>(i)];
    v = std::max(0.0, v + p.bias[i % p.s.out] + number(p.residual[i]));
  }
  return y;
}

Truth data_truth(const Problem& p) {
  Truth dx(static_cast<size_t>(p.x_map.size()));
  each_meeting(p, [&](int64_t x, int64_t from, int64_t tap) {
    for (int64_t k = 0; k < p.s.out; ++k)
      for (int64_t c = 0; c < p.s.in; ++c) dx[static_cast<size_t>(x + c)] += number(p.dy[from + k]) * p.w[p.weight(k, c, tap)];
  });
  return dx;
}

Truth weights_truth(const Problem& p) {
  Truth dw(static_cast<size_t>(p.w.size()));
  each_meeting(p, [&](int64_t x, int64_t from, int64_t tap) {
    for (int64_t k = 0; k < p.s.out; ++k)
      for (int64_t c = 0; c < p.s.in; ++c) dw[static_cast<size_t>(p.weight(k, c, tap))] += number(p.x[x + c]) * number(p.dy[from + k]);
  });
  return dw;
}

class EveryAmxShape : public WithAmx, public testing::WithParamInterface<Convolution> {};

TEST_P(EveryAmxShape, AgreesWithPlainLoopsInDouble) {
  const Problem p(GetParam());
  const bool has_weights = p.s.out % 16 == 0, whole = p.s.kernel == 3 && has_weights;
  const bool has_data = p.s.kernel == 3 && p.s.in % 16 == 0 && (p.s.stride == 1 || p.s.pad == 1);
  const Truth y = whole ? forward_truth(p, false) : Truth{}, finished = whole ? forward_truth(p, true) : Truth{};
  const Truth dx = has_data ? data_truth(p) : Truth{}, dw = has_weights ? weights_truth(p) : Truth{};
  for (const int team : {1, 2, 3}) {
    set_threads(team);
    SCOPED_TRACE(testing::Message() << "threads: " << team);
    if (has_weights) {
      EXPECT_LT(error(p.backward_weights(), dw), kRms);
    }
    if (whole) {
      EXPECT_LT(error(p.forward({}), y), kRmsOfBf16);
      EXPECT_LT(error(p.forward({.bias = p.bias.data(), .residual = p.residual.data(), .relu = true}), finished), kRmsOfBf16);
    }
    if (has_data) {
      EXPECT_LT(error(p.backward_data(), dx), kRmsOfBf16);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, EveryAmxShape,
    testing::Values(Convolution{16, 16, 16, 8, 8, 1}, Convolution{35, 32, 16, 7, 5, 1}, Convolution{1, 64, 32, 5, 14, 1},
                    Convolution{18, 48, 48, 5, 6, 1}, Convolution{33, 16, 48, 6, 4, 0}, Convolution{17, 32, 16, 1, 9, 2},
                    Convolution{40, 48, 16, 1, 1, 1}, Convolution{64, 32, 32, 3, 2, 1}, Convolution{34, 32, 48, 8, 8, 1, 2},
                    Convolution{17, 48, 32, 7, 9, 1, 2}, Convolution{3, 16, 64, 12, 5, 1, 2}, Convolution{33, 16, 16, 6, 7, 0, 2},
                    Convolution{33, 16, 16, 9, 5, 2}, Convolution{20, 32, 24, 6, 6, 1}, Convolution{17, 48, 40, 7, 6, 1, 2},
                    Convolution{2, 32, 16, 33, 33, 1}, Convolution{33, 24, 48, 5, 6, 1}, Convolution{20, 40, 16, 6, 6, 1, 2},
                    Convolution{33, 3, 16, 9, 8, 1}, Convolution{36, 24, 32, 4, 5, 0, 1, 1}, Convolution{33, 16, 16, 5, 7, 0, 1, 1},
                    Convolution{40, 48, 80, 8, 6, 0, 1, 1}, Convolution{64, 32, 48, 8, 7, 0, 2, 1}, Convolution{3, 560, 528, 2, 1, 0, 1, 1},
                    // Weights shared out by channels, and maps cut up that are too large for a core's L2.
                    Convolution{3, 176, 160, 3, 3, 1}, Convolution{3, 160, 176, 4, 5, 1, 2}, Convolution{2, 32, 48, 19, 21, 1},
                    Convolution{3, 48, 16, 31, 33, 1, 2}),
    [](const auto& shape) {
      const Convolution& s = shape.param;
      return "n" + std::to_string(s.images) + "_" + std::to_string(s.in) + "_to_" + std::to_string(s.out) + "_on_" +
             std::to_string(s.height) + "x" + std::to_string(s.width) + "_pad" + std::to_string(s.pad) + "_stride" +
             std::to_string(s.stride) + "_kernel" + std::to_string(s.kernel);
    });

TEST_F(WithAmx, GivesAnImageTheSameBitsWhateverTheBatchAndTheThreads) {
  const Problem many({37, 32, 32, 10, 10, 1});
  const Problem one({1, 32, 32, 10, 10, 1});
  std::copy_n(many.x.data() + 20 * one.x_map.size(), one.x_map.size(), one.x.data());
  std::copy_n(many.w.data(), many.w.size(), one.w.data());
  set_threads(2);
  const Aligned<uint16_t> of_many = many.forward({});
  set_threads(1);
  const Aligned<uint16_t> of_one = one.forward({});
  EXPECT_TRUE(std::equal(of_one.data(), of_one.data() + of_one.size(), of_many.data() + 20 * of_one.size()));
}

TEST_F(WithAmx, AddsAResidualInItsOwnPlace) {
  const Problem p({20, 32, 48, 6, 6, 1});
  const Aligned<uint16_t> apart = p.forward({.residual = p.residual.data()});
  Aligned<std::byte> tiles(static_cast<int64_t>(amx_weights_bytes(p.s))), scratch(static_cast<int64_t>(amx_scratch_bytes(p.s)));
  amx_weights(p.s, p.w.data(), false, tiles.data());
  amx_convolve(p.s, p.x.data(), tiles.data(), {.residual = p.residual.data()}, p.residual.data(), scratch.data());
  EXPECT_TRUE(std::equal(apart.data(), apart.data() + apart.size(), p.residual.data()));
}

TEST_F(WithAmx, KeepsANaNOneAndOfItsOwnImage) {
  const Problem p({3, 16, 16, 4, 4, 1});
  p.x[p.x_map.at(1, 1, 1, 3)] = bf16(std::nanf(""));
  const Aligned<uint16_t> y = p.forward({.relu = true});
  EXPECT_TRUE(std::isnan(number(y[p.y_map.at(1, 1, 1, 5)])));
  EXPECT_FALSE(std::isnan(number(y[p.y_map.at(0, 1, 1, 5)])));
  EXPECT_FALSE(std::isnan(number(y[p.y_map.at(1, 3, 3, 5)]))) << "no tap meets it";
}

#if defined(__x86_64__)
TEST_F(WithAmx, LeavesTheTilesOfItsCallerAsTheyWere) {
  // oneDNN's kernels configure tiles once for several of their own calls.
  const Problem p({16, 16, 16, 4, 4, 1});
  alignas(64) unsigned char before[64], after[64];
  asm volatile("sttilecfg %0" : "=m"(before));
  p.forward({});
  p.backward_weights();
  asm volatile("sttilecfg %0" : "=m"(after));
  EXPECT_EQ(std::memcmp(before, after, sizeof before), 0);
}
#endif

}  // namespace
}  // namespace convscope::kernels
