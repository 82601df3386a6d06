#include "convscope/inspect/concepts/sobol.h"

#include "convscope/base/error.h"
#include "convscope/base/random.h"

namespace convscope {

std::vector<double> sobol_masks(int64_t designs, int64_t dimensions, uint64_t seed) {
  const RandomStream random(seed, "concepts/masks");
  std::vector<double> points(static_cast<size_t>(designs * 2 * dimensions));
  for (int64_t d = 0; d < 2 * dimensions; ++d) {
    const std::vector<int64_t> order = permutation(designs, random, static_cast<uint64_t>(d));
    for (int64_t n = 0; n < designs; ++n)
      points[static_cast<size_t>(n * 2 * dimensions + d)] =
          (static_cast<double>(order[static_cast<size_t>(n)]) + 0.5) / static_cast<double>(designs);
  }
  const auto count = static_cast<size_t>(dimensions);
  const auto at = [&](int64_t n, size_t half, size_t i) { return points[(static_cast<size_t>(n) * 2 + half) * count + i]; };
  std::vector<double> masks;
  masks.reserve(static_cast<size_t>(designs * (dimensions + 2) * dimensions));
  for (const size_t half : {size_t{0}, size_t{1}})
    for (int64_t n = 0; n < designs; ++n)
      for (size_t i = 0; i < count; ++i) masks.push_back(at(n, half, i));
  for (size_t other = 0; other < count; ++other)
    for (int64_t n = 0; n < designs; ++n)
      for (size_t i = 0; i < count; ++i) masks.push_back(at(n, i == other ? 1 : 0, i));
  return masks;
}

std::vector<double> total_sobol_indices(std::span<const double> values, int64_t designs, int64_t dimensions) {
  require(designs >= 2 && std::ssize(values) == designs * (dimensions + 2), "{} values of {} designs of {} numbers", values.size(), designs,
          dimensions);
  const auto count = static_cast<size_t>(designs);
  double mean = 0, variance = 0;
  for (size_t n = 0; n < count; ++n) mean += values[n] / static_cast<double>(designs);
  for (size_t n = 0; n < count; ++n) variance += (values[n] - mean) * (values[n] - mean) / static_cast<double>(designs - 1);
  std::vector<double> indices(static_cast<size_t>(dimensions));
  if (variance <= 0) return indices;
  for (size_t i = 0; i < indices.size(); ++i) {
    double sum = 0;
    for (size_t n = 0; n < count; ++n) {
      const double apart = values[n] - values[(2 + i) * count + n];
      sum += apart * apart;
    }
    indices[i] = sum / (2 * static_cast<double>(designs) * variance);
  }
  return indices;
}

}  // namespace convscope
