#include "convscope/attack/walk.h"

#include <algorithm>

namespace convscope {

Walk::Walk(std::span<const float> clean, std::span<const float> centre, Norm norm, uint64_t seed, int64_t number, bool pixels_only)
    : clean_(clean),
      centre_(centre),
      norm_(norm),
      seed_(seed),
      number_(number),
      pixels_only_(pixels_only),
      x_(clean.begin(), clean.end()),
      slope_(clean.size()) {}

void Walk::begin(float epsilon) {
  ball_ = Ball(centre_, epsilon, norm_, pixels_only_);
  return_home();
  iterations_ = 0;
  looked_ = false;
}

void Walk::return_home() { std::copy(clean_.begin(), clean_.end(), x_.begin()); }

void Walk::add_signs(std::span<const float> up, float by) {
  for (size_t i = 0; i < x_.size(); ++i) x_[i] += by * static_cast<float>((up[i] > 0) - (up[i] < 0));
  keep_inside();
}

void Walk::add(std::span<const float> direction, double by) {
  for (size_t i = 0; i < x_.size(); ++i) x_[i] += static_cast<float>(by * direction[i]);
  keep_inside();
}

void Walk::take_slope(std::span<const float> slope, float sign) {
  for (size_t i = 0; i < slope.size(); ++i) slope_[i] = sign * slope[i];
  if (slope_at_home_.empty() && std::equal(x_.begin(), x_.end(), clean_.begin())) slope_at_home_ = slope_;
}

bool Walk::knows_slope() {
  if (slope_at_home_.empty() || !std::equal(x_.begin(), x_.end(), clean_.begin())) return false;
  slope_ = slope_at_home_;
  return true;
}

std::span<const float> Walk::next_slope() {
  ++iterations_;
  looked_ = false;
  return slope_;
}

}  // namespace convscope
