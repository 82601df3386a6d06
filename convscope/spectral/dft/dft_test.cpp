#include <gtest/gtest.h>
#include <kiss_fft.h>

#include "convscope/base/random.h"
#include "convscope/spectral/naive_testing.h"

namespace convscope::dft {
namespace {

using testing_spectral::Complex;

/** Random signals in all lanes and their spectra, as [lane][n]. */
struct Transformed {
  std::vector<std::vector<Complex>> x, spectrum;
};
Transformed transformed(int64_t n) {
  const Plan plan(n);
  const int64_t size = 2 * lanes();
  const Vectors x = vectors(2 * n), y = vectors(2 * n), scratch = vectors(plan.scratch());
  const RandomStream random(1, "signals");
  for (int64_t i = 0; i < n * size; ++i) x[static_cast<size_t>(i)] = random.uniform(static_cast<uint64_t>(i)) - 0.5f;
  transform_lanes(plan, x.get(), y.get(), scratch.get());
  Transformed t;
  for (int64_t lane = 0; lane < lanes(); ++lane) {
    std::vector<Complex> from, to;
    for (int64_t i = 0; i < n; ++i) {
      const size_t re = static_cast<size_t>(i * size + lane), im = re + static_cast<size_t>(lanes());
      from.emplace_back(x[re], x[im]);
      to.emplace_back(y[re], y[im]);
    }
    t.x.push_back(from);
    t.spectrum.push_back(to);
  }
  return t;
}

void expect_near(const std::vector<Complex>& ours, const std::vector<Complex>& truth, double tolerance, int64_t n) {
  double error = 0, scale = 0;
  for (size_t k = 0; k < truth.size(); ++k) {
    error = std::max(error, std::abs(ours[k] - truth[k]));
    scale = std::max(scale, std::abs(truth[k]));
  }
  EXPECT_LE(error, tolerance * scale) << "length " << n;
}

constexpr double kFloat = 1e-6;  // of the largest number of the spectrum

TEST(Dft, IsItsDefinitionAtEveryLengthInEveryLane) {
  for (int64_t n = 1; n <= 120; ++n) {
    const Transformed t = transformed(n);
    for (size_t lane = 0; lane < t.x.size(); lane += n % 16 == 0 ? 1 : 5)
      expect_near(t.spectrum[lane], testing_spectral::naive_dft(t.x[lane]), kFloat, n);
  }
}

TEST(Dft, AgreesWithKissFftAtLongerLengths) {
  for (const int64_t n :
       {121, 127, 210, 223, 224, 225, 251, 256, 257, 263, 299, 343, 384, 446, 448, 512, 514, 625, 997, 1024, 1331, 2016}) {
    const Transformed t = transformed(n);
    std::vector<kiss_fft_cpx> from(static_cast<size_t>(n)), to(static_cast<size_t>(n));
    for (size_t i = 0; i < from.size(); ++i) from[i] = {static_cast<float>(t.x[1][i].real()), static_cast<float>(t.x[1][i].imag())};
    kiss_fft_cfg plan = kiss_fft_alloc(static_cast<int>(n), 0, nullptr, nullptr);
    kiss_fft(plan, from.data(), to.data());
    kiss_fft_free(plan);
    std::vector<Complex> truth;
    for (const kiss_fft_cpx& c : to) truth.emplace_back(c.r, c.i);
    expect_near(t.spectrum[1], truth, 2 * kFloat, n);
  }
}

}  // namespace
}  // namespace convscope::dft
