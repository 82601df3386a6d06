#include "convscope/results/fourier_record.h"

#include <algorithm>
#include <cmath>

#include "convscope/results/evaluation.h"

namespace convscope {

double high_frequency_error(const FourierErrors& f) {
  const int64_t rows = std::ssize(f.errors), columns = rows > 0 ? std::ssize(f.errors.front()) : 0;
  const int64_t down = (rows - 1) / 2, across = (columns - 1) / 2;
  double sum = 0;
  int64_t count = 0;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      if (2 * std::abs(i - down) <= down && 2 * std::abs(j - across) <= across) continue;
      sum += f.errors[static_cast<size_t>(i)][static_cast<size_t>(j)];
      ++count;
    }
  return sum / static_cast<double>(count);
}

void sum_up(FourierErrors& f) {
  const int64_t rows = std::ssize(f.errors), columns = rows > 0 ? std::ssize(f.errors.front()) : 0;
  const int64_t down = (rows - 1) / 2, across = (columns - 1) / 2, whole = std::min(down, across);
  std::vector<FourierErrors::Ring> rings(static_cast<size_t>(whole) + 1);
  std::vector<double> sums(rings.size(), 0), energies(rings.size(), 0);
  std::vector<int64_t> counts(rings.size(), 0);
  double sum = 0, widest = 0;
  int64_t known = 0;
  f.done = 0;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      const double error = f.errors[static_cast<size_t>(i)][static_cast<size_t>(j)];
      const auto ring = static_cast<size_t>(std::lround(std::hypot(static_cast<double>(i - down), static_cast<double>(j - across))));
      if (ring < rings.size() && !f.gradient_energy.empty())
        energies[ring] += f.gradient_energy[static_cast<size_t>(i)][static_cast<size_t>(j)];
      if (std::isnan(error)) continue;
      sum += error;
      ++known;
      if (j > across || (j == across && i >= down)) ++f.done;
      const auto interval = wilson_interval(std::lround(error * static_cast<double>(f.images)), f.images);
      widest = std::max(widest, (interval[1] - interval[0]) / 2);
      if (ring >= rings.size()) continue;
      sums[ring] += error;
      ++counts[ring];
    }
  for (size_t r = 0; r < rings.size(); ++r) {
    rings[r].radius = static_cast<int64_t>(r);
    rings[r].error = counts[r] > 0 ? sums[r] / static_cast<double>(counts[r]) : kUnknown;
    rings[r].gradient_energy = f.gradient_energy.empty() ? kUnknown : energies[r];
  }
  f.rings = std::move(rings);
  f.mean_error = known > 0 ? sum / static_cast<double>(known) : kUnknown;
  f.widest_interval_95 = known > 0 ? widest : kUnknown;
}

}  // namespace convscope
