#include <algorithm>
#include <cmath>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/base/timer.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/inspect/features/visualise.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/feature_sheet.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 9, kUsualChannels = 8, kColumns = 3;
constexpr int64_t kTileSide = 96, kLeastSide = 224;  // of the data's images in the montage; of a made picture
constexpr int64_t kMostTogether = 32;                // made at once

/** What is driven: numbers of a node, and what they are called. */
struct Driven {
  Objective objective;
  std::vector<int64_t> targets;  // [K] of the channels
  std::string number;            // in words
  std::optional<std::pair<int64_t, int64_t>> position;
};

Driven driven_of(const std::string& node, const Shape& shape, std::span<const int64_t> channels, const InspectOptions& options) {
  Driven driven;
  driven.objective.node = node;
  driven.position = position_of(options.position);
  if (shape.rank() != 3) {
    require_use(!driven.position && !options.features.one_position, "`position`: node '{}' gives {}, it has none", node, shape);
    driven.number = "the channel";
  } else if (!driven.position && !options.features.one_position) {
    driven.number = "the mean of the channel";
  } else {
    if (!driven.position) driven.position = {shape[1] / 2, shape[2] / 2};
    const auto [row, column] = *driven.position;
    require(row >= 0 && column >= 0 && row < shape[1] && column < shape[2], "`position` {},{}: node '{}' gives {}", row, column, node,
            shape);
    driven.objective.positions = true;
    driven.number = fmt::format("the channel at row {}, column {}", row, column);
    for (const int64_t c : channels) driven.targets.push_back((c * shape[1] + row) * shape[2] + column);
    return driven;
  }
  driven.targets.assign(channels.begin(), channels.end());
  return driven;
}

/** Numbers of each channel over the data. */
struct OverData {
  std::vector<std::vector<std::pair<double, int64_t>>> top;  // [K] number and place, largest first
  std::vector<double> sum, squares;
};

OverData look_at(Subject& subject, const Pictures& pictures, const Driven& driven, std::span<const int64_t> channels, const Shape& shape,
                 size_t count) {
  const size_t places = static_cast<size_t>(shape.size() / shape[0]);
  OverData seen{std::vector<std::vector<std::pair<double, int64_t>>>(channels.size()), std::vector<double>(channels.size()),
                std::vector<double>(channels.size())};
  const auto number = [&](std::span<const float> row, size_t k) {
    if (driven.objective.positions) return static_cast<double>(row[static_cast<size_t>(driven.targets[k])]);
    double sum = 0;
    for (const float v : row.subspan(static_cast<size_t>(channels[k]) * places, places)) sum += v;
    return sum / static_cast<double>(places);
  };
  subject.stream(
      driven.objective.node, pictures.size(), [&](int64_t first, std::span<float> x) { pictures.fill(first, x); },
      [&](int64_t first, int64_t some, const Tensor& y) {
        for (int64_t n = 0; n < some; ++n)
          for (size_t k = 0; k < channels.size(); ++k) {
            const double v = number(y.row(n), k);
            seen.sum[k] += v;
            seen.squares[k] += v * v;
            auto& top = seen.top[k];
            const auto place = std::upper_bound(top.begin(), top.end(), v, [](double a, const auto& b) { return a > b.first; });
            if (std::isfinite(v)) top.insert(place, {v, first + n});
            if (top.size() > count) top.pop_back();
          }
      });
  return seen;
}

/** Mean cosine between the channels' means of the node for pictures `first` … of so many. */
double alike(const Tensor& answers, const Shape& shape, int64_t first, int64_t count) {
  const int64_t channels = shape[0], places = shape.size() / channels;
  std::vector<std::vector<double>> means;
  for (int64_t n = first; n < first + count; ++n) {
    std::vector<double> own(static_cast<size_t>(channels));
    for (int64_t i = 0; i < channels * places; ++i) own[static_cast<size_t>(i / places)] += answers.row(n)[static_cast<size_t>(i)];
    means.push_back(std::move(own));
  }
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  double sum = 0;
  int64_t pairs = 0;
  for (size_t a = 0; a < means.size(); ++a)
    for (size_t b = a + 1; b < means.size(); ++b, ++pairs)
      sum += dot(means[a], means[b]) / std::max(1e-30, std::sqrt(dot(means[a], means[a]) * dot(means[b], means[b])));
  return pairs > 0 ? sum / static_cast<double>(pairs) : kUnknown;
}

VisualiseOptions options_of(const FeatureOptions& said, uint64_t seed) {
  require_use(said.parametrisation == "fourier" || said.parametrisation == "pixels",
              "`parametrisation`: no '{}'; there are fourier and pixels", said.parametrisation);
  require_use(said.steps >= 1 && said.steps <= 1'000'000, "`steps` {}: 1 to 1000000 were wanted", said.steps);
  require_use(said.draws >= 1 && said.draws <= 1000, "`draws` {}: 1 to 1000 were wanted", said.draws);
  require_use(said.rate > 0 && said.rate <= 100, "`rate` {}: above 0 was wanted", said.rate);
  require_use(said.decay >= 0 && said.decay <= 10, "`decay` {}: 0 to 10 was wanted", said.decay);
  return {.steps = said.steps,
          .rate = said.rate,
          .transforms = !said.no_transforms,
          .minimise = said.minimise,
          .parameters = {.fourier = said.parametrisation == "fourier", .decorrelate = !said.own_colours, .decay = said.decay},
          .seed = seed};
}

/** Everything for some channels of a node, made together; what the data say is still missing. */
std::vector<FeatureRecord> made_features(NetworkSubject& subject, const Driven& driven, std::span<const int64_t> channels,
                                         const Shape& shape, const FeatureOptions& said, const Setting& setting, Tensor& pictures) {
  const int64_t draws = said.draws, count = std::ssize(channels) * draws;
  std::vector<int64_t> targets, beginnings;
  for (int64_t n = 0; n < count; ++n) {
    targets.push_back(driven.targets[static_cast<size_t>(n / draws)]);
    beginnings.push_back(n % draws);
  }
  const Visualised made = visualise(subject, driven.objective, targets, beginnings, options_of(said, setting.seed), setting.progress);
  const Tensor answers = subject.activation(made.pictures, driven.objective.node);
  std::vector<FeatureRecord> features;
  for (int64_t k = 0; k < std::ssize(channels); ++k) {
    FeatureRecord feature;
    feature.channel = channels[static_cast<size_t>(k)];
    feature.alike = alike(answers, shape, k * draws, draws);
    for (int64_t d = 0; d < draws; ++d) {
      const auto n = static_cast<size_t>(k * draws + d);
      feature.pictures.push_back({.draw = d,
                                  .begin = made.begin[n],
                                  .end = made.end[n],
                                  .high_frequencies = high_frequency_share(made.pictures.row(k * draws + d), subject.image())});
    }
    features.push_back(std::move(feature));
  }
  pictures = made.pictures;
  return features;
}

void add_data(FeatureRecord& feature, const OverData& seen, size_t k, const Pictures& pictures, std::span<const int64_t> labels) {
  const double count = static_cast<double>(pictures.size());
  feature.mean = seen.sum[k] / count;
  feature.deviation = std::sqrt(std::max(0.0, seen.squares[k] / count - feature.mean * feature.mean));
  for (const auto& [value, place] : seen.top[k]) {
    NeuronImage image;
    image.image = pictures.numbers()[static_cast<size_t>(place)];
    image.activation = value;
    if (!labels.empty()) image.label = class_name(pictures.classes(), labels[static_cast<size_t>(place)]);
    feature.top.push_back(std::move(image));
  }
  for (FeaturePicture& picture : feature.pictures)
    if (feature.best() > 0) picture.times = picture.end / feature.best();
}

void write_features(const Path& folder, FeaturesRecord& record, const Tensor& made, const Pictures& pictures) {
  clear_place(folder, FeaturesRecord::kKind);
  const Shape image(made.shape().extents().subspan(1));
  int64_t n = 0;
  for (FeatureRecord& feature : record.features) {
    const std::string stem = fmt::format("channel-{:03}", feature.channel);
    std::vector<Image> drawn, seen, tiles;
    for (FeaturePicture& picture : feature.pictures) {
      picture.png = fmt::format("{}-{}.png", stem, picture.draw);
      picture.npy = fmt::format("{}-{}.npy", stem, picture.draw);
      drawn.push_back(visible(made, n));
      const int64_t times = std::max<int64_t>(1, kLeastSide / std::max(image[1], image[2]));
      write_png(folder / picture.png, enlarged(drawn.back(), times));
      write_npy(folder / picture.npy, Tensor(image, made.row(n++)));
    }
    for (const NeuronImage& top : feature.top) {
      seen.push_back(pictures.visible(pictures.place_of(top.image)));
      tiles.push_back(shrunk(seen.back(), kTileSide));
    }
    if (!tiles.empty()) {
      feature.tiles = stem + "-tiles.png";
      write_png(folder / feature.tiles, montage(tiles, record.columns));
    }
    write_figure(folder, stem, feature_sheet(record, feature, drawn, seen));
  }
  write_record(folder, FeaturesRecord::kKind, fields_to_json(record));
}

}  // namespace

Inspected<FeaturesRecord> inspect_features(const Network& network, const Pictures& some, const InspectOptions& options, const Path& out,
                                           const Setting& setting) {
  (void)options_of(options.features, setting.seed);
  check_pictures(network, some, Classes::any);
  const Graph& graph = network.graph;
  const std::string node = options.node.empty() ? answer_of_convolution(graph, Which::last) : require_layer(graph, options.node);
  const Pictures pictures = some.distinct();
  NetworkSubject looking = subject_of(network, setting, options.batch);
  const Shape shape = looking.shape(node);
  require(shape.rank() == 1 || shape.rank() == 3, "features: node '{}' gives {}; [C, H, W] or [F] was wanted", node, shape);
  const std::vector<int64_t> channels = options.channel.empty() ? chosen_channels({.count = kUsualChannels}, shape[0], kUsualChannels)
                                                                : chosen_channels(options, shape[0], kUsualChannels);
  const Driven driven = driven_of(node, shape, channels, options);

  FeaturesRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  const QuestionName name = name_of_look(FeaturesRecord::kKind, node, options)
                                .with("", driven.position && options.position.empty() ? "middle" : "")
                                .with("", options.features.minimise ? "least" : "")
                                .with("", options.features.parametrisation == "pixels" ? "pixels" : "")
                                .with("", options.features.own_colours ? "own-colours" : "")
                                .with("", options.features.no_transforms ? "no-transforms" : "");
  const Path folder = out.empty() ? Path() : place_of_look(out, FeaturesRecord::kKind, name, record, setting);
  record.node = node;
  record.about = where_in_network(graph, node);
  record.number = driven.number + (options.features.minimise ? ", driven down" : "");
  record.images = pictures.size();
  record.steps = options.features.steps;
  record.columns = kColumns;

  const Timer timer;
  const int64_t draws = options.features.draws, together = std::max<int64_t>(1, kMostTogether / draws);
  const int64_t count = std::ssize(channels);
  const int64_t at_once = std::min(count, together);
  NetworkSubject climbing =
      subject_of(network, setting, options.batch > 0 ? options.batch : std::min(at_once * draws, usual_batch(network.image())));
  const Shape image = network.image();
  Tensor made({count * draws, image[0], image[1], image[2]});
  for (int64_t first = 0; first < count; first += at_once) {
    const auto few = static_cast<size_t>(std::min(at_once, count - first));
    Driven part = driven;
    part.targets.assign(driven.targets.begin() + first, driven.targets.begin() + first + static_cast<int64_t>(few));
    Tensor drawn;
    for (FeatureRecord& feature : made_features(climbing, part, std::span(channels).subspan(static_cast<size_t>(first), few), shape,
                                                options.features, setting, drawn))
      record.features.push_back(std::move(feature));
    std::copy_n(drawn.data(), drawn.size(), made.row(first * draws).data());
  }
  record.seconds = timer.seconds();

  const OverData seen = look_at(looking, pictures, driven, channels, shape, static_cast<size_t>(count_of(options, kUsualCount)));
  const std::vector<int64_t> labels = pictures.labels();
  const bool answers = graph.at(node) == graph.output;
  const std::vector<std::string>& names = std::ssize(pictures.classes()) == shape[0] ? pictures.classes() : network.classes;
  for (size_t k = 0; k < channels.size(); ++k) {
    if (answers) record.features[k].name = class_name(names, channels[k]);
    add_data(record.features[k], seen, k, pictures, labels);
  }
  if (folder.empty()) return {std::move(record), {}};
  write_features(folder, record, made, pictures);
  return {std::move(record), folder};
}

}  // namespace convscope
