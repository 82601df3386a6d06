#include "convscope/results/prediction_sheet.h"

#include <algorithm>
#include <cmath>

#include "convscope/tensor/tensor.h"

namespace convscope {

namespace {

constexpr size_t kTop = 5;

/** A confidence that is no number is none. */
double sureness(const SheetEntry& e) { return std::isnan(e.confidence) ? -1 : e.confidence; }

Json entries_to_json(const std::vector<SheetEntry>& entries) {
  Json all = Json::array();
  for (const SheetEntry& e : entries) {
    Json j = result_to_json(e);
    j["top"] = Json::array();
    for (const RankedClass& c : e.top) j["top"].push_back(result_to_json(c));
    all.push_back(std::move(j));
  }
  return all;
}

/** Takes a list out of an object; an empty one where it is not there. */
Json taken(Json& from, const char* key, std::string_view whose) {
  Json list = from.value(key, Json::array());
  require(list.is_array(), "{}: '{}' is a list, got {}", whose, key, shown(list));
  from.erase(key);
  return list;
}

SheetEntry entry_from_json(Json j, const std::vector<std::string>& classes, std::string_view whose) {
  require(j.is_object(), "{}: an entry is a JSON object, got {}", whose, shown(j));
  const Json top = taken(j, "top", whose);
  SheetEntry e = result_from_json<SheetEntry>(j, whose);
  for (const Json& c : top) e.top.push_back(result_from_json<RankedClass>(c, whose));
  for (const int64_t y : {e.label, e.predicted})
    require(y >= 0 && y < static_cast<int64_t>(classes.size()), "{}: image {} has class {}, there are {}", whose, e.index, y,
            classes.size());
  require(e.picture.find_first_of("/\\") == std::string::npos && e.picture.find('\0') == std::string::npos && !e.picture.starts_with('.'),
          "{}: the picture '{}' is not a file beside it", whose, e.picture);
  return e;
}

}  // namespace

SheetPicker::SheetPicker(std::vector<std::string> classes, size_t first, size_t mistakes) : first_(first), mistakes_(mistakes) {
  sheet_.classes = std::move(classes);
}

void SheetPicker::see(int64_t index, int64_t label, std::span<const float> logits) {
  ++sheet_.total;
  const int64_t predicted = argmax(logits);
  const bool is_first = sheet_.first.size() < first_, is_mistake = predicted != label && mistakes_ > 0;
  if (!is_first && !is_mistake) return;

  const Tensor confidences = softmax(Tensor(Shape{1, static_cast<int64_t>(logits.size())}, logits));
  SheetEntry e{index, label, predicted, static_cast<double>(confidences[predicted]), {}, {}};
  std::vector<SheetEntry>& worst = sheet_.mistakes;
  const bool among_worst = is_mistake && (worst.size() < mistakes_ || sureness(e) > sureness(worst.back()));
  if (!is_first && !among_worst) return;
  e.top = ranked(confidences.span(), sheet_.classes, kTop);
  if (among_worst) {
    const auto place =
        std::upper_bound(worst.begin(), worst.end(), e, [](const SheetEntry& a, const SheetEntry& b) { return sureness(a) > sureness(b); });
    worst.insert(place, e);
    if (worst.size() > mistakes_) worst.pop_back();
  }
  if (is_first) sheet_.first.push_back(std::move(e));
}

Json prediction_sheet_to_json(const PredictionSheet& sheet) {
  Json j = result_to_json(sheet);
  j["first"] = entries_to_json(sheet.first);
  j["mistakes"] = entries_to_json(sheet.mistakes);
  return j;
}

PredictionSheet prediction_sheet_from_json(const Json& j, std::string_view whose) {
  require(j.is_object(), "{}: a JSON object was wanted, got {}", whose, shown(j));
  Json rest = j;
  const Json first = taken(rest, "first", whose), mistakes = taken(rest, "mistakes", whose);
  PredictionSheet sheet = result_from_json<PredictionSheet>(rest, whose);
  for (const Json& e : first) sheet.first.push_back(entry_from_json(e, sheet.classes, whose));
  for (const Json& e : mistakes) sheet.mistakes.push_back(entry_from_json(e, sheet.classes, whose));
  return sheet;
}

}  // namespace convscope
