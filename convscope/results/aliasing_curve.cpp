#include "convscope/results/aliasing_curve.h"

namespace convscope {

void AliasingCurvePoint::check(std::string_view whose) const {
  for (const double share : {accuracy, median, low, high, contribution_median, contribution_low, contribution_high})
    require(share >= 0 && share <= 1, "{}: shares lie between 0 and 1, got {}", whose, share);
  require(epsilon >= 0 && epsilon <= 1, "{}: an epsilon between 0 and 1 was wanted, got {}", whose, epsilon);
}

void AliasingCurve::check(std::string_view whose) const {
  for (size_t i = 1; i < points.size(); ++i)
    require(points[i].epsilon > points[i - 1].epsilon, "{}: epsilons, each larger than the one before, were wanted; got {} behind {}",
            whose, points[i].epsilon, points[i - 1].epsilon);
}

}  // namespace convscope
