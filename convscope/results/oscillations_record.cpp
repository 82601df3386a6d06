#include "convscope/results/oscillations_record.h"

#include "convscope/results/inspection.h"

namespace convscope {

Json oscillations_to_json(const OscillationsRecord& record) {
  Json j = result_to_json(record);
  j["networks"] = Json::array();
  for (const OscillationNetwork& n : record.networks) j["networks"].push_back(result_to_json(n));
  return j;
}

OscillationsRecord oscillations_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json networks = taken_list(own, "networks", whose);
  OscillationsRecord record = result_from_json<OscillationsRecord>(own, whose);
  require_beside(record.illustration, whose);
  for (const Json& network : networks) {
    record.networks.push_back(result_from_json<OscillationNetwork>(network, whose));
    const OscillationNetwork& n = record.networks.back();
    require(n.noise >= 0 && n.parameters >= 1, "{}: a network of {} parameters for noise {}", whose, n.parameters, n.noise);
    for (const double share : {n.published, n.accuracy, n.last_accuracy, n.fresh_accuracy})
      require(!(share < 0 || share > 1), "{}: shares lie between 0 and 1, got {}", whose, share);
  }
  return record;
}

}  // namespace convscope
