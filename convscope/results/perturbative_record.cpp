#include "convscope/results/perturbative_record.h"

#include "convscope/results/inspection.h"

namespace convscope {

Json perturbative_to_json(const PerturbativeRecord& record) {
  Json j = result_to_json(record);
  for (const char* list : {"runs", "trials"}) j[list] = Json::array();
  for (const PerturbativeRun& r : record.runs) j["runs"].push_back(result_to_json(r));
  for (const SmoothingTrial& t : record.trials) j["trials"].push_back(result_to_json(t));
  j["fit"] = result_to_json(record.fit);
  j["fit"]["points"] = Json::array();
  for (const MaskFitPoint& p : record.fit.points) j["fit"]["points"].push_back(result_to_json(p));
  return j;
}

PerturbativeRecord perturbative_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json runs = taken_list(own, "runs", whose), trials = taken_list(own, "trials", whose);
  Json fit = own.contains("fit") ? own["fit"] : Json::object();
  own.erase("fit");
  PerturbativeRecord record = result_from_json<PerturbativeRecord>(own, whose);
  require(record.test_images >= 1, "{}: tests of {} images", whose, record.test_images);
  for (const Json& run : runs) {
    record.runs.push_back(result_from_json<PerturbativeRun>(run, whose));
    const PerturbativeRun& r = record.runs.back();
    require(!r.name.empty(), "{}: a run without a name", whose);
    require_beside(r.name, whose);  // it becomes a path
    require(!(r.published < 0 || r.published > 1), "{}: run {}: shares lie between 0 and 1, got {}", whose, r.name, r.published);
  }
  for (const Json& trial : trials) record.trials.push_back(result_from_json<SmoothingTrial>(trial, whose));
  const Json points = taken_list(fit, "points", whose);
  record.fit = result_from_json<MaskFitRecord>(fit, whose);
  for (const Json& point : points) {
    record.fit.points.push_back(result_from_json<MaskFitPoint>(point, whose));
    require(record.fit.points.back().images >= 1, "{}: masks fitted to {} images", whose, record.fit.points.back().images);
  }
  return record;
}

}  // namespace convscope
