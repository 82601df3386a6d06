#include "convscope/report/draw/axis.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"

namespace convscope {

namespace {

/** The smallest of 1, 2, 5 · 10ᵏ that is at least `least`. */
double nice_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double m : {1.0, 2.0, 5.0})
    if (m * power >= least * (1 - 1e-9)) return m * power;
  return 10 * power;
}

}  // namespace

std::string power_of_ten(int k) {
  if (k >= -4 && k <= 4) return fmt::format("{:.{}f}", std::pow(10.0, k), std::max(0, -k));
  static constexpr const char* kRaised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string label = k < 0 ? "10⁻" : "10";
  for (const char digit : std::to_string(std::abs(k))) label += kRaised[digit - '0'];
  return label;
}

Axis Axis::linear(double low, double high, int ticks) {
  require(std::isfinite(low) && std::isfinite(high) && low <= high, "no axis goes from {} to {}", low, high);
  const double least = std::max(std::abs(high), std::abs(low)) * 1e-6;
  if (high - low <= least) {  // all equal: a little room on both sides
    const double room = high == 0 ? 0.5 : std::abs(high) * 0.05;
    low -= room;
    high += room;
  }
  const double step = nice_step((high - low) / ticks);
  const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  Axis axis;
  axis.low_ = first * step;
  axis.high_ = last * step;
  const bool large = axis.high_ >= 1e6 || axis.low_ <= -1e6;
  for (double i = first; i <= last; ++i) {
    const double value = i == 0 ? 0 : i * step;
    axis.ticks_.push_back({value, large || decimals > 6 ? fmt::format("{:.3g}", value) : fmt::format("{:.{}f}", value, decimals)});
  }
  return axis;
}

Axis Axis::logarithmic(double low, double high, int ticks) {
  require(std::isfinite(high) && low > 0 && low <= high, "no logarithmic axis goes from {} to {}", low, high);
  Axis axis;
  axis.logarithmic_ = true;
  axis.low_ = 1 / nice_step(1 / low);  // 1 / (1, 2, 5) is 10, 5, 2 again
  axis.high_ = nice_step(high);
  if (axis.high_ < 1.5 * axis.low_) axis.high_ = nice_step(1.5 * axis.low_);

  const int first = static_cast<int>(std::floor(std::log10(axis.low_) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(axis.high_) - 1e-9));
  const int step = std::max(1, (last - first + ticks - 1) / ticks);
  const bool few = last - first <= 2;
  for (int k = first; k <= last; ++k) {
    if (k % step != 0) continue;  // so that 1 is among them
    for (const double m : {1.0, 2.0, 5.0}) {
      const double value = m * std::pow(10.0, k);
      if (value < axis.low_ * (1 - 1e-9) || value > axis.high_ * (1 + 1e-9) || (m != 1 && !few)) continue;
      axis.ticks_.push_back({value, m == 1 ? power_of_ten(k) : fmt::format("{:.3g}", value)});
    }
  }
  return axis;
}

Axis Axis::counting(int64_t first, int64_t last, int ticks) {
  require(first <= last, "no axis counts from {} to {}", first, last);
  Axis axis;
  if (first == last) {
    axis.low_ = static_cast<double>(first) - 0.5;
    axis.high_ = static_cast<double>(last) + 0.5;
    axis.ticks_.push_back({static_cast<double>(first), std::to_string(first)});
    return axis;
  }
  axis.low_ = static_cast<double>(first);
  axis.high_ = static_cast<double>(last);
  const auto step = std::max<int64_t>(1, std::llround(nice_step(static_cast<double>(last - first) / ticks)));
  // The first is told too, where the next round number leaves it room.
  const int64_t round = (first + step - 1) / step * step;
  if (round != first && 2 * (round - first) > step) axis.ticks_.push_back({static_cast<double>(first), std::to_string(first)});
  for (int64_t v = round; v <= last; v += step) axis.ticks_.push_back({static_cast<double>(v), std::to_string(v)});
  return axis;
}

Axis Axis::over(int64_t divisor) const {
  const auto by = static_cast<double>(divisor);
  Axis axis = *this;
  axis.low_ /= by;
  axis.high_ /= by;
  for (Tick& tick : axis.ticks_) {
    if (tick.value != 0) tick.label += fmt::format("/{}", divisor);
    tick.value /= by;
  }
  return axis;
}

double Axis::at(double value) const {
  if (logarithmic_) return std::log(value / low_) / std::log(high_ / low_);
  return (value - low_) / (high_ - low_);
}

}  // namespace convscope
