#include <algorithm>
#include <cmath>
#include <tuple>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/join.h"
#include "convscope/base/md5.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/inspect/features/fourier_image.h"
#include "convscope/inspect/features/phase_image.h"
#include "convscope/inspect/features/visualise.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/feature_gallery.h"
#include "convscope/report/inspect/feature_sheet.h"
#include "convscope/subject/receptive_field.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 9, kUsualChannels = 8, kColumns = 3;
constexpr int64_t kTileSide = 96, kLeastSide = 224;                         // of the data's images in the montage; of a made picture
constexpr int64_t kOfAThread = 4, kFewestTogether = 8, kMostTogether = 32;  // pictures that are made at once
constexpr int64_t kMostForSpectrum = 500;                                   // images that maco's magnitudes are the mean of

/** What is driven: sums of a network's numbers, and what they are called. */
struct Wanted {
  std::vector<FeatureSum> sums;
  std::vector<int64_t> channels;  // of sums that are one channel; else empty
  std::string number;             // in words
  bool middle = false;            // the position that nobody said
};

/** The channels of a node, each for itself. */
Wanted wanted_channels(const std::string& node, const Shape& shape, const InspectOptions& options) {
  Wanted wanted;
  wanted.channels = options.channel.empty() ? chosen_channels({.count = kUsualChannels}, shape[0], kUsualChannels)
                                            : chosen_channels(options, shape[0], kUsualChannels);
  std::optional<std::pair<int64_t, int64_t>> position = position_of(options.position);
  FeatureTerm term{.node = node};
  if (shape.rank() != 3) {
    require_use(!position && !options.features.one_position, "`position`: node '{}' gives {}, it has none", node, shape);
    wanted.number = "the channel";
  } else if (!position && !options.features.one_position) {
    wanted.number = "the mean of the channel";
  } else {
    wanted.middle = !position;
    if (!position) position = {shape[1] / 2, shape[2] / 2};
    std::tie(term.row, term.column) = *position;
    require(term.row >= 0 && term.column >= 0 && term.row < shape[1] && term.column < shape[2], "`position` {},{}: node '{}' gives {}",
            term.row, term.column, node, shape);
    term.of = FeatureTerm::Of::position;
    wanted.number = fmt::format("the channel at row {}, column {}", term.row, term.column);
  }
  for (const int64_t channel : wanted.channels) {
    term.channel = channel;
    wanted.sums.push_back({{}, {term}});
  }
  return wanted;
}

Wanted wanted_sums(const Graph& graph, const InspectOptions& options) {
  for (const auto& [said, what] : {std::pair{!options.node.empty(), "node"},
                                   {!options.channel.empty(), "channel"},
                                   {!options.position.empty() || options.features.one_position, "position"}})
    require_use(!said, "`{}`: `objective` says it already, as in relu6:12", what);
  return {parse_feature_sums(options.features.objective, graph), {}, "what is asked for", false};
}

/** Each sum's numbers over the data. */
struct OverData {
  std::vector<std::vector<std::pair<double, int64_t>>> top;  // number and place, what is driven for first
  std::vector<double> sum, squares;
};

/** On the root; batches are shared out. */
OverData look_at(Ranks& ranks, DrivenSums& driven, size_t sums, const Pictures& pictures, int64_t batch, size_t count, bool minimised) {
  OverData seen{std::vector<std::vector<std::pair<double, int64_t>>>(sums), std::vector<double>(sums), std::vector<double>(sums)};
  const Shape image = pictures.image();
  const auto look = [&](int64_t piece) {
    Tensor x({std::min(batch, pictures.size() - piece * batch), image[0], image[1], image[2]});
    pictures.fill(piece * batch, x.span());
    return text_of(std::span<const double>(driven.table(x)));
  };
  in_order(ranks, (pictures.size() + batch - 1) / batch, look, [&](int64_t piece, std::string_view text) {
    const auto table = values_in<double>(text);
    for (size_t i = 0; i < table.size(); ++i) {
      const size_t k = i % sums;
      const double v = table[i];
      seen.sum[k] += v;
      seen.squares[k] += v * v;
      auto& top = seen.top[k];
      const auto place =
          std::upper_bound(top.begin(), top.end(), v, [&](double a, const auto& b) { return minimised ? a < b.first : a > b.first; });
      if (std::isfinite(v)) top.insert(place, {v, piece * batch + static_cast<int64_t>(i / sums)});
      if (top.size() > count) top.pop_back();
    }
  });
  return seen;
}

/** Mean cosine between the channels' means of a node, the first of what is given, for pictures `first` … of so many. */
double alike(const Tensor& given, const Shape& shape, int64_t first, int64_t count) {
  const int64_t channels = shape[0], places = shape.size() / channels;
  std::vector<std::vector<double>> means;
  for (int64_t n = first; n < first + count; ++n) {
    std::vector<double> own(static_cast<size_t>(channels));
    for (int64_t i = 0; i < channels * places; ++i) own[static_cast<size_t>(i / places)] += given.row(n)[static_cast<size_t>(i)];
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

constexpr std::string_view kFourierWay = "fourier", kPixelWay = "pixels", kMacoWay = "maco";

void check(const FeatureOptions& said) {
  const std::string& way = said.parametrisation;
  require_use(way == kFourierWay || way == kPixelWay || way == kMacoWay,
              "`parametrisation`: no '{}'; there are fourier and pixels, and maco", way);
  require_use(said.steps >= 1 && said.steps <= 1'000'000, "`steps` {}: 1 to 1000000 were wanted", said.steps);
  require_use(said.draws >= 1 && said.draws <= 1000, "`draws` {}: 1 to 1000 were wanted", said.draws);
  require_use(said.rate >= 0 && said.rate <= 100, "`rate` {}: above 0 was wanted, or 0: as suits", said.rate);
  require_use(said.decay >= 0 && said.decay <= 10, "`decay` {}: 0 to 10 was wanted", said.decay);
  require_use(said.redirected >= 0, "`redirected` {}: a count of steps was wanted, 0: none", said.redirected);
  require_use(said.crops >= 1 && said.crops <= 1000, "`crops` {}: 1 to 1000 were wanted", said.crops);
  require_use(said.power >= 0 && said.power <= 10, "`power` {}: 0 to 10 was wanted", said.power);
  require_use(said.diversity >= 0 && std::isfinite(said.diversity), "`diversity` {}: 0 or more was wanted", said.diversity);
  const FeatureOptions usual;
  const bool maco = way == kMacoWay;
  require_use(!maco || said.decay == usual.decay, "`decay`: a spectrum of `maco` is that of pictures, nothing of it decays");
  require_use(!maco || !said.own_colours, "`own_colours`: colours of `maco` are those of pictures");
  require_use((maco && !said.no_transforms) || said.crops == usual.crops, "`crops` are those of `maco` with its transforms");
  require_use(said.diversity == 0 || said.draws >= 2, "`diversity`: pictures are kept apart from each other, `draws` {} is one",
              said.draws);
}

VisualiseOptions options_of(const FeatureOptions& said, uint64_t seed) {
  const bool maco = said.parametrisation == kMacoWay;
  using Seen = VisualiseOptions::Seen;
  return {.steps = said.steps,
          .rate = said.rate > 0 ? said.rate
                  : maco        ? 1
                                : 0.05,
          .nesterov = maco,
          .seen = said.no_transforms ? Seen::as_it_is
                  : maco             ? Seen::cropped
                                     : Seen::warped,
          .crops = said.crops,
          .redirected = said.redirected,
          .seed = seed};
}

/** How pictures hang on what is climbed. */
struct Way {
  std::unique_ptr<Parametrisation> parameters;
  std::shared_ptr<const SpectrumTemplate> spectrum;  // of maco
};

Way way_of(const FeatureOptions& said, const Pictures& pictures) {
  const Shape image = pictures.image();
  if (said.parametrisation != kMacoWay)
    return {std::make_unique<PictureParameters>(image, PictureParameters::Options{.fourier = said.parametrisation == kFourierWay,
                                                                                  .decorrelate = !said.own_colours,
                                                                                  .decay = said.decay}),
            nullptr};
  // Spread over all of them: those of a folder lie class by class.
  const int64_t count = std::min(pictures.size(), kMostForSpectrum);
  const auto spectrum = std::make_shared<const SpectrumTemplate>(spectrum_template(image, count, [&](int64_t first, std::span<float> x) {
    const auto inner = static_cast<size_t>(image.size());
    for (size_t k = 0; k * inner < x.size(); ++k)
      pictures.fill((first + static_cast<int64_t>(k)) * pictures.size() / count, x.subspan(k * inner, inner));
  }));
  return {std::make_unique<PhaseParameters>(image, spectrum), spectrum};
}

/** What was made for some sums, and what is known of it without the data. */
struct Made {
  std::vector<FeatureRecord> features;
  Visualised drawn;
};

Made made_features(SeededNetwork& network, std::span<const FeatureSum> sums, const FeatureOptions& said, const Way& way,
                   const Setting& setting) {
  const int64_t draws = said.draws, count = std::ssize(sums) * draws;
  std::vector<int64_t> which, beginnings;
  for (int64_t n = 0; n < count; ++n) {
    which.push_back(n / draws);
    beginnings.push_back(n % draws);
  }
  DrivenSums driven(network, {sums.begin(), sums.end()}, which, {.down = said.minimise, .power = said.power, .diversity = said.diversity});
  Made made{{}, visualise(driven, *way.parameters, beginnings, options_of(said, setting.seed), setting.progress)};
  const Tensor given = network.given(made.drawn.pictures);
  for (int64_t k = 0; k < std::ssize(sums); ++k) {
    FeatureRecord feature;
    feature.alike = alike(given, network.shape(0), k * draws, draws);
    for (int64_t d = 0; d < draws; ++d) {
      const auto n = static_cast<size_t>(k * draws + d);
      feature.pictures.push_back({.draw = d,
                                  .begin = made.drawn.begin[n],
                                  .end = made.drawn.end[n],
                                  .high_frequencies = high_frequency_share(made.drawn.pictures.row(k * draws + d), network.image()),
                                  .opened = made.drawn.opened[n]});
    }
    made.features.push_back(std::move(feature));
  }
  return made;
}

/** The picture on white, there where anything was asked for: opaque from the 95th percentile of its transparency on. */
Image through_glass(const Tensor& made, const Tensor& transparency, int64_t n) {
  const std::span<const float> glass = transparency.row(n);
  std::vector<float> sorted(glass.begin(), glass.end());
  const auto high = sorted.begin() + static_cast<ptrdiff_t>(0.95 * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), high, sorted.end());
  const float full = std::max(*high, 1e-30f);
  Tensor shown(made.shape().with_batch(1));
  for (size_t i = 0; i < static_cast<size_t>(shown.size()); ++i) {
    const float opaque = std::min(1.0f, glass[i % glass.size()] / full);
    shown.row(0)[i] = 1 - opaque + opaque * made.row(n)[i];
  }
  return visible(shown, 0);
}

void add_data(FeatureRecord& feature, const OverData& seen, size_t k, const Pictures& pictures, std::span<const int64_t> labels,
              bool minimised) {
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
    if (minimised ? feature.best() < 0 : feature.best() > 0) picture.times = picture.end / feature.best();
}

/** Where in the node a channel answers most, or least, to its top images, and which part of them is seen from there. */
void add_places(FeatureRecord& feature, const FeatureSum& sum, SeededNetwork& network, const Graph& graph, const Pictures& pictures,
                bool minimised) {
  const FeatureTerm& term = sum.terms.front();
  const bool channel = term.of == FeatureTerm::Of::channel, position = term.of == FeatureTerm::Of::position;
  if (sum.terms.size() != 1 || (!channel && !position) || network.shape(0).rank() != 3 || feature.top.empty()) return;
  const int64_t rows = network.shape(0)[1], columns = network.shape(0)[2];
  std::vector<int64_t> places;
  for (const NeuronImage& top : feature.top) places.push_back(pictures.place_of(top.image));
  const Tensor given = network.given(pictures.at(places).pixels());
  const std::optional<ReceptiveField> field = receptive_field(graph, term.node);
  for (size_t i = 0; i < feature.top.size(); ++i) {
    const auto of_channel = static_cast<size_t>(network.begin(0) + term.channel * rows * columns);
    const auto answers = given.row(static_cast<int64_t>(i)).subspan(of_channel, static_cast<size_t>(rows * columns));
    const int64_t best = minimised ? std::min_element(answers.begin(), answers.end()) - answers.begin() : argmax(answers);
    NeuronImage& top = feature.top[i];
    top.row = position ? term.row : best / columns;
    top.column = position ? term.column : best % columns;
    if (!field) continue;
    const Reach down = field->at(top.row), across = field->at(top.column);
    top.field = {down.first, down.last, across.first, across.last};
  }
}

/** Everything that was made, in the order of the record's features and their pictures. */
struct AllMade {
  Tensor pictures, transparency;
};

void write_features(const Path& folder, FeaturesRecord& record, const AllMade& all, const SpectrumTemplate* spectrum,
                    const Pictures& pictures) {
  const Tensor& made = all.pictures;
  clear_place(folder, FeaturesRecord::kKind);
  if (spectrum) {
    record.spectrum = "spectrum.npy";
    write_npy(folder / record.spectrum, Tensor({made.shape()[1], made.shape()[2], made.shape()[3] / 2 + 1}, spectrum->magnitude));
  }
  const Shape image(made.shape().extents().subspan(1));
  int64_t n = 0;
  for (FeatureRecord& feature : record.features) {
    const std::string stem = fmt::format("{}-{:03}", feature.objective.empty() ? "channel" : "objective", feature.channel);
    std::vector<Image> drawn, seen, tiles;
    for (FeaturePicture& picture : feature.pictures) {
      picture.png = fmt::format("{}-{}.png", stem, picture.draw);
      picture.npy = fmt::format("{}-{}.npy", stem, picture.draw);
      drawn.push_back(visible(made, n));
      const int64_t times = std::max<int64_t>(1, kLeastSide / std::max(image[1], image[2]));
      write_png(folder / picture.png, enlarged(drawn.back(), times));
      write_npy(folder / picture.npy, Tensor(image, made.row(n)));
      if (spectrum) {
        picture.seen = fmt::format("{}-{}-seen.png", stem, picture.draw);
        picture.transparency = fmt::format("{}-{}-transparency.npy", stem, picture.draw);
        drawn.back() = through_glass(made, all.transparency, n);
        write_png(folder / picture.seen, enlarged(drawn.back(), times));
        write_npy(folder / picture.transparency, Tensor({image[1], image[2]}, all.transparency.row(n)));
      }
      ++n;
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
  write_file(folder / kGalleryFile, feature_gallery(record));
  write_record(folder, FeaturesRecord::kKind, fields_to_json(record));
}

}  // namespace

Inspected<FeaturesRecord> inspect_features(const Network& network, const Pictures& some, const InspectOptions& options, const Path& out,
                                           const Setting& setting) {
  const FeatureOptions& said = options.features;
  check(said);
  check_pictures(network, some, Classes::any);
  const Graph& graph = network.graph;
  const bool sums = !said.objective.empty();
  const std::string usual = options.node.empty() ? answer_of_convolution(graph, Which::last) : require_layer(graph, options.node);
  const Pictures pictures = some.distinct();
  const NetworkSubject looking = subject_of(network, setting, options.batch);
  const Shape shape = looking.shape(usual);
  require(sums || shape.rank() == 1 || shape.rank() == 3, "features: node '{}' gives {}; [C, H, W] or [F] was wanted", usual, shape);
  const Wanted wanted = sums ? wanted_sums(graph, options) : wanted_channels(usual, shape, options);
  const std::vector<std::string> nodes = nodes_of(wanted.sums);

  FeaturesRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  record.node = fmt::format("{}", join(nodes, " and "));
  const auto unless = [](bool differs, const std::string& what) { return differs ? what : std::string(); };
  const FeatureOptions usually;
  const QuestionName name = name_of_look(FeaturesRecord::kKind, sums ? said.objective : usual, options)
                                .with("", sums ? md5(said.objective).substr(0, 8) : "")  // signs do not stand in names of folders
                                .with("", wanted.middle ? "middle" : "")
                                .with("", said.minimise ? "least" : "")
                                .with("", said.parametrisation == kFourierWay ? "" : said.parametrisation)
                                .with("", said.own_colours ? "own-colours" : "")
                                .with("", said.no_transforms ? "no-transforms" : "")
                                .with("power", unless(said.power != usually.power, fmt::format("{}", said.power)))
                                .with("diversity", unless(said.diversity > 0, fmt::format("{}", said.diversity)));
  Ranks& ranks = *setting.ranks;
  require_alike_question(ranks, record, *pictures.dataset());
  const Path folder = out.empty() || !ranks.is_root() ? Path() : place_of_look(out, FeaturesRecord::kKind, name, record, setting);
  record.about = where_in_network(graph, nodes.front());
  record.number = wanted.number + (said.minimise ? ", driven down" : "");
  record.images = pictures.size();
  record.steps = said.steps;
  record.columns = kColumns;
  record.size = {pictures.image()[1], pictures.image()[2]};

  const Timer timer;
  const Way way = way_of(said, pictures);
  if (way.spectrum) {
    record.spectrum_images = way.spectrum->pictures;
    if (way.spectrum->pictures < pictures.size())
      setting.tell(fmt::format("maco: the spectrum is that of {} of {} images, spread over all", way.spectrum->pictures, pictures.size()));
  }
  const int64_t draws = said.draws,
                together = std::max<int64_t>(1, std::clamp(kOfAThread * threads(), kFewestTogether, kMostTogether) / draws),
                count = std::ssize(wanted.sums);
  // A piece fills a program: what is made together is the same, whoever makes it.
  const int64_t batch = options.batch > 0 ? options.batch : usual_batch(network.image());
  const int64_t at_once = std::min(count, std::clamp<int64_t>(batch / draws, 1, together));
  SeededNetwork climbing(subject_of(network, setting, options.batch > 0 ? batch : std::min(at_once * draws, batch)), nodes);
  const Shape image = network.image();
  AllMade all{Tensor({count * draws, image[0], image[1], image[2]}), Tensor({count * draws, image[1], image[2]})};
  const auto make = [&](int64_t piece) {
    const int64_t first = piece * at_once, few = std::min(at_once, count - first);
    Setting own = setting;
    if (setting.progress)
      own.progress = [&, before = first * draws * said.steps](int64_t done, int64_t) {
        if (ranks.is_root()) setting.progress(before + done, count * draws * said.steps);
      };
    const Made made =
        made_features(climbing, std::span(wanted.sums).subspan(static_cast<size_t>(first), static_cast<size_t>(few)), said, way, own);
    std::vector<std::string> parts{text_of(std::span<const float>(made.drawn.pictures.span())),
                                   text_of(std::span<const float>(made.drawn.transparency.span()))};
    for (const FeatureRecord& feature : made.features) parts.push_back(fields_to_json(feature).dump());
    return packed(parts);
  };
  in_order(ranks, (count + at_once - 1) / at_once, make, [&](int64_t piece, std::string_view text) {
    const std::vector<std::string> parts = unpacked(text);
    const auto put = [&](const std::string& made, Tensor& into) {
      const auto numbers = values_in<float>(made);
      std::copy(numbers.begin(), numbers.end(), into.data() + piece * at_once * draws * into.shape().inner());
    };
    put(parts[0], all.pictures);
    put(parts[1], all.transparency);
    for (size_t i = 2; i < parts.size(); ++i)
      record.features.push_back(record_from_json<FeatureRecord>(parse_json(parts[i], "a rank's feature"), "a rank's feature"));
  });
  record.seconds = timer.seconds();

  SeededNetwork seeing(looking, nodes);
  DrivenSums driven(seeing, wanted.sums, {}, {.power = said.power});
  const OverData seen = look_at(ranks, driven, wanted.sums.size(), pictures, looking.batch(),
                                static_cast<size_t>(count_of(options, kUsualCount)), said.minimise);
  if (!ranks.is_root()) return {record_of_root(ranks, record), {}};
  SeededNetwork seeing_one(looking, {nodes.front()});
  const std::vector<int64_t> labels = pictures.labels();
  const bool answers = !sums && graph.at(usual) == graph.output;
  const std::vector<std::string>& names = std::ssize(pictures.classes()) == shape[0] ? pictures.classes() : network.classes;
  for (size_t k = 0; k < wanted.sums.size(); ++k) {
    FeatureRecord& feature = record.features[k];
    feature.channel = sums ? static_cast<int64_t>(k) : wanted.channels[k];
    if (sums) feature.objective = wanted.sums[k].text;
    if (answers) feature.name = class_name(names, feature.channel);
    add_data(feature, seen, k, pictures, labels, said.minimise);
    if (wanted.sums[k].terms.front().node == nodes.front()) add_places(feature, wanted.sums[k], seeing_one, graph, pictures, said.minimise);
  }
  if (!folder.empty()) write_features(folder, record, all, way.spectrum.get(), pictures);
  return {record_of_root(ranks, record), folder};
}

}  // namespace convscope
