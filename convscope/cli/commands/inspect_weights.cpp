#include <algorithm>
#include <numeric>

#include "convscope/cli/commands/inspect_kinds.h"
#include "convscope/cli/output.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/report/filter_sheet.h"
#include "convscope/report/montage.h"
#include "convscope/results/weights_record.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 64, kMostChannels = 64;
constexpr int64_t kColumns = 8;
constexpr int64_t kEnlarged = 8;  // side of a weight's square in the single pictures

/** Weights [C, R, S] from `first` channels on, each 0 … 1 between the filter's least and largest. */
Image drawn(std::span<const float> filter, const FilterRange& range, const Shape& shape, int64_t first, int64_t channels) {
  const int64_t plane = shape[2] * shape[3];
  Tensor picture({channels, shape[2], shape[3]});
  for (int64_t i = 0; i < picture.size(); ++i)
    picture[i] = range.high > range.low
                     ? static_cast<float>((filter[static_cast<size_t>(first * plane + i)] - range.low) / (range.high - range.low))
                     : 0.0f;
  return to_image(picture);
}

std::string about(const Filters& filters, size_t layers) {
  return fmt::format("{} of {} layers with filters; it looks at {}",
                     filters.number == 0 ? std::string("the first") : fmt::format("number {}", filters.number + 1), layers,
                     filters.on_pixels ? "the pixels" : "channels, not at colours");
}

}  // namespace

Inspected inspect_weights(const Inspection& look) {
  const Graph& graph = look.network.graph;
  const std::vector<std::string> layers = layers_with_weights(graph);
  require(!layers.empty(), "the network has no layer with filters of its own");
  const Filters filters = filters_of(graph, look.options.node.empty() ? layers.front() : look.options.node);
  const Tensor& weight = look.network.tensors.at(filters.parameter);
  const Shape& shape = filters.shape;
  std::vector<int64_t> chosen;
  if (look.options.channel.empty()) {
    chosen.resize(static_cast<size_t>(std::min(shape[0], count_of(look.options, kUsualCount))));
    std::iota(chosen.begin(), chosen.end(), 0);
  } else {
    chosen = parse_numbers(look.options.channel, shape[0], "--channel");
  }

  WeightsRecord record;
  record.network = look.network.name;
  record.node = filters.layer;
  record.parameter = filters.parameter;
  record.about = about(filters, layers.size());
  record.shape.assign(shape.extents().begin(), shape.extents().end());
  record.colour = filters.on_pixels && shape[1] == 3;
  record.channels = record.colour ? 3 : std::min(shape[1], kMostChannels);
  const bool a_row_each = record.channels > 1 && !record.colour;
  record.columns = a_row_each ? record.channels : std::min(kColumns, std::ssize(chosen));
  record.tiles = "filters.png";

  const Path folder = inspection_folder(look.out, WeightsRecord::kKind, filters.layer);
  make_folder(folder);
  std::vector<Image> tiles;
  std::string csv = "filter,low,high\n";
  for (const int64_t k : chosen) {
    const auto row = weight.row(k);
    const auto [low, high] = std::minmax_element(row.begin(), row.end());
    const FilterRange range{k, *low, *high};
    record.filters.push_back(range);
    csv += fmt::format("{},{},{}\n", k, *low, *high);
    for (int64_t c = 0; c < (a_row_each ? record.channels : 1); ++c) tiles.push_back(drawn(row, range, shape, c, record.colour ? 3 : 1));
  }
  const Image all = montage(tiles, record.columns);
  write_png(folder / record.tiles, all);
  if (!a_row_each)
    for (size_t i = 0; i < tiles.size(); ++i) write_png(folder / fmt::format("filter-{:03}.png", chosen[i]), enlarged(tiles[i], kEnlarged));
  write_figure(folder, "sheet", filter_sheet(record, all));
  write_file(folder / "filters.csv", csv);
  Inspected found{fields_to_json(record), {}, folder};
  write_record(folder, WeightsRecord::kKind, found.json);
  found.text = fmt::format("{}: {}\n{}\n", filter_title(record), record.about, filter_scale_text(record));
  return found;
}

}  // namespace convscope
