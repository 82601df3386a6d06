#include "convscope/attack/projections.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace convscope {

namespace {

/**
 * Σ_i gain_i · min(λ, limit_i) = wanted for λ ≥ 0: the left side grows piece by piece, and λ is linear in it on each. Infinite where all
 * limits together are not enough.
 */
double length_of_step(std::span<const double> gain, std::span<const double> limit, double wanted) {
  std::vector<size_t> order(gain.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return limit[a] < limit[b]; });
  double used = 0, open = std::accumulate(gain.begin(), gain.end(), 0.0);  // of those at their limit; gain of the others
  for (const size_t i : order) {
    if (used + open * limit[i] >= wanted) return open > 0 ? (wanted - used) / open : limit[i];
    used += gain[i] * limit[i];
    open = std::max(0.0, open - gain[i]);
  }
  return HUGE_VAL;
}

}  // namespace

std::vector<float> step_to_hyperplane(std::span<const float> x, std::span<const float> w, double b, Norm norm) {
  double above = -b;
  for (size_t i = 0; i < x.size(); ++i) above += static_cast<double>(w[i]) * x[i];
  // Towards the plane each number goes against its weight, as far as the box lets it.
  const double towards = above > 0 ? -1 : 1;
  std::vector<double> gain(x.size()), limit(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double slope = towards * w[i], room = slope > 0 ? 1.0 - x[i] : x[i];
    const double size = std::abs(slope);
    // linf: every number moves by λ; l2: by λ |w|.
    gain[i] = norm == Norm::linf ? size : size * size;
    limit[i] = size == 0 ? 0 : norm == Norm::linf ? room : room / size;
  }
  const double length = length_of_step(gain, limit, std::abs(above));
  std::vector<float> step(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double sign = towards * w[i] > 0 ? 1 : w[i] == 0 ? 0 : -1, by = std::min(length, limit[i]);
    step[i] = static_cast<float>(sign * by * (norm == Norm::linf ? 1 : std::abs(static_cast<double>(w[i]))));
  }
  return step;
}

}  // namespace convscope
