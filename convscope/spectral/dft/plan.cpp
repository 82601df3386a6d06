#include "convscope/spectral/dft/plan.h"

#include <cmath>
#include <complex>
#include <numbers>

namespace convscope::dft {

namespace {

using Complex = std::complex<double>;

Complex root(int64_t j, int64_t n) {
  const double angle = -2 * std::numbers::pi * static_cast<double>(j % n) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}

void put(std::vector<float>& to, Complex value) {
  to.push_back(static_cast<float>(value.real()));
  to.push_back(static_cast<float>(value.imag()));
}

/** Radices whose product is n; empty where n has a prime factor that is none. The largest come last: the last stage has no twiddles. */
std::vector<int64_t> radices_of(int64_t n) {
  std::vector<int64_t> radices;
  int64_t twos = 0;
  for (; n % 2 == 0; n /= 2) ++twos;
  for (; twos % 3 != 0 && twos >= 2; twos -= 2) radices.push_back(4);
  if (twos == 1) radices.push_back(2);
  const auto take = [&](int64_t factor) {
    for (; n % factor == 0; n /= factor) radices.push_back(factor);
  };
  for (const int64_t prime : {3, 5, 7}) take(prime);
  for (; twos >= 3; twos -= 3) radices.push_back(8);
  for (int64_t factor = 11; factor <= Plan::kLargestRadix; factor += 2) take(factor);
  return n == 1 ? radices : std::vector<int64_t>();
}

std::vector<float> matrix_of(int64_t radix) {
  const int64_t h = radix / 2;
  std::vector<float> matrix;
  for (int64_t row = 1; row <= h; row += Plan::kRows)
    for (int64_t j = 1; j <= h; ++j)
      for (int64_t k = row; k < row + Plan::kRows; ++k) put(matrix, k <= h ? std::conj(root(j * k, radix)) : 0);
  return matrix;
}

bool smooth(int64_t n) {
  for (const int64_t prime : {2, 3, 5, 7})
    while (n % prime == 0) n /= prime;
  return n == 1;
}

/** In double, for the kernel of a chirp; n is smooth. */
std::vector<Complex> exact_dft(const std::vector<Complex>& x) {
  const int64_t n = static_cast<int64_t>(x.size());
  if (n == 1) return x;
  int64_t p = 2;
  while (n % p != 0) ++p;
  std::vector<Complex> result(x.size());
  std::vector<std::vector<Complex>> parts;
  for (int64_t i = 0; i < p; ++i) {
    std::vector<Complex> part;
    for (int64_t j = i; j < n; j += p) part.push_back(x[static_cast<size_t>(j)]);
    parts.push_back(exact_dft(part));
  }
  for (int64_t k = 0; k < n; ++k)
    for (int64_t i = 0; i < p; ++i)
      result[static_cast<size_t>(k)] += root(i * k, n) * parts[static_cast<size_t>(i)][static_cast<size_t>(k % (n / p))];
  return result;
}

std::shared_ptr<const Plan::Chirp> make_chirp(int64_t n) {
  int64_t m = 2 * n - 1;
  while (!smooth(m)) ++m;
  Plan::Chirp chirp{Plan(m), {}, {}};
  std::vector<Complex> conjugate(static_cast<size_t>(m));
  for (int64_t j = 0; j < n; ++j) {
    const Complex c = root(j * j % (2 * n), 2 * n);
    put(chirp.factor, c);
    conjugate[static_cast<size_t>(j)] = conjugate[static_cast<size_t>((m - j) % m)] = std::conj(c);
  }
  for (const Complex c : exact_dft(conjugate)) put(chirp.kernel, c / static_cast<double>(m));
  return std::make_shared<const Plan::Chirp>(std::move(chirp));
}

}  // namespace

void unit_root(int64_t j, int64_t n, float* re_im) {
  const Complex w = root(j, n);
  re_im[0] = static_cast<float>(w.real());
  re_im[1] = static_cast<float>(w.imag());
}

std::vector<float> modulations(int64_t n, int64_t rate) {
  std::vector<float> all;
  for (int64_t q = 0; q < rate; ++q)
    for (int64_t j = 0; j < n; ++j) put(all, root(q * j, rate * n));
  return all;
}

Plan::Plan(int64_t length) : n(length) {
  const std::vector<int64_t> radices = radices_of(n);
  if (radices.empty() && n > 1) {
    chirp = make_chirp(n);
    return;
  }
  int64_t left = n, repeats = 1;
  for (const int64_t radix : radices) {
    Stage stage{radix, left / radix, repeats, {}, {}};
    if (radix > 8) stage.matrix = matrix_of(radix);
    if (stage.groups > 1)
      for (int64_t k = 0; k < stage.groups; ++k)
        for (int64_t j = 1; j < radix; ++j) put(stage.twiddles, root(j * k, left));
    stages.push_back(std::move(stage));
    left /= radix;
    repeats *= radix;
  }
}

int64_t Plan::scratch() const { return chirp ? 2 * 2 * chirp->inner.n + chirp->inner.scratch() : 2 * 2 * n; }

}  // namespace convscope::dft
