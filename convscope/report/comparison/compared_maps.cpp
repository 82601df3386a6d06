#include "convscope/report/comparison/compared_maps.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "convscope/report/draw/montage.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kMostRows = 6;  // images of a method; the others are folded

/** A map, and where its files lie. */
struct MapCell {
  Path folder;
  AttributionMap map;
  std::string said;  // what it is of, in a word
};

/** An image with one map, or none, of each run. */
struct MapRow {
  std::vector<const MapCell*> cells;
  const MapCell* any = nullptr;
};

/** Maps that answer the same question, in the order in which they were found. */
struct MapTable {
  std::string method, explains, target;
  std::vector<MapRow> rows = {};
  std::map<std::string, size_t> places = {};  // of images among the rows
};

std::string image_key(const AttributionRecord& record, const AttributionMap& map) {
  return map.source.empty() ? fmt::format("{}#{}", record.data.text(), map.image) : map.source;
}

class MapTables {
 public:
  explicit MapTables(size_t runs) : runs_(runs) {}

  void add(size_t run, const AttributionRecord& record, const MapCell* cell) {
    MapTable& table = of(record, cell->map);
    const auto [place, fresh] = table.places.emplace(image_key(record, cell->map), table.rows.size());
    if (fresh) table.rows.push_back({std::vector<const MapCell*>(runs_), cell});
    table.rows[place->second].cells[run] = cell;
  }

  /** Those with rows of at least two maps, and these rows alone. */
  std::vector<MapTable> comparable() const {
    std::vector<MapTable> some;
    for (MapTable table : tables_) {
      std::erase_if(table.rows, [](const MapRow& row) {
        return std::count_if(row.cells.begin(), row.cells.end(), [](const MapCell* cell) { return cell; }) < 2;
      });
      if (!table.rows.empty()) some.push_back(std::move(table));
    }
    return some;
  }

 private:
  MapTable& of(const AttributionRecord& record, const AttributionMap& map) {
    const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const MapTable& t) {
      return t.method == record.method && t.explains == explained_by(record) && t.target == map.target;
    });
    return found != tables_.end() ? *found : tables_.emplace_back(MapTable{record.method, explained_by(record), map.target});
  }

  size_t runs_;
  std::vector<MapTable> tables_;
};

Html shown_file(const MapCell& cell, const std::string& file, std::string_view said) {
  const Path path = cell.folder / file;
  if (file.empty() || !std::filesystem::exists(path)) return html("<span class=\"no-picture\">no picture</span>");
  return picture(said, data_address(shrunk(read_image(path), kLongestSide)));
}

Html map_row(const MapRow& row, const MapTable& table, std::span<const RunFolder> runs) {
  const AttributionMap& first = row.any->map;
  Html cells = html("<th scope=\"row\">{}<small>{} #{}</small></th>",
                    shown_file(*row.any, first.input, fmt::format("image {}", first.image)), first.label, first.image);
  for (size_t r = 0; r < runs.size(); ++r) {
    const MapCell* cell = row.cells[r];
    if (!cell) {
      cells += html("<td></td>");
      continue;
    }
    cells += html("<td>{}<small>{}</small></td>",
                  shown_file(*cell, cell->map.png, fmt::format("{} of image {} by {}", table.method, cell->map.image, runs[r].name)),
                  cell->said);
  }
  return html("<tr>{}</tr>\n", cells);
}

Html map_table(std::span<const RunFolder> runs, const Html& rows) {
  Html heads;
  for (const RunFolder& run : runs) heads += html("<th>{}{}</th>", swatch(run.colour), run.name);
  return html(
      "<div class=\"scroll\"><table class=\"side-by-side\"><thead><tr><th>image</th>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      heads, rows);
}

Html maps_by(const MapTable& table, std::span<const RunFolder> runs, bool open) {
  Html first, rest;
  for (size_t n = 0; n < table.rows.size(); ++n) (n < kMostRows ? first : rest) += map_row(table.rows[n], table, runs);
  Html body = map_table(runs, first);
  if (!rest.empty()) body += folded(html("{} more images", table.rows.size() - kMostRows), map_table(runs, rest));
  return folded(html("<h4>{} of {}, {}</h4>", table.method, table.explains, table.target), body, open);
}

}  // namespace

Html compared_maps(std::span<const RunFolder> runs) {
  std::vector<std::unique_ptr<MapCell>> cells;
  MapTables tables(runs.size());
  for (size_t r = 0; r < runs.size(); ++r)
    for (const Path& file : records_in(runs[r].path / kAttributions, kAttributionFile)) {
      const AttributionRecord record = read_record<AttributionRecord>(file);
      for (const AttributionMap& map : record.maps) {
        cells.push_back(std::make_unique<MapCell>(MapCell{file.parent_path(), map, said_of_map(record, map)}));
        tables.add(r, record, cells.back().get());
      }
    }
  Html body;
  for (const MapTable& table : tables.comparable()) body += maps_by(table, runs, body.empty());
  if (body.empty()) return {};
  return folded(
      html("<h3>Maps of the same images</h3>"),
      html("{}<p class=\"about\">Colours are explained under the maps of each run; each map has its own scale unless its run says "
           "otherwise.</p>\n",
           body),
      true);
}

}  // namespace convscope
