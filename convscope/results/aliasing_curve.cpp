#include "convscope/results/aliasing_curve.h"

#include "convscope/results/inspection.h"

namespace convscope {

Json aliasing_curve_to_json(const AliasingCurve& curve) {
  Json j = result_to_json(curve);
  j["points"] = Json::array();
  for (const AliasingCurvePoint& point : curve.points) j["points"].push_back(result_to_json(point));
  return j;
}

AliasingCurve aliasing_curve_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json points = taken_list(own, "points", whose);
  AliasingCurve curve = result_from_json<AliasingCurve>(own, whose);
  for (const Json& point : points) {
    curve.points.push_back(result_from_json<AliasingCurvePoint>(point, whose));
    const AliasingCurvePoint& p = curve.points.back();
    for (const double share : {p.accuracy, p.median, p.low, p.high, p.contribution_median, p.contribution_low, p.contribution_high})
      require(share >= 0 && share <= 1, "{}: shares lie between 0 and 1, got {}", whose, share);
    require(p.epsilon >= 0 && p.epsilon <= 1 && (curve.points.size() == 1 || p.epsilon > curve.points[curve.points.size() - 2].epsilon),
            "{}: epsilons between 0 and 1 were wanted, each larger than the one before; got {}", whose, p.epsilon);
  }
  return curve;
}

}  // namespace convscope
