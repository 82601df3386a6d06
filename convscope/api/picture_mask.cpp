#include "convscope/api/picture_mask.h"

#include <algorithm>
#include <map>
#include <optional>

#include "convscope/api/table_cells.h"
#include "convscope/base/nearest.h"
#include "convscope/base/text.h"

namespace convscope {

namespace {

std::optional<size_t> place_of(const Cells& heading, std::string_view name) {
  const auto found = std::find(heading.begin(), heading.end(), name);
  return found == heading.end() ? std::nullopt : std::optional(static_cast<size_t>(found - heading.begin()));
}

/** Which cells of a row tell its image and whether it counts. */
struct Columns {
  std::optional<size_t> number;
  std::optional<size_t> value;
  std::optional<size_t> label, predicted;  // where whether both are equal is what counts
};

Columns columns_of(const Cells& heading, const MaskOptions& options) {
  constexpr std::string_view kNumbers[] = {"", "index", "image", "number"}, kRight = "right";
  Columns columns{{}, place_of(heading, options.mask_column), {}, {}};
  if (!heading.empty() && std::find(std::begin(kNumbers), std::end(kNumbers), heading.front()) != std::end(kNumbers)) columns.number = 0;
  if (columns.value) return columns;
  columns.label = place_of(heading, "label");
  columns.predicted = place_of(heading, "predicted");
  const bool both = columns.label && columns.predicted;
  std::vector<std::string> known(heading.begin(), heading.end());
  if (both) known.emplace_back(kRight);
  require(both && options.mask_column == kRight, "`mask_column`: no '{}' in {}{}", options.mask_column, options.mask,
          known_names(options.mask_column, known));
  return columns;
}

bool is_yes(std::string_view cell, const std::string& whose) {
  constexpr std::string_view kYes[] = {"1", "1.0", "true", "True", "TRUE"}, kNo[] = {"0", "0.0", "false", "False", "FALSE"};
  const bool yes = std::find(std::begin(kYes), std::end(kYes), cell) != std::end(kYes);
  require(yes || std::find(std::begin(kNo), std::end(kNo), cell) != std::end(kNo), "{}: '{}'; 1 or 0, true or false were wanted", whose,
          cell);
  return yes;
}

/** What the table says of each image that it names. */
std::map<int64_t, bool> read_mask(const MaskOptions& options) {
  const std::string text = read_table(options.mask);
  const std::vector<std::string_view> lines = lines_of(text);
  const Columns columns = columns_of(cells_of(lines.front()), options);
  std::map<int64_t, bool> mask;
  int64_t row = 0;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (is_blank(lines[i])) continue;
    const std::string whose = fmt::format("{}, line {}", options.mask, i + 1);
    const Cells cells = cells_of(lines[i]);
    const auto cell = [&](size_t place) {
      require(place < cells.size(), "{}: {} cells; its heading has more", whose, cells.size());
      return cells[place];
    };
    int64_t number = row++;
    if (columns.number) {
      const auto told = value_of<int64_t>(cell(*columns.number));
      require(told.has_value(), "{}: '{}' is no number of an image", whose, cell(*columns.number));
      number = *told;
    }
    const bool counts = columns.value ? is_yes(cell(*columns.value), whose) : cell(*columns.label) == cell(*columns.predicted);
    require(mask.emplace(number, counts).second, "{}: image {} is named twice", whose, number);
  }
  return mask;
}

}  // namespace

void check_mask(const MaskOptions& options) {
  require(options.mask.empty() == options.mask_column.empty(), "`mask` and `mask_column`: a table and one of its columns were wanted");
  require(!options.negate_mask || !options.mask.empty(), "`negate_mask` turns a `mask` round, and there is none");
}

Pictures masked(const Pictures& pictures, const MaskOptions& options, const Setting& setting) {
  if (options.mask.empty()) return pictures;
  const std::map<int64_t, bool> mask = read_mask(options);
  std::vector<int64_t> places;
  int64_t unsaid = 0;
  for (int64_t n = 0; n < pictures.size(); ++n) {
    const int64_t number = pictures.numbers()[static_cast<size_t>(n)];
    const auto said = mask.find(number);
    if (said == mask.end())
      ++unsaid;
    else if (said->second != options.negate_mask)
      places.push_back(n);
  }
  require(!places.empty(), "`mask` {}: no image is left by its column '{}'", options.mask, options.mask_column);
  if (unsaid > 0)
    setting.tell(fmt::format("{}: it has no row for {} of the {} images; they do not count", options.mask, unsaid, pictures.size()));
  DataOrigin said = pictures.where();
  said.images += fmt::format("{}{}{} of {}", said.images.empty() ? "" : ", ", options.negate_mask ? "not " : "", options.mask_column,
                             Path(options.mask).filename().string());
  return pictures.at(places).said_as(std::move(said));
}

}  // namespace convscope
