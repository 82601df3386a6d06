#include "convscope/train/schedules/constant.h"

namespace convscope {

ConstantRate::ConstantRate(Options options) : options_(options) { require_warm_up("constant", options_.warm_up); }

double ConstantRate::factor(const Progress& p) const { return warm_up(p, options_.warm_up); }

}  // namespace convscope
