#include <algorithm>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/filter_sheet.h"
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

/** Whether each filter is a row of its channels, one picture each. */
bool a_row_each(const WeightsRecord& record) { return record.channels > 1 && !record.colour; }

void write_filters(const Path& folder, const WeightsRecord& record, const Tensor& weight, const Shape& shape) {
  clear_place(folder, WeightsRecord::kKind);
  std::vector<Image> tiles;
  std::string csv = "filter,low,high\n";
  for (const FilterRange& range : record.filters) {
    csv += fmt::format("{},{},{}\n", range.filter, static_cast<float>(range.low), static_cast<float>(range.high));
    for (int64_t c = 0; c < (a_row_each(record) ? record.channels : 1); ++c)
      tiles.push_back(drawn(weight.row(range.filter), range, shape, c, record.colour ? 3 : 1));
  }
  const Image all = montage(tiles, record.columns);
  write_png(folder / record.tiles, all);
  if (!a_row_each(record))
    for (size_t i = 0; i < tiles.size(); ++i)
      write_png(folder / fmt::format("filter-{:03}.png", record.filters[i].filter), enlarged(tiles[i], kEnlarged));
  write_figure(folder, "sheet", filter_sheet(record, all));
  write_file(folder / "filters.csv", csv);
  write_record(folder, WeightsRecord::kKind, fields_to_json(record));
}

}  // namespace

Inspected<WeightsRecord> inspect_weights(const Network& network, const InspectOptions& options, const Path& out, const Setting& setting) {
  const std::vector<std::string> layers = layers_with_weights(network.graph);
  require(!layers.empty(), "the network has no layer with filters of its own");
  const Filters filters = filters_of(network.graph, options.node.empty() ? layers.front() : options.node);
  const Tensor& weight = network.tensors.at(filters.parameter);
  const Shape& shape = filters.shape;
  const std::vector<int64_t> chosen = chosen_channels(options, shape[0], kUsualCount);

  WeightsRecord record;
  record.came_from(provenance_of(network, fields_to_json(options), setting));
  const Path folder =
      out.empty() ? Path()
                  : place_of_look(out, WeightsRecord::kKind, name_of_look(WeightsRecord::kKind, filters.layer, options), record, setting);
  record.node = filters.layer;
  record.parameter = filters.parameter;
  record.about = about(filters, layers.size());
  record.shape.assign(shape.extents().begin(), shape.extents().end());
  record.colour = filters.on_pixels && shape[1] == 3;
  record.channels = record.colour ? 3 : std::min(shape[1], kMostChannels);
  record.columns = a_row_each(record) ? record.channels : std::min(kColumns, std::ssize(chosen));
  for (const int64_t k : chosen) {
    const auto [low, high] = std::minmax_element(weight.row(k).begin(), weight.row(k).end());
    record.filters.push_back({k, *low, *high});
  }
  if (folder.empty()) return {std::move(record), {}};
  record.tiles = "filters.png";
  write_filters(folder, record, weight, shape);
  return {std::move(record), folder};
}

}  // namespace convscope
