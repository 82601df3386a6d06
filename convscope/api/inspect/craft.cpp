#include "convscope/inspect/concepts/craft.h"

#include <algorithm>
#include <cmath>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/inspect/attribution/positions.h"
#include "convscope/report/attribution/attribution_sheet.h"
#include "convscope/report/draw/colour_map.h"
#include "convscope/report/draw/montage.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kColumns = 5, kMostCrops = 10, kMapSide = 128;
constexpr int64_t kUsualCount = 50;        // images of the class
constexpr double kUsualCrop = 64.0 / 224;  // of a side, as published
constexpr int64_t kLeastCrop = 4;

/** The last node with positions that gives no number below 0; the last convolution's answer where there is none. */
std::string usual_node(const Graph& graph) {
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    const auto* f = dynamic_cast<const HasActivation*>(node->op.get());
    if (!f) continue;
    const Activation a = f->activation();
    const bool rectifier = a.kind == Activation::kRelu || a.kind == Activation::kRelu6 || (a.kind == Activation::kClamp && a.tuning >= 0);
    const Shape& shape = node->shapes.front();
    if (rectifier && shape.rank() == 4 && shape[2] * shape[3] > 1) return node->name;
  }
  return answer_of_convolution(graph, Which::last);
}

/** The network's classes as the pictures call them, where these have as many. */
const std::vector<std::string>& names_of(const Pictures& pictures, const Network& network) {
  return std::ssize(pictures.classes()) == network.outputs() ? pictures.classes() : network.classes;
}

/** The class that is asked for, or the one that most pictures are taken for; and places of pictures that are taken for it. */
std::pair<int64_t, std::vector<int64_t>> pictures_of_class(Subject& subject, const Pictures& pictures, const Network& network,
                                                           const std::string& said) {
  std::vector<std::vector<int64_t>> places(static_cast<size_t>(network.outputs()));
  const std::string& answers = network.graph.name(network.graph.output);
  subject.stream(
      answers, pictures.size(), [&](int64_t first, std::span<float> x) { pictures.fill(first, x); },
      [&](int64_t first, int64_t some, const Tensor& logits) {
        for (int64_t n = 0; n < some; ++n) places[static_cast<size_t>(argmax(logits.row(n)))].push_back(first + n);
      });
  std::vector<std::string> names = names_of(pictures, network);
  for (int64_t y = std::ssize(names); y < network.outputs(); ++y) names.push_back(std::to_string(y));
  const int64_t y = said.empty()
                        ? std::max_element(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); }) -
                              places.begin()
                        : parse_class(said, names);
  std::vector<int64_t> own = std::move(places[static_cast<size_t>(y)]);
  require(own.size() >= 2, "concepts: the network takes {} of the {} images of {} for '{}'; at least 2 were wanted", own.size(),
          pictures.size(), pictures.name(), names[static_cast<size_t>(y)]);
  return {y, std::move(own)};
}

/** A part of a picture as people can see it. */
Image cut_out(const Tensor& x, const ConceptCrop& where, int64_t side) {
  const Image whole = visible(x, where.picture);
  Image part{whole.channels, std::min(side, whole.rows), std::min(side, whole.columns), {}};
  for (int64_t c = 0; c < part.channels; ++c)
    for (int64_t i = 0; i < part.rows; ++i)
      for (int64_t j = 0; j < part.columns; ++j)
        part.pixels.push_back(whole.pixels[static_cast<size_t>((c * whole.rows + where.row + i) * whole.columns + where.column + j)]);
  return enlarged(part, std::max<int64_t>(1, 64 / std::max(part.rows, part.columns)));
}

/** Where a concept is in a picture: `largest` is as bright as can be. */
Image map_over(const Tensor& x, int64_t n, std::span<const float> map, int64_t h, int64_t w, double largest) {
  const std::vector<double> own(map.begin(), map.end());
  const int64_t rows = x.shape()[2], columns = x.shape()[3];
  const std::vector<double> fine = upsampled(own, h, w, rows, columns);
  const std::vector<float> values(fine.begin(), fine.end());
  const Image over = overlaid(coloured(values, rows, columns, {ColourMap::inferno, 0, largest}), visible(x, n), 0.6);
  return shrunk(enlarged(over, std::max<int64_t>(1, kMapSide / std::max(rows, columns))), kMapSide);
}

void write_craft(const Path& folder, CraftRecord& record, const Craft& found, const Tensor& x, std::span<const int64_t> numbers) {
  clear_place(folder, CraftRecord::kKind);
  record.npy = "maps.npy";
  write_npy(folder / record.npy, found.maps);
  const int64_t h = found.maps.shape()[2], w = found.maps.shape()[3];
  for (size_t k = 0; k < found.concepts.size(); ++k) {
    CraftConcept& one = record.concepts[k];
    std::vector<Image> tiles, maps;
    for (const CraftCrop& crop : one.crops) {
      const auto place = std::find(numbers.begin(), numbers.end(), crop.image) - numbers.begin();
      tiles.push_back(cut_out(x, {place, crop.row, crop.column, 0}, record.crop));
    }
    double largest = 0;
    const auto map_of = [&](int64_t n) { return found.maps.row(n).subspan(k * static_cast<size_t>(h * w), static_cast<size_t>(h * w)); };
    for (int64_t n = 0; n < found.maps.shape()[0]; ++n) largest = std::max(largest, static_cast<double>(max_abs(map_of(n))));
    for (int64_t n = 0; n < found.maps.shape()[0]; ++n) maps.push_back(map_over(x, n, map_of(n), h, w, largest));
    one.tiles = fmt::format("concept-{:03}-crops.png", k);
    one.maps = fmt::format("concept-{:03}-maps.png", k);
    write_png(folder / one.tiles, montage(tiles, record.columns));
    write_png(folder / one.maps, montage(maps, record.columns));
  }
  write_record(folder, CraftRecord::kKind, fields_to_json(record));
}

}  // namespace

Inspected<CraftRecord> inspect_craft(const Network& network, const Pictures& some, const InspectOptions& options, const Path& out,
                                     const Setting& setting) {
  const ConceptOptions& said = options.concepts;
  require_use(said.rank >= 1 && said.rank <= 1000, "`rank` {}: 1 to 1000 concepts were wanted", said.rank);
  check_pictures(network, some, Classes::any);
  const Graph& graph = network.graph;
  const std::string node = options.node.empty() ? usual_node(graph) : require_layer(graph, options.node);
  NetworkSubject subject = subject_of(network, setting, options.batch);
  const Shape shape = subject.shape(node), image = network.image();
  require(shape.rank() == 3, "concepts: node '{}' gives {}; one with positions, [C, H, W], was wanted", node, shape);
  const int64_t longest = std::min(image[1], image[2]);
  require_use(said.crop >= 0 && said.crop <= longest, "`crop` {}: a side of 2 to {} pixels was wanted, or 0: as suits", said.crop, longest);

  const Pictures pictures = some.distinct();
  auto [of_class, places] = pictures_of_class(subject, pictures, network, said.target);
  places.resize(std::min(places.size(), static_cast<size_t>(count_of(options, kUsualCount))));
  const Pictures own = pictures.at(places);
  CraftOptions asked;
  asked.node = node;
  asked.of_class = of_class;
  asked.crop = said.crop > 0
                   ? said.crop
                   : std::clamp<int64_t>(std::llround(kUsualCrop * static_cast<double>(longest)), std::min(kLeastCrop, longest), longest);
  asked.seed = setting.seed;
  asked.progress = setting.progress;
  asked.rank = std::min(
      {said.rank, shape[0], own.size() * std::ssize(crop_places(image[1], asked.crop)) * std::ssize(crop_places(image[2], asked.crop))});
  if (asked.rank < said.rank)
    setting.tell(fmt::format("concepts: {} instead of {}, node '{}' has {} channels", asked.rank, said.rank, node, shape[0]));

  CraftRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  record.of_class = class_name(names_of(pictures, network), of_class);
  const Path folder = out.empty() ? Path()
                                  : place_of_look(out, CraftRecord::kKind,
                                                  name_of_look(CraftRecord::kKind, node, options)
                                                      .with("", record.of_class)
                                                      .with("rank", said.rank == ConceptOptions().rank ? "" : std::to_string(said.rank))
                                                      .with("crop", said.crop == 0 ? "" : std::to_string(said.crop)),
                                                  record, setting);
  const Tensor x = own.pixels();
  const Craft found = craft(subject, x, asked);
  record.node = node;
  record.about = where_in_network(graph, node);
  record.images = own.size();
  record.crop = asked.crop;
  record.crops = found.crops;
  record.error = found.error;
  record.lost = found.lost;
  record.columns = kColumns;
  for (int64_t n = 0; n < found.maps.shape()[0]; ++n) record.explained.push_back(own.numbers()[static_cast<size_t>(n)]);
  for (const FoundConcept& one : found.concepts) {
    CraftConcept told;
    told.importance = one.importance;
    told.deviation = one.deviation;
    for (size_t i = 0; i < std::min(one.crops.size(), static_cast<size_t>(kMostCrops)); ++i)
      told.crops.push_back(
          {own.numbers()[static_cast<size_t>(one.crops[i].picture)], one.crops[i].row, one.crops[i].column, one.crops[i].share});
    record.concepts.push_back(std::move(told));
  }
  if (folder.empty()) return {std::move(record), {}};
  write_craft(folder, record, found, x, own.numbers());
  return {std::move(record), folder};
}

}  // namespace convscope
