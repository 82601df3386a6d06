#include "convscope/train/schedules/cosine.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convscope/nn/one_of.h"

namespace convscope {

CosineRate::CosineRate(Options options) : options_(std::move(options)) {
  require(options_.floor >= 0 && options_.floor <= 1, "cosine: option 'floor' is {}; a share from 0 to 1 was wanted", options_.floor);
  require_warm_up("cosine", options_.warm_up);
  require_one_of("cosine", "each", options_.each, {"step", "epoch"});
}

double CosineRate::factor(const Progress& p) const {
  const bool each_step = options_.each == "step";
  const int64_t whole = each_step ? p.steps : (p.steps + p.steps_per_epoch - 1) / p.steps_per_epoch;
  const int64_t done = std::min(each_step ? p.step : p.epoch(), whole);
  const double rising = options_.warm_up * static_cast<double>(each_step ? p.steps_per_epoch : 1);
  const double falling = static_cast<double>(whole) - rising;
  const double t = falling > 0 ? std::max(0.0, static_cast<double>(done) - rising) / falling : 0;
  return warm_up(p, options_.warm_up) * (options_.floor + (1 - options_.floor) * (1 + std::cos(std::numbers::pi * t)) / 2);
}

}  // namespace convscope
