#include "convscope/api/inspect/looks.h"

#include <algorithm>
#include <numeric>

#include "convscope/base/json_file.h"
#include "convscope/base/text.h"
#include "convscope/results/inspection.h"

namespace convscope {

int64_t count_of(const InspectOptions& options, int64_t usual) {
  require_use(options.count >= 0, "`count` {}: at least 1 was wanted; 0: {}", options.count, usual);
  return options.count > 0 ? options.count : usual;
}

std::vector<int64_t> chosen_channels(const InspectOptions& options, int64_t channels, int64_t usual) {
  if (!options.channel.empty()) return parse_numbers(options.channel, channels, "`channel`");
  std::vector<int64_t> first(static_cast<size_t>(std::min(channels, count_of(options, usual))));
  std::iota(first.begin(), first.end(), 0);
  return first;
}

std::vector<int64_t> known_labels(const Pictures& pictures, std::string_view kind) {
  std::vector<int64_t> labels = pictures.labels();
  require(!labels.empty() && pictures.size() > 0, "{}: images of known classes are wanted; {} has none", kind, pictures.name());
  return labels;
}

Path place_of_look(const Path& results, std::string_view kind, QuestionName what, const Provenance& origin, const Setting& setting) {
  const std::string file = inspection_file({}, kind).string();
  const Path place = question_folder(results / kInspections, what.of(origin), file, origin);
  require_no_loss(place / file, origin, setting.force);
  return place;
}

QuestionName name_of_look(std::string_view kind, const std::string& node, const InspectOptions& options) {
  return QuestionName(fmt::format("{}-{}", kind, node))
      .with("channel", options.channel)
      .with("at", options.position)
      .with("count", options.count == 0 ? "" : std::to_string(options.count));
}

std::optional<std::pair<int64_t, int64_t>> position_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const size_t comma = text.find(',');
  const auto row = value_of<int64_t>(std::string_view(text).substr(0, comma));
  const auto column = comma == std::string::npos ? std::nullopt : value_of<int64_t>(std::string_view(text).substr(comma + 1));
  require_use(row && column, "`position` '{}': ROW,COLUMN was wanted, as 3,4", text);
  return std::pair{*row, *column};
}

void clear_place(const Path& folder, std::string_view kind) {
  remove_answer(folder, inspection_file({}, kind).string());
  make_folder(folder);
}

void write_record(const Path& folder, std::string_view kind, const Json& json) {
  make_folder(folder);
  write_json(inspection_file(folder, kind), json);
}

}  // namespace convscope
