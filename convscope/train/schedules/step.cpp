#include "convscope/train/schedules/step.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "convscope/nn/one_of.h"

namespace convscope {

namespace {
/** "80/120" as numbers; they must rise. */
std::vector<int64_t> milestones_of(const Json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : shown(value);
  std::vector<int64_t> all;
  const char *at = text.data(), *end = at + text.size();
  while (true) {
    int64_t milestone = 0;
    const auto [stop, error] = std::from_chars(at, end, milestone);
    const bool whole = error == std::errc() && (stop == end || (*stop == '/' && stop + 1 != end));
    require(whole && milestone > (all.empty() ? 0 : all.back()),
            "step: option 'milestones' is '{}'; rising whole numbers from 1 on, separated by /, were wanted: 80/120", text);
    all.push_back(milestone);
    if (stop == end) return all;
    at = stop + 1;
  }
}
}  // namespace

StepRate::StepRate(Options options)
    : milestones_(milestones_of(options.milestones)), gamma_(options.gamma), warm_up_(options.warm_up), by_epoch_(options.unit == "epoch") {
  require(gamma_ >= 0 && std::isfinite(gamma_), "step: option 'gamma' is {}; a number from 0 on was wanted", gamma_);
  require_warm_up("step", warm_up_);
  require_one_of("step", "unit", options.unit, {"epoch", "step"});
}

double StepRate::factor(const Progress& p) const {
  const int64_t now = by_epoch_ ? p.epoch() : p.step;
  const auto passed = std::upper_bound(milestones_.begin(), milestones_.end(), now) - milestones_.begin();
  return warm_up(p, warm_up_) * std::pow(gamma_, static_cast<double>(passed));
}

}  // namespace convscope
