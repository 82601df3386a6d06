#include <algorithm>
#include <numeric>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/report/draw/colour_map.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/activation_sheet.h"
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

/** [H, W] of a picture's channel. */
std::span<const float> map_of(const Tensor& answers, const Shape& shape, int64_t n, int64_t channel) {
  const size_t plane = static_cast<size_t>(shape[1] * shape[2]);
  return answers.row(n).subspan(static_cast<size_t>(channel) * plane, plane);
}

void write_answers(const Path& folder, ActivationsRecord& record, const Pictures& pictures, const Tensor& answers, const Shape& shape) {
  clear_place(folder, ActivationsRecord::kKind);
  std::string csv = "image,channel,low,high,mean,active\n";
  for (int64_t n = 0; n < pictures.size(); ++n) {
    ImageAnswers& image = record.images[static_cast<size_t>(n)];
    const std::string stem = fmt::format("{:05}", image.image);
    image.input = stem + "-image.png";
    image.tiles = stem + "-maps.png";
    image.npy = stem + ".npy";
    std::vector<Image> tiles;
    for (const ChannelAnswer& answer : image.channels) {
      csv += fmt::format("{},{},{},{},{},{}\n", image.image, answer.channel, answer.low, answer.high, answer.mean, answer.active);
      tiles.push_back(drawn(map_of(answers, shape, n, answer.channel), answer, shape, record.sign));
    }
    const Image input = pictures.visible(n), maps = montage(tiles, kColumns);
    write_png(folder / image.input, input);
    write_png(folder / image.tiles, maps);
    write_npy(folder / image.npy, Tensor(shape, answers.row(n)));
    write_figure(folder, stem + "-sheet", activation_sheet(record, image, input, maps));
  }
  record.array = "activations.npy";
  write_npy(folder / record.array, answers);
  write_file(folder / "activations.csv", csv);
  write_record(folder, ActivationsRecord::kKind, fields_to_json(record));
}

}  // namespace

Inspected<ActivationsRecord> inspect_activations(const Network& network, const Pictures& pictures, const InspectOptions& options,
                                                 const Path& out, const Setting& setting) {
  check_pictures(network, pictures);
  const Graph& graph = network.graph;
  const std::string node = options.node.empty() ? answer_of_convolution(graph, Which::first) : require_layer(graph, options.node);
  NetworkSubject subject = subject_of(network, setting, options.batch);
  const Shape shape = subject.shape(node);
  require(shape.rank() == 3, "node '{}' gives {}, no maps [C, H, W]; name a layer before the flatten with `node`", node, shape);
  const std::vector<int64_t> chosen = chosen_channels(options, shape[0], kUsualCount);
  const Tensor answers = subject.activation(pictures.pixels(), node);

  ActivationsRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  const Path folder =
      out.empty() ? Path()
                  : place_of_look(out, ActivationsRecord::kKind, name_of_look(ActivationsRecord::kKind, node, options), record, setting);
  record.node = node;
  record.about = where_in_network(graph, node);
  record.shape.assign(shape.extents().begin(), shape.extents().end());
  record.sign = std::any_of(answers.span().begin(), answers.span().end(), [](float v) { return v < 0; });
  record.columns = kColumns;
  const std::vector<int64_t> labels = pictures.labels();
  for (int64_t n = 0; n < pictures.size(); ++n) {
    const auto at = static_cast<size_t>(n);
    ImageAnswers image;
    image.image = pictures.numbers()[at];
    if (!pictures.files().empty()) image.source = pictures.files()[at];
    if (!labels.empty()) image.label = class_name(pictures.classes(), labels[at]);
    for (const int64_t channel : chosen) image.channels.push_back(answer_of(channel, map_of(answers, shape, n, channel)));
    record.images.push_back(std::move(image));
  }
  if (folder.empty()) return {std::move(record), {}};
  write_answers(folder, record, pictures, answers, shape);
  return {std::move(record), folder};
}

}  // namespace convscope
