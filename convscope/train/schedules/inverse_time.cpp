#include "convscope/train/schedules/inverse_time.h"

#include "convscope/nn/one_of.h"

namespace convscope {

InverseTime::InverseTime(Options options) : options_(std::move(options)) {
  require(options_.decay >= 0 && std::isfinite(options_.decay), "inverse-time: option 'decay' is {}; a number from 0 on was wanted",
          options_.decay);
  require_warm_up("inverse-time", options_.warm_up);
  require_one_of("inverse-time", "unit", options_.unit, {"step", "epoch"});
}

double InverseTime::factor(const Progress& p) const {
  const double t = static_cast<double>(options_.unit == "step" ? p.step : p.epoch());
  return warm_up(p, options_.warm_up) / (1 + options_.decay * t);
}

}  // namespace convscope
