#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "convscope/train/schedule.h"

namespace convscope {

/** What `warm_up` means in every schedule that has it. */
inline constexpr std::string_view kWarmUp = "epochs over which the rate rises from 0, linearly; parts of an epoch too";

/** Over the first `epochs` a factor that rises to 1 in equal steps, the first update's above 0; 1 from then on. */
inline double warm_up(const Progress& p, double epochs) {
  const double rising = epochs * static_cast<double>(p.steps_per_epoch);
  return rising > 0 ? std::min(1.0, static_cast<double>(p.step + 1) / rising) : 1;
}

inline void require_warm_up(std::string_view schedule, double epochs) {
  require(epochs >= 0 && std::isfinite(epochs), "{}: option 'warm_up' is {}; epochs from 0 on were wanted", schedule, epochs);
}

}  // namespace convscope
