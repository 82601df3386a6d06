#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace convscope {

/**
 * From values to places between 0 and 1, with ticks at round numbers.
 *
 *   linear       ticks at multiples of 1, 2 or 5 · 10ᵏ; the axis ends on a tick at either end
 *   logarithmic  ticks at powers of ten, and at 2 and 5 times these where it spans few; it ends on 1, 2 or 5 · 10ᵏ
 *   counting     whole numbers; the axis ends where the data do
 */
class Axis {
 public:
  struct Tick {
    double value;
    std::string label;
  };

  /** About `ticks` of them. Equal ends are spread a little. */
  static Axis linear(double low, double high, int ticks);
  /** 0 < low ≤ high. */
  static Axis logarithmic(double low, double high, int ticks);
  static Axis counting(int64_t first, int64_t last, int ticks);

  /** The same places of values that are `divisor` times smaller, as fractions: "8/255". */
  Axis over(int64_t divisor) const;

  double low() const { return low_; }
  double high() const { return high_; }
  bool is_logarithmic() const { return logarithmic_; }
  const std::vector<Tick>& ticks() const { return ticks_; }

  /** 0 at the low end, 1 at the high one. */
  double at(double value) const;

 private:
  double low_ = 0, high_ = 1;
  bool logarithmic_ = false;
  std::vector<Tick> ticks_;
};

/** 10ᵏ as people write it: 0.01, 10⁻⁷. */
std::string power_of_ten(int k);

}  // namespace convscope
