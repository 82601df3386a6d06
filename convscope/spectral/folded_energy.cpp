#include "convscope/spectral/folded_energy.h"

#include <algorithm>
#include <limits>

namespace convscope {

namespace {

/** Where every sample stays, nothing folds. */
LineMatrix low_pass(int64_t extent, int64_t rate) { return line_matrix({.filter = rate == 1 ? "plain" : "flc", .rate = rate}, extent); }

}  // namespace

FoldedEnergy::FoldedEnergy(int64_t rows, int64_t columns, Rate rate) : rows_(rows), columns_(columns), rate_(rate) {
  if (std::max(rows, columns) > kLongestLine) return;
  down_ = low_pass(rows, rate.rows);
  const LineMatrix across = low_pass(columns, rate.columns).transposed();
  const std::vector<double> numbers = across.dense();
  across_ = Tensor({columns, across.columns});
  std::transform(numbers.begin(), numbers.end(), across_.data(), [](double v) { return static_cast<float>(v); });
}

double FoldedEnergy::of(std::span<const float> x) const {
  if (across_.size() == 0) return std::numeric_limits<double>::quiet_NaN();
  const int64_t plane = rows_ * columns_, kept = across_.shape()[1];
  const int64_t channels = std::ssize(x) / plane;
  std::vector<float> line(static_cast<size_t>(columns_)), passed(static_cast<size_t>(kept));
  double folded = 0, all = 0;
  for (int64_t c = 0; c < channels; ++c) {
    const float* const of_channel = x.data() + c * plane;
    for (int64_t i = 0; i < down_.rows(); ++i) {
      // L along the columns of the plane, then along its rows, at the samples that stay alone.
      std::fill(line.begin(), line.end(), 0.0f);
      for (int64_t a = down_.begins[static_cast<size_t>(i)]; a < down_.begins[static_cast<size_t>(i) + 1]; ++a) {
        const float weight = static_cast<float>(down_.weights[static_cast<size_t>(a)]);
        const float* const row = of_channel + down_.places[static_cast<size_t>(a)] * columns_;
        for (int64_t j = 0; j < columns_; ++j) line[static_cast<size_t>(j)] += weight * row[j];
      }
      std::fill(passed.begin(), passed.end(), 0.0f);
      for (int64_t j = 0; j < columns_; ++j) {
        const float value = line[static_cast<size_t>(j)];
        const float* const weights = across_.data() + j * kept;
        for (int64_t k = 0; k < kept; ++k) passed[static_cast<size_t>(k)] += value * weights[k];
      }
      for (int64_t k = 0; k < kept; ++k) {
        const double there = of_channel[i * rate_.rows * columns_ + k * rate_.columns], rest = there - passed[static_cast<size_t>(k)];
        folded += rest * rest;
        all += there * there;
      }
    }
  }
  return all > 0 ? folded / all : 0;
}

}  // namespace convscope
