#include "convscope/train/schedules/linear.h"

namespace convscope {

LinearRate::LinearRate(Options options) : options_(options) {
  require(options_.floor >= 0 && options_.floor <= 1, "linear: option 'floor' is {}; a share from 0 to 1 was wanted", options_.floor);
  require_warm_up("linear", options_.warm_up);
}

double LinearRate::factor(const Progress& p) const {
  const double rising = options_.warm_up * static_cast<double>(p.steps_per_epoch), falling = static_cast<double>(p.steps) - rising;
  const double t = falling > 0 ? std::clamp((static_cast<double>(p.step) - rising) / falling, 0.0, 1.0) : 0;
  return warm_up(p, options_.warm_up) * (1 - (1 - options_.floor) * t);
}

}  // namespace convscope
