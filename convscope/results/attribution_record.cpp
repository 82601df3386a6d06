#include "convscope/results/attribution_record.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "convscope/results/inspection.h"

namespace convscope {

void AttributionMap::check(std::string_view whose) const {
  for (const std::string& file : {input, png, npy}) require_beside(file, whose);
}

namespace {

const MapQuality* own_measure(const AttributionRecord& record, std::string_view metric) {
  for (const MapQuality& q : *record.quality)
    if (q.metric == metric) return &q;
  return nullptr;
}

}  // namespace

std::vector<const MapQuality*> measures_of(std::span<const AttributionRecord* const> checked) {
  std::vector<const MapQuality*> all;
  for (const AttributionRecord* record : checked)
    for (const MapQuality& q : *record->quality)
      if (std::ranges::none_of(all, [&](const MapQuality* known) { return known->metric == q.metric; })) all.push_back(&q);
  return all;
}

const MapQuality* measured_alike(const AttributionRecord& record, const MapQuality& measure,
                                 std::span<const AttributionRecord* const> checked) {
  const auto first = std::ranges::find_if(checked, [&](const AttributionRecord* r) { return own_measure(*r, measure.metric) != nullptr; });
  const bool by_boxes = measure.metric == "pointing-game";
  if (by_boxes && first != checked.end() && (*first)->boxes_sha256 != record.boxes_sha256) return nullptr;
  return own_measure(record, measure.metric);
}

std::string explained_by(const AttributionRecord& record) { return record.explains.empty() ? record.of : record.explains; }

namespace {

/** A class can have the name of what has no target; of a record from before it said what it explains, the target alone tells. */
bool answers(const AttributionRecord& record, std::string_view what) {
  return record.explains.empty() || record.explains.find(what) != std::string::npos;
}

}  // namespace

std::string said_of_map(const AttributionRecord& record, const AttributionMap& map) {
  if (std::isnan(map.confidence)) return map.target;
  const std::string sure = fmt::format("{:.1f} %", 100 * map.confidence);
  if (map.target == "all" && answers(record, "all classes at once")) return fmt::format("all classes; taken for {}, {}", map.name, sure);
  if (map.target == "none" && (answers(record, "nothing") || answers(record, "no class")))
    return fmt::format("taken for {}, {}", map.name, sure);
  return record.of == "loss" ? fmt::format("loss of {}, {}", map.name, sure) : fmt::format("{} {}", map.name, sure);
}

std::string completeness_text(const AttributionMap& map) {
  if (std::isnan(map.completeness_gap)) return map.note;
  std::string text = fmt::format("gap {:.2g} of {:.3g}", map.completeness_gap, map.difference);
  if (!std::isnan(map.absorbed)) text += fmt::format(", absorbed {:.3g}", map.absorbed);
  if (map.steps > 0) text += fmt::format(", {} steps", map.steps);
  return map.note.empty() ? text : text + "; " + map.note;
}

std::string fit_text(const AttributionMap& map) {
  constexpr double kStable = 0.9;
  if (map.superpixels == 0) return "";
  return fmt::format("{} superpixels, R² {:.2f}, two seeds agree to {:.2f}{}", map.superpixels, map.r2, map.stability,
                     map.stability >= kStable ? "" : ": not stable");
}

std::string channels_text(std::string_view channels) {
  if (channels == "added") return "channels are added up";
  if (channels == "farthest") return "of each pixel's channels the number farthest from 0";
  return channels == "colours" ? "channels are the colours" : "";
}

std::string folder_name_of(std::string_view method) {
  std::string name;
  for (const char c : method) name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '-';
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name.empty() ? "method" : name.substr(0, 100);
}

}  // namespace convscope
