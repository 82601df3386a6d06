#include "convscope/results/attack_record.h"

#include "convscope/results/inspection.h"

namespace convscope {

namespace {

template <HasFields T>
Json list_of(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(result_to_json(item));
  return list;
}

template <HasFields T>
std::vector<T> list_from(Json& from, const char* key, std::string_view whose) {
  std::vector<T> items;
  for (const Json& item : taken_list(from, key, whose)) items.push_back(result_from_json<T>(item, whose));
  return items;
}

}  // namespace

Json attack_to_json(const AttackRecord& record) {
  Json j = result_to_json(record);
  j["curve"] = list_of(record.curve);
  j["classes"] = list_of(record.classes);
  j["pairs"] = list_of(record.pairs);
  j["images"] = list_of(record.images);
  return j;
}

AttackRecord attack_from_json(const Json& j, std::string_view whose) {
  require(j.is_object(), "{}: a JSON object was wanted, got {}", whose, shown(j));
  Json own = j;
  auto curve = list_from<AttackPoint>(own, "curve", whose);
  auto classes = list_from<AttackClass>(own, "classes", whose);
  auto pairs = list_from<AttackPair>(own, "pairs", whose);
  auto images = list_from<AttackImage>(own, "images", whose);
  AttackRecord record = result_from_json<AttackRecord>(own, whose);
  record.curve = std::move(curve);
  record.classes = std::move(classes);
  record.pairs = std::move(pairs);
  record.images = std::move(images);
  for (const std::string* file : {&record.pictures, &record.indices, &record.csv}) require_beside(*file, whose);
  for (const AttackImage& image : record.images)
    for (const std::string* file : {&image.clean, &image.noise, &image.result}) require_beside(*file, whose);
  for (const AttackClass& c : record.classes)
    require(c.accuracy.size() == record.curve.size() && c.success_rate.size() == record.curve.size(),
            "{}: class '{}' has {} accuracies, the curve has {} points", whose, c.name, c.accuracy.size(), record.curve.size());
  return record;
}

std::string attack_images_csv(const std::vector<AttackImage>& images) {
  std::string csv;
  for (const FieldHelp& field : help<AttackImage>()) csv += (csv.empty() ? "" : ",") + field.name;
  csv += '\n';
  for (AttackImage image : images) {
    std::string line;
    image.fields([&](std::string_view, auto& value, std::string_view) {
      if (!line.empty()) line += ',';
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>)
        line += csv_cell(value);
      else
        line += fmt::format("{}", value);
    });
    csv += line + '\n';
  }
  return csv;
}

}  // namespace convscope
