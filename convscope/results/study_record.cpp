#include "convscope/results/study_record.h"

namespace convscope {

namespace {
template <typename T>
std::vector<T> list_of(const Json& j, const char* key, std::string_view whose) {
  require(j.contains(key) && j[key].is_array(), "{}: a list '{}' was wanted", whose, key);
  std::vector<T> all;
  for (const Json& item : j[key]) all.push_back(result_from_json<T>(item, whose));
  return all;
}
}  // namespace

Json study_to_json(const StudyRecord& record) {
  Json j = result_to_json(record);
  j["parts"] = Json::array();
  for (const StudyPart& part : record.parts) j["parts"].push_back(result_to_json(part));
  j["figures"] = Json::array();
  for (const StudyFigure& figure : record.figures) j["figures"].push_back(result_to_json(figure));
  return j;
}

StudyRecord study_from_json(const Json& j, std::string_view whose) {
  require(j.is_object(), "{}: a JSON object was wanted, got {}", whose, shown(j));
  Json own = j;
  own.erase("parts");
  own.erase("figures");
  StudyRecord record = result_from_json<StudyRecord>(own, whose);
  record.parts = list_of<StudyPart>(j, "parts", whose);
  record.figures = list_of<StudyFigure>(j, "figures", whose);
  return record;
}

}  // namespace convscope
