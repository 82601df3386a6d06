// Winograd's convolutions against plain loops in double, on every kind of vector that this processor has.

#include "convscope/engine/kernels/winograd.h"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {
namespace {

/** rms(error) / rms(result), of all three directions for the shapes below; a direct sum in order has 2e-7 to 8e-7. */
constexpr double kRms = 3e-6;

/** Floats at an address that vectors may be loaded from. */
class Aligned {
 public:
  explicit Aligned(int64_t floats, float value = 0) : numbers_(static_cast<size_t>(floats + 16), value) {
    const auto address = reinterpret_cast<uintptr_t>(numbers_.data());
    first_ = numbers_.data() + (64 - address % 64) % 64 / sizeof(float);
  }
  Aligned(Aligned&&) = default;
  Aligned& operator=(Aligned&&) = delete;
  float* data() { return first_; }
  float& operator[](int64_t i) { return first_[i]; }

 private:
  std::vector<float> numbers_;
  float* first_;
};

/** [images][channels][rows][columns] in blocks. */
struct Map {
  int64_t images, channels, height, width;
  int64_t lanes = block_lanes(), blocks = (channels + lanes - 1) / lanes;
  int64_t size() const { return images * blocks * height * width * lanes; }
  int64_t at(int64_t n, int64_t c, int64_t i, int64_t j) const {
    return (((n * blocks + c / lanes) * height + i) * width + j) * lanes + c % lanes;
  }
  template <typename Body>
  void each(const Body& body) const {
    for (int64_t n = 0; n < images; ++n)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t i = 0; i < height; ++i)
          for (int64_t j = 0; j < width; ++j) body(n, c, i, j);
  }
  bool holds(int64_t i, int64_t j) const { return i >= 0 && j >= 0 && i < height && j < width; }
};

struct Problem {
  Convolution s;
  Map x_map{s.images, s.in, s.height, s.width}, y_map{s.images, s.out, s.out_height(), s.out_width()};
  Aligned x{x_map.size()}, dy{y_map.size()}, residual{y_map.size()}, bias{s.out + 16}, w{weights()};

  explicit Problem(const Convolution& shape) : s(shape) {
    uint64_t next = 0;
    const RandomStream numbers(1, "winograd");
    x_map.each([&](auto... at) { x[x_map.at(at...)] = std::max(0.0f, numbers.normal(next++)); });  // as behind a ReLU
    y_map.each([&](auto... at) { dy[y_map.at(at...)] = numbers.normal(next++); });
    y_map.each([&](auto... at) { residual[y_map.at(at...)] = numbers.normal(next++); });
    for (int64_t k = 0; k < s.out; ++k) {
      bias[k] = numbers.normal(next++);
      for (int64_t c = 0; c < s.in; ++c)
        for (int tap = 0; tap < 9; ++tap) w[weight(k, c, tap)] = numbers.normal(next++) * std::sqrt(2.0f / static_cast<float>(9 * s.in));
    }
  }
  int64_t weights() const { return x_map.blocks * x_map.lanes * y_map.blocks * y_map.lanes * 9; }
  int64_t weight(int64_t k, int64_t c, int tap) const {
    const int64_t lanes = x_map.lanes;
    return ((k / lanes * x_map.blocks + c / lanes) * 9 + tap) * lanes * lanes + c % lanes * lanes + k % lanes;
  }
};

struct Error {
  double squares = 0, all = 0;
  void add(double got, double wanted) {
    squares += std::isfinite(got) ? (got - wanted) * (got - wanted) : std::numeric_limits<double>::infinity();
    all += wanted * wanted;
  }
  double rms() const { return std::sqrt(squares / all); }
};

Aligned convolved(const Convolution& s, float* x, float* w, bool turned, const Epilogue& epilogue, const Map& y_map) {
  Aligned u(winograd_weights_size(s)), scratch(winograd_scratch(s)), y(y_map.size(), std::nanf(""));
  winograd_weights(s, w, turned, u.data());
  winograd_convolve(s, false, x, u.data(), epilogue, y.data(), scratch.data());
  return y;
}

double forward_error(Problem& p, const Epilogue& e) {
  Aligned y = convolved(p.s, p.x.data(), p.w.data(), false, e, p.y_map);
  Error error;
  p.y_map.each([&](int64_t n, int64_t k, int64_t i, int64_t j) {
    double sum = (e.bias ? p.bias[k] : 0) + (e.residual ? p.residual[p.y_map.at(n, k, i, j)] : 0);
    for (int64_t c = 0; c < p.s.in; ++c)
      for (int tap = 0; tap < 9; ++tap) {
        const int64_t row = i + tap / 3 - p.s.pad, column = j + tap % 3 - p.s.pad;
        if (p.x_map.holds(row, column)) sum += double{p.x[p.x_map.at(n, c, row, column)]} * p.w[p.weight(k, c, tap)];
      }
    error.add(y[p.y_map.at(n, k, i, j)], e.relu ? std::max(0.0, sum) : sum);
  });
  return error.rms();
}

double data_error(Problem& p) {
  Aligned dx = convolved(p.s.reversed(), p.dy.data(), p.w.data(), true, {}, p.x_map);
  Error error;
  p.x_map.each([&](int64_t n, int64_t c, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t k = 0; k < p.s.out; ++k)
      for (int tap = 0; tap < 9; ++tap) {
        const int64_t row = i - tap / 3 + p.s.pad, column = j - tap % 3 + p.s.pad;
        if (p.y_map.holds(row, column)) sum += double{p.dy[p.y_map.at(n, k, row, column)]} * p.w[p.weight(k, c, tap)];
      }
    error.add(dx[p.x_map.at(n, c, i, j)], sum);
  });
  return error.rms();
}

double weights_error(Problem& p) {
  Aligned dw(p.weights(), std::nanf("")), scratch(winograd_gradient_scratch(p.s));
  winograd_weight_gradient(p.s, false, p.x.data(), p.dy.data(), dw.data(), scratch.data());
  Error error;
  for (int64_t k = 0; k < p.s.out; ++k)
    for (int64_t c = 0; c < p.s.in; ++c)
      for (int tap = 0; tap < 9; ++tap) {
        double sum = 0;
        for (int64_t n = 0; n < p.s.images; ++n)
          for (int64_t i = 0; i < p.y_map.height; ++i)
            for (int64_t j = 0; j < p.y_map.width; ++j) {
              const int64_t row = i + tap / 3 - p.s.pad, column = j + tap % 3 - p.s.pad;
              if (p.x_map.holds(row, column)) sum += double{p.x[p.x_map.at(n, c, row, column)]} * p.dy[p.y_map.at(n, k, i, j)];
            }
        error.add(dw[p.weight(k, c, tap)], sum);
      }
  return error.rms();
}

/** What lies behind the last channel of the gradients is zero, as all who read blocks expect. */
void expect_zero_padding(Problem& p) {
  Aligned dw(p.weights(), std::nanf("")), scratch(winograd_gradient_scratch(p.s));
  winograd_weight_gradient(p.s, false, p.x.data(), p.dy.data(), dw.data(), scratch.data());
  Aligned y = convolved(p.s, p.x.data(), p.w.data(), false, {.bias = p.bias.data(), .relu = true}, p.y_map);
  for (int64_t k = 0; k < p.y_map.blocks * p.y_map.lanes; ++k) {
    const bool behind = k >= p.s.out;
    for (int64_t c = behind ? 0 : p.s.in; c < p.x_map.blocks * p.x_map.lanes; ++c) EXPECT_EQ(dw[p.weight(k, c, 4)], 0) << k << ' ' << c;
    if (behind) {
      EXPECT_EQ(y[p.y_map.at(0, k, 0, 0)], 0) << k;
    }
  }
}

/** Runs what follows for vectors of one kind. */
class Target {
 public:
  explicit Target(int64_t target) { use(target); }
  ~Target() { use(0); }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

 private:
  static void use(int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

class EveryWinogradShape : public testing::TestWithParam<Convolution> {
 protected:
  /** body() with each kind of vector and with one, two and three threads. */
  template <typename Body>
  void everywhere(const Body& body) {
    const int before = threads();
    for (const int64_t target : {HWY_AVX2, HWY_AVX3}) {
      if (!(hwy::SupportedTargets() & target)) continue;
      const Target one(target);
      if (!winograd_runs()) continue;
      for (const int team : {1, 2, 3}) {
        set_threads(team);
        SCOPED_TRACE(testing::Message() << hwy::TargetName(target) << ", threads: " << team);
        body();
      }
    }
    set_threads(before);
  }
};

TEST_P(EveryWinogradShape, AgreesWithPlainLoopsInDouble) {
  everywhere([&] {
    Problem p(GetParam());
    EXPECT_LT(forward_error(p, {}), kRms);
    EXPECT_LT(forward_error(p, {.bias = p.bias.data(), .residual = p.residual.data(), .relu = true}), kRms);
    EXPECT_LT(data_error(p), kRms);
    EXPECT_LT(weights_error(p), kRms);
  });
}

TEST_P(EveryWinogradShape, LeavesPaddingZero) {
  everywhere([&] {
    Problem p(GetParam());
    expect_zero_padding(p);
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryWinogradShape,
                         testing::Values(Convolution{2, 16, 16, 8, 8, 1}, Convolution{3, 32, 64, 7, 7, 1}, Convolution{1, 64, 32, 5, 14, 1},
                                         Convolution{2, 48, 96, 9, 6, 1}, Convolution{3, 20, 40, 3, 3, 1}, Convolution{2, 17, 33, 6, 4, 0},
                                         Convolution{2, 24, 16, 1, 9, 2}, Convolution{70, 16, 16, 4, 4, 1},
                                         Convolution{1, 144, 272, 4, 5, 1}),
                         [](const auto& shape) {
                           const Convolution& s = shape.param;
                           return "n" + std::to_string(s.images) + "_" + std::to_string(s.in) + "_to_" + std::to_string(s.out) + "_on_" +
                                  std::to_string(s.height) + "x" + std::to_string(s.width) + "_pad" + std::to_string(s.pad);
                         });

TEST(Winograd, GivesAnImageTheSameBitsWhateverTheBatchAndTheThreads) {
  if (!winograd_runs()) GTEST_SKIP() << "this processor's vectors are not as wide as a block of channels";
  Problem many({9, 32, 32, 10, 10, 1}), one({1, 32, 32, 10, 10, 1});
  std::copy_n(many.x.data(), one.x_map.size(), one.x.data());
  std::copy_n(many.w.data(), many.weights(), one.w.data());
  const int before = threads();
  set_threads(2);
  Aligned of_many = convolved(many.s, many.x.data(), many.w.data(), false, {}, many.y_map);
  set_threads(1);
  Aligned of_one = convolved(one.s, one.x.data(), one.w.data(), false, {}, one.y_map);
  set_threads(before);
  EXPECT_TRUE(std::equal(of_one.data(), of_one.data() + one.y_map.size(), of_many.data()));
}

TEST(Winograd, KeepsANaNOne) {
  if (!winograd_runs()) GTEST_SKIP() << "this processor's vectors are not as wide as a block of channels";
  Problem p({1, 16, 16, 4, 4, 1});
  p.x[p.x_map.at(0, 3, 1, 1)] = std::nanf("");
  Aligned y = convolved(p.s, p.x.data(), p.w.data(), false, {.relu = true}, p.y_map);
  EXPECT_TRUE(std::isnan(y[p.y_map.at(0, 5, 1, 1)]));
}

}  // namespace
}  // namespace convscope::kernels
