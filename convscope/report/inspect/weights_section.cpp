#include "convscope/report/inspect/weights_section.h"

#include "convscope/report/inspect/filter_sheet.h"
#include "convscope/report/page/fold.h"
#include "convscope/report/page/tiles.h"

namespace convscope {

namespace {

constexpr std::string_view kWeightsStyle = R"css(
.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(3.5rem, 1fr)); gap: .6rem; margin-bottom: 1.5rem; }
.filters figcaption { font-size: .75rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.filters.rows { grid-template-columns: repeat(var(--columns), minmax(.7rem, 2.2rem)); gap: .15rem; overflow-x: auto; }
.filters.rows .piece { border-radius: 0; }
)css";

Html shown_filters(const WeightsRecord& record, const Path& folder) {
  const Path file = folder / record.tiles;
  if (record.tiles.empty() || !std::filesystem::exists(file) || record.filters.empty())
    return html("<p class=\"nothing\">no picture</p>\n");
  const bool a_row_each = record.channels > 1 && !record.colour;
  const int64_t count = std::ssize(record.filters), tiles = a_row_each ? count * record.columns : count;
  const TileSheet sheet(read_image(file), (tiles + record.columns - 1) / record.columns, record.columns);
  Html all;
  for (int64_t n = 0; n < tiles; ++n) {
    const FilterRange& filter = record.filters[static_cast<size_t>(a_row_each ? n / record.columns : n)];
    const std::string said = a_row_each ? fmt::format("filter {}, channel {}", filter.filter, n % record.columns)
                                        : fmt::format("filter {}: weights {:.3g} to {:.3g}", filter.filter, filter.low, filter.high);
    all += a_row_each ? sheet.tile(n, said) : html("<figure>{}<figcaption>{}</figcaption></figure>", sheet.tile(n, said), filter.filter);
  }
  return html("<div class=\"filters{}\" {}>{}</div>\n", a_row_each ? " rows" : "", sheet.style(), all);
}

}  // namespace

bool WeightsSection::applies(const Path& folder) const { return !inspections(folder, WeightsRecord::kKind).empty(); }

SectionContent WeightsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    Html body;
    for (const Path& folder : inspections(run.path, WeightsRecord::kKind)) {
      const Path file = inspection_file(folder, WeightsRecord::kKind);
      const WeightsRecord record = read_record<WeightsRecord>(file);
      body += html("<h4>{}</h4>\n<p class=\"about\">{}; {}</p>\n{}", filter_title(record), record.about, filter_scale_text(record),
                   shown_filters(record, folder));
    }
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string_view WeightsSection::style() const { return kWeightsStyle; }

}  // namespace convscope
