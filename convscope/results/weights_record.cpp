#include "convscope/results/weights_record.h"

namespace convscope {

Json weights_to_json(const WeightsRecord& record) {
  Json j = result_to_json(record);
  j["filters"] = Json::array();
  for (const FilterRange& filter : record.filters) j["filters"].push_back(result_to_json(filter));
  return j;
}

WeightsRecord weights_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json filters = taken_list(own, "filters", whose);
  WeightsRecord record = result_from_json<WeightsRecord>(own, whose);
  for (const Json& filter : filters) record.filters.push_back(result_from_json<FilterRange>(filter, whose));
  require_beside(record.tiles, whose);
  require(record.columns >= 1 && record.shape.size() == 4, "{}: {} columns of filters of {} extents", whose, record.columns,
          record.shape.size());
  return record;
}

}  // namespace convscope
