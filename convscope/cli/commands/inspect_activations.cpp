#include <algorithm>
#include <numeric>

#include "convscope/cli/commands/inspect_kinds.h"
#include "convscope/cli/output.h"
#include "convscope/data/locate.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/report/activation_sheet.h"
#include "convscope/report/colour_map.h"
#include "convscope/report/montage.h"
#include "convscope/results/activations_record.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 32, kColumns = 11;  // with the image three rows, as published

ChannelAnswer answer_of(int64_t channel, std::span<const float> map) {
  const auto [low, high] = std::minmax_element(map.begin(), map.end());
  const double positions = static_cast<double>(map.size());
  return {channel, *low, *high, std::accumulate(map.begin(), map.end(), 0.0) / positions,
          static_cast<double>(std::count_if(map.begin(), map.end(), [](float v) { return v > 0; })) / positions};
}

/** Zero everywhere is black whatever the map is for. */
Image drawn(std::span<const float> map, const ChannelAnswer& answer, const Shape& shape, bool sign) {
  const double most = std::max(std::abs(answer.low), std::abs(answer.high));
  const ColourScale scale = sign && most > 0 ? ColourScale{ColourMap::diverging, -most, most} : ColourScale{ColourMap::grey, 0, most};
  Image image = coloured(map, shape[1], shape[2], scale);
  return sign ? image : with_channels(std::move(image), 1);
}

}  // namespace

Inspected inspect_activations(const Inspection& look) {
  const Graph& graph = look.network.graph;
  const std::string node = look.options.node.empty() ? answer_of_convolution(graph, Which::first) : require_layer(graph, look.options.node);
  NetworkSubject subject = subject_of(look);
  const Shape shape = subject.shape(node);
  require(shape.rank() == 3, "node '{}' gives {}, no maps [C, H, W]; name a layer before the flatten with --node", node, shape);
  std::vector<int64_t> chosen;
  if (look.options.channel.empty()) {
    chosen.resize(static_cast<size_t>(std::min(shape[0], count_of(look.options, kUsualCount))));
    std::iota(chosen.begin(), chosen.end(), 0);
  } else {
    chosen = parse_numbers(look.options.channel, shape[0], "--channel");
  }
  PictureOptions which = look.pictures;
  if (which.images.empty() && which.image.empty()) which.images = "0";
  const Pictures pictures = choose_pictures(which, look.network, data_roots(look.common.data_root));
  const Tensor answers = subject.activation(pictures.x, node);

  ActivationsRecord record;
  record.network = look.network.name;
  record.data = pictures.data;
  record.node = node;
  record.about = where_in_network(graph, node);
  record.shape.assign(shape.extents().begin(), shape.extents().end());
  record.sign = std::any_of(answers.span().begin(), answers.span().end(), [](float v) { return v < 0; });
  record.columns = kColumns;
  const Path folder = inspection_folder(look.out, ActivationsRecord::kKind, node);
  make_folder(folder);
  std::string csv = "image,channel,low,high,mean,active\n";
  for (int64_t n = 0; n < pictures.x.shape()[0]; ++n) {
    ImageAnswers image;
    image.image = pictures.numbers[static_cast<size_t>(n)];
    if (!pictures.sources.empty()) image.source = pictures.sources[static_cast<size_t>(n)];
    if (!pictures.labels.empty()) image.label = class_name(pictures.classes, pictures.labels[static_cast<size_t>(n)]);
    const std::string stem = fmt::format("{:05}", image.image);
    image.input = stem + "-image.png";
    image.tiles = stem + "-maps.png";
    image.npy = stem + ".npy";
    std::vector<Image> tiles;
    for (const int64_t channel : chosen) {
      const size_t plane = static_cast<size_t>(shape[1] * shape[2]);
      const auto map = answers.row(n).subspan(static_cast<size_t>(channel) * plane, plane);
      const ChannelAnswer& answer = image.channels.emplace_back(answer_of(channel, map));
      csv += fmt::format("{},{},{},{},{},{}\n", image.image, channel, answer.low, answer.high, answer.mean, answer.active);
      tiles.push_back(drawn(map, answer, shape, record.sign));
    }
    const Image input = visible(pictures.x, n), maps = montage(tiles, kColumns);
    write_png(folder / image.input, input);
    write_png(folder / image.tiles, maps);
    write_npy(folder / image.npy, Tensor(shape, answers.row(n)));
    write_figure(folder, stem + "-sheet", activation_sheet(record, image, input, maps));
    record.images.push_back(std::move(image));
  }
  write_file(folder / "activations.csv", csv);
  Inspected found{fields_to_json(record), {}, folder};
  write_record(folder, ActivationsRecord::kKind, found.json);
  TextTable table({"image", "", "channels shown", "zero everywhere", "largest"}, {2, 3, 4});
  for (const ImageAnswers& image : record.images) {
    double largest = image.channels.front().high;
    int64_t dark = 0;
    for (const ChannelAnswer& c : image.channels) {
      largest = std::max(largest, c.high);
      dark += c.low == 0 && c.high == 0;
    }
    table.row({image.source.empty() ? fmt::format("#{}", image.image) : image.source, image.label,
               fmt::format("{} of {}", image.channels.size(), shape[0]), std::to_string(dark), fmt::format("{:.3f}", largest)});
  }
  found.text = fmt::format("{} {}: {}\n{}", node, shape, record.about, table.text());
  return found;
}

}  // namespace convscope
