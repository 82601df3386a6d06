#include "convscope/results/significance.h"

#include <cmath>

namespace convscope {

namespace {

/** The continued fraction of the incomplete beta function, by Lentz's way; Abramowitz and Stegun 26.5.8. */
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnough = 1e-15;
  constexpr int kMost = 500;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double product = d;
  for (int m = 1; m <= kMost; ++m) {
    const auto turn = [&](double factor) {
      d = 1 + factor * d;
      d = 1 / (std::abs(d) < kTiny ? kTiny : d);
      c = 1 + factor / c;
      if (std::abs(c) < kTiny) c = kTiny;
      product *= c * d;
      return c * d;
    };
    turn(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (std::abs(turn(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) - 1) < kEnough) break;
  }
  return product;
}

/** I_x(a, b), the regularised incomplete beta function. */
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double two_sided_t(double t, double freedom) { return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)); }

}  // namespace convscope
