#include "convscope/train/schedules/one_cycle.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace convscope {

namespace {
/** From `begin` to `end` along half a cosine; `t` in [0, 1]. */
double anneal(double begin, double end, double t) { return end + (begin - end) / 2 * (1 + std::cos(std::numbers::pi * t)); }
}  // namespace

OneCycle::OneCycle(Options options) : options_(options) {
  require(options_.pct_start >= 0 && options_.pct_start <= 1, "one-cycle: option 'pct_start' is {}; a share from 0 to 1 was wanted",
          options_.pct_start);
  const auto check_factor = [](std::string_view name, double factor) {
    require(factor >= 1 && std::isfinite(factor), "one-cycle: option '{}' is {}; a number from 1 on was wanted", name, factor);
  };
  check_factor("div_factor", options_.div_factor);
  check_factor("final_div_factor", options_.final_div_factor);
}

double OneCycle::factor(const Progress& p) const {
  const double first = 1 / options_.div_factor, end = first / options_.final_div_factor;
  const double step = static_cast<double>(std::min(p.step, p.steps - 1)), last = static_cast<double>(p.steps - 1);
  const double peak = options_.pct_start * static_cast<double>(p.steps) - 1;  // the update with the full rate; may lie between two
  if (step < peak) return anneal(first, 1, step / peak);
  return peak < last ? anneal(1, end, (step - peak) / (last - peak)) : 1;
}

}  // namespace convscope
