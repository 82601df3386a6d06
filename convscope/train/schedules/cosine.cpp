#include "convscope/train/schedules/cosine.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convscope/nn/one_of.h"

namespace convscope {

CosineRate::CosineRate(Options options) : options_(std::move(options)) {
  require(options_.floor >= 0 && options_.floor <= 1, "cosine: option 'floor' is {}; a share from 0 to 1 was wanted", options_.floor);
  require_one_of("cosine", "each", options_.each, {"step", "epoch"});
}

double CosineRate::factor(const Progress& p) const {
  const bool each_step = options_.each == "step";
  const int64_t whole = each_step ? p.steps : (p.steps + p.steps_per_epoch - 1) / p.steps_per_epoch;
  const int64_t done = std::min(each_step ? p.step : p.epoch(), whole);
  const double t = static_cast<double>(done) / static_cast<double>(whole);
  return options_.floor + (1 - options_.floor) * (1 + std::cos(std::numbers::pi * t)) / 2;
}

}  // namespace convscope
