#include <algorithm>
#include <numeric>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/api/shared_stream.h"
#include "convscope/base/text.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/inspect/neurons/top_activations.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/neuron_sheet.h"
#include "convscope/results/neurons_record.h"
#include "convscope/subject/receptive_field.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 20, kColumns = 5;  // four rows of five, as published
constexpr size_t kMostSelective = 8;
constexpr int64_t kTileSide = 96;  // of the images in the montage

/** Channels' places in `top`: all that were asked for, or the most selective. */
std::vector<size_t> shown_places(const TopActivations& top, bool asked_for) {
  std::vector<size_t> order(top.channels().size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (asked_for) return order;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return top.selectivity(a) > top.selectivity(b); });
  order.resize(std::min(order.size(), kMostSelective));
  return order;
}

NeuronImage image_of(const Answer& answer, const Pictures& pictures, std::span<const int64_t> labels,
                     const std::optional<ReceptiveField>& field) {
  NeuronImage image{answer.image, answer.activation, answer.row, answer.column, {}, {}};
  image.label = class_name(pictures.classes(), labels[static_cast<size_t>(pictures.place_of(answer.image))]);
  if (!field) return image;
  const Reach rows = field->at(answer.row), across = field->at(answer.column);
  image.field = {rows.first, rows.last, across.first, across.last};
  return image;
}

void write_neurons(const Path& folder, NeuronsRecord& record, const Pictures& pictures) {
  clear_place(folder, NeuronsRecord::kKind);
  std::string csv = "channel,rank,image,activation,row,column,label\n";
  for (NeuronRecord& neuron : record.neurons) {
    std::vector<Image> seen, tiles;
    for (const NeuronImage& image : neuron.top) {
      csv += fmt::format("{},{},{},{},{},{},{}\n", neuron.channel, seen.size(), image.image, image.activation, image.row, image.column,
                         csv_cell(image.label));
      seen.push_back(pictures.visible(pictures.place_of(image.image)));
      tiles.push_back(shrunk(seen.back(), kTileSide));
    }
    if (tiles.empty()) continue;
    const std::string stem = fmt::format("channel-{:03}", neuron.channel);
    neuron.tiles = stem + "-tiles.png";
    write_png(folder / neuron.tiles, montage(tiles, kColumns));
    write_figure(folder, stem, neuron_sheet(record, neuron, seen));
  }
  write_file(folder / "neurons.csv", csv);
  write_record(folder, NeuronsRecord::kKind, fields_to_json(record));
}

}  // namespace

Inspected<NeuronsRecord> inspect_neurons(const Network& network, const Pictures& some, const InspectOptions& options, const Path& out,
                                         const Setting& setting) {
  check_pictures(network, some, Classes::any);
  const Graph& graph = network.graph;
  const std::string node = options.node.empty() ? answer_of_convolution(graph, Which::last) : require_layer(graph, options.node);
  NetworkSubject subject = subject_of(network, setting, options.batch);
  const Shape shape = subject.shape(node);
  const auto place = position_of(options.position);
  const auto position = place ? std::optional(TopActivations::Position{place->first, place->second}) : std::nullopt;
  const bool asked_for = !options.channel.empty();
  const std::vector<int64_t> channels = asked_for ? parse_numbers(options.channel, shape[0], "`channel`") : std::vector<int64_t>();
  TopActivations top(subject, node, channels, count_of(options, kUsualCount), position ? &*position : nullptr);
  const Pictures pictures = some.distinct();
  const std::vector<int64_t> labels = known_labels(pictures, "neurons");
  const std::span<const int64_t> numbers = pictures.numbers();
  NeuronsRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  Ranks& ranks = *setting.ranks;
  require_alike_question(ranks, record, *pictures.dataset());
  stream_on_ranks(ranks, subject, node, pictures, [&](int64_t first, int64_t count, const Tensor& y) {
    top.see_answers(y, numbers.subspan(static_cast<size_t>(first), static_cast<size_t>(count)));
  });
  if (!ranks.is_root()) return {record_of_root(ranks, record), {}};

  const Path folder =
      out.empty() ? Path() : place_of_look(out, NeuronsRecord::kKind, name_of_look(NeuronsRecord::kKind, node, options), record, setting);
  record.node = node;
  record.about = where_in_network(graph, node);
  record.images = top.seen();
  record.size = {pictures.image()[1], pictures.image()[2]};
  record.columns = kColumns;
  const std::vector<size_t> shown = shown_places(top, asked_for);
  record.chosen = asked_for ? std::string("the channels that were asked for")
                            : fmt::format("the {} most selective of {} channels", shown.size(), shape[0]);
  const auto field = receptive_field(graph, node);
  for (const size_t k : shown) {
    NeuronRecord neuron;
    neuron.node = node;
    neuron.channel = top.channels()[k];
    if (position) neuron.row = position->row, neuron.column = position->column;
    neuron.selectivity = top.selectivity(k);
    neuron.mean = top.mean(k);
    neuron.deviation = top.deviation(k);
    for (const Answer& answer : top.top(k)) neuron.top.push_back(image_of(answer, pictures, labels, field));
    record.neurons.push_back(std::move(neuron));
  }
  record = record_of_root(ranks, record);
  if (folder.empty()) return {std::move(record), {}};
  write_neurons(folder, record, pictures);
  return {std::move(record), folder};
}

}  // namespace convscope
