#include "convscope/train/schedules/constant.h"

#include <algorithm>
#include <cmath>

namespace convscope {

ConstantRate::ConstantRate(Options options) : options_(options) {
  require(options_.warm_up >= 0 && std::isfinite(options_.warm_up), "constant: option 'warm_up' is {}; epochs from 0 on were wanted",
          options_.warm_up);
}

double ConstantRate::factor(const Progress& p) const {
  const double rising = options_.warm_up * static_cast<double>(p.steps_per_epoch);
  return rising > 0 ? std::min(1.0, static_cast<double>(p.step + 1) / rising) : 1;
}

}  // namespace convscope
