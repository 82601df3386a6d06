#include <algorithm>
#include <numeric>

#include "convscope/cli/commands/inspect_kinds.h"
#include "convscope/cli/output.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/inspect/activations/stream.h"
#include "convscope/inspect/neurons/top_activations.h"
#include "convscope/report/montage.h"
#include "convscope/report/neuron_sheet.h"
#include "convscope/results/neurons_record.h"
#include "convscope/subject/receptive_field.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 20, kColumns = 5;  // four rows of five, as published
constexpr size_t kMostSelective = 8;
constexpr int64_t kTileSide = 96;  // of the images in the montage

std::optional<TopActivations::Position> position_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const size_t comma = text.find(',');
  const auto row = value_of<int64_t>(std::string_view(text).substr(0, comma));
  const auto column = comma == std::string::npos ? std::nullopt : value_of<int64_t>(std::string_view(text).substr(comma + 1));
  require(row && column, "--position '{}': ROW,COLUMN was wanted, as 3,4", text);
  return TopActivations::Position{*row, *column};
}

/** Channels' places in `top`: all that were asked for, or the most selective. */
std::vector<size_t> shown_channels(const TopActivations& top, bool asked_for) {
  std::vector<size_t> order(top.channels().size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (asked_for) return order;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return top.selectivity(a) > top.selectivity(b); });
  order.resize(std::min(order.size(), kMostSelective));
  return order;
}

/** A name for what was asked: "relu6", "relu6-channel-3,4-at-2,5". */
std::string name_of(const std::string& node, const InspectOptions& options) {
  return node + (options.channel.empty() ? "" : "-channel-" + options.channel) +
         (options.position.empty() ? "" : "-at-" + options.position);
}

std::string shown(const NeuronsRecord& record) {
  TextTable table({"channel", "selectivity", "mean", "deviation", "largest", "top images are of"}, {0, 1, 2, 3, 4});
  for (const NeuronRecord& neuron : record.neurons) {
    std::vector<std::pair<int64_t, std::string>> classes;
    for (const NeuronImage& image : neuron.top) {
      const auto known = std::find_if(classes.begin(), classes.end(), [&](const auto& c) { return c.second == image.label; });
      if (known == classes.end())
        classes.emplace_back(1, image.label);
      else
        ++known->first;
    }
    std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (size_t i = 0; i < std::min<size_t>(3, classes.size()); ++i)
      text += fmt::format("{}{} {}", i > 0 ? ", " : "", classes[i].first, classes[i].second);
    table.row({std::to_string(neuron.channel), fmt::format("{:.2f}", neuron.selectivity), fmt::format("{:.3f}", neuron.mean),
               fmt::format("{:.3f}", neuron.deviation), neuron.top.empty() ? "" : fmt::format("{:.3f}", neuron.top.front().activation),
               text});
  }
  return fmt::format("{}: {}; {} images of {}; {}\n{}", record.node, record.about, record.images, record.data, record.chosen, table.text());
}

}  // namespace

Inspected inspect_neurons(const Inspection& look) {
  const Graph& graph = look.network.graph;
  const std::string node = look.options.node.empty() ? answer_of_convolution(graph, Which::last) : require_layer(graph, look.options.node);
  NetworkSubject subject = subject_of(look);
  const Shape shape = subject.shape(node);
  const auto position = position_of(look.options.position);
  const bool asked_for = !look.options.channel.empty();
  const std::vector<int64_t> channels = asked_for ? parse_numbers(look.options.channel, shape[0], "--channel") : std::vector<int64_t>();
  TopActivations top(subject, node, channels, count_of(look.options, kUsualCount), position ? &*position : nullptr);
  const LookedAt images = images_of(look);
  stream(subject, *images.data, images.indices, node, [&](std::span<const int64_t> some, const Tensor& y) { top.see_answers(y, some); });

  const Shape size = images.data->image_shape();
  NeuronsRecord record;
  record.network = look.network.name;
  record.data = images.name;
  record.node = node;
  record.about = where_in_network(graph, node);
  record.images = top.seen();
  record.size = {size[1], size[2]};
  record.columns = kColumns;
  const std::vector<size_t> shown_ones = shown_channels(top, asked_for);
  record.chosen = asked_for ? std::string("the channels that were asked for")
                            : fmt::format("the {} most selective of {} channels", shown_ones.size(), shape[0]);
  const auto field = receptive_field(graph, node);
  const Path folder = inspection_folder(look.out, NeuronsRecord::kKind, name_of(node, look.options));
  make_folder(folder);
  std::string csv = "channel,rank,image,activation,row,column,label\n";
  for (const size_t k : shown_ones) {
    NeuronRecord neuron;
    neuron.node = node;
    neuron.channel = top.channels()[k];
    if (position) neuron.row = position->row, neuron.column = position->column;
    neuron.selectivity = top.selectivity(k);
    neuron.mean = top.mean(k);
    neuron.deviation = top.deviation(k);
    std::vector<Image> pictures, tiles;
    for (const Answer& answer : top.top(k)) {
      NeuronImage image{answer.image, answer.activation, answer.row, answer.column, {}, {}};
      image.label = class_name(images.data->classes(), images.data->label(answer.image));
      if (field) {
        const Reach rows = field->at(answer.row), across = field->at(answer.column);
        image.field = {rows.first, rows.last, across.first, across.last};
      }
      csv += fmt::format("{},{},{},{},{},{},{}\n", neuron.channel, neuron.top.size(), image.image, image.activation, image.row,
                         image.column, csv_cell(image.label));
      neuron.top.push_back(std::move(image));
      pictures.push_back(visible(*images.data, answer.image));
      tiles.push_back(shrunk(pictures.back(), kTileSide));
    }
    const std::string stem = fmt::format("channel-{:03}", neuron.channel);
    if (!tiles.empty()) {
      neuron.tiles = stem + "-tiles.png";
      write_png(folder / neuron.tiles, montage(tiles, kColumns));
      write_figure(folder, stem, neuron_sheet(record, neuron, pictures));
    }
    record.neurons.push_back(std::move(neuron));
  }
  write_file(folder / "neurons.csv", csv);
  Inspected found{fields_to_json(record), shown(record), folder};
  write_record(folder, NeuronsRecord::kKind, found.json);
  return found;
}

}  // namespace convscope
