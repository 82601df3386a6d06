#include "convscope/results/attribution_record.h"

#include <cctype>

#include "convscope/results/inspection.h"

namespace convscope {

Json attribution_to_json(const AttributionRecord& record) {
  Json j = result_to_json(record);
  j["maps"] = Json::array();
  for (const AttributionMap& map : record.maps) j["maps"].push_back(result_to_json(map));
  return j;
}

AttributionRecord attribution_from_json(const Json& j, std::string_view whose) {
  require(j.is_object() && j.contains("maps") && j["maps"].is_array(), "{}: a list 'maps' was wanted", whose);
  Json own = j;
  own.erase("maps");
  AttributionRecord record = result_from_json<AttributionRecord>(own, whose);
  for (const Json& map : j["maps"]) {
    record.maps.push_back(result_from_json<AttributionMap>(map, whose));
    for (const std::string* file : {&record.maps.back().input, &record.maps.back().png, &record.maps.back().npy})
      require_beside(*file, whose);
  }
  return record;
}

std::string folder_name_of(std::string_view method) {
  std::string name;
  for (const char c : method) name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '-';
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name.empty() ? "method" : name.substr(0, 100);
}

}  // namespace convscope
