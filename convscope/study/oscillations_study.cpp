#include "convscope/study/oscillations_study.h"

#include <algorithm>
#include <cmath>

#include "convscope/api/alias.h"
#include "convscope/api/evaluate.h"
#include "convscope/base/json_file.h"
#include "convscope/data/locate.h"
#include "convscope/data/sources/oscillations.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/models/model.h"
#include "convscope/report/oscillations/oscillation_figures.h"
#include "convscope/report/page/page.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/study/published_aliasing.h"
#include "convscope/tensor/npy.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

constexpr double kNoises[] = {1, 2, 4, 8};
constexpr int64_t kEpochs = 50, kMilestone = 35, kQuickEpochs = 5, kQuickMilestone = 4;

constexpr OscillationArchitecture kArchitectures[] = {
    {"fully_connected_tiny_shallow", "fc-1h", "fully-connected,size=tiny,hidden=1", {45.30, 15.58, 1.82, 0.42}},
    {"fully_connected_small_shallow", "fc-1h", "fully-connected,size=small,hidden=1", {89.79, 33.04, 5.33, 0.48}},
    {"fully_connected_medium_shallow", "fc-1h", "fully-connected,size=medium,hidden=1", {97.91, 64.75, 9.43, 0.60}},
    {"fully_connected_large_shallow", "fc-1h", "fully-connected,size=large,hidden=1", {98.67, 82.33, 11.52, 0.81}},
    {"fully_connected_tiny_2hidden", "fc-2h", "fully-connected,size=tiny,hidden=2", {54.66, 13.45, 1.63, 0.39}},
    {"fully_connected_small_2hidden", "fc-2h", "fully-connected,size=small,hidden=2", {92.85, 38.25, 2.93, 0.40}},
    {"fully_connected_medium_2hidden", "fc-2h", "fully-connected,size=medium,hidden=2", {98.13, 67.79, 4.45, 0.41}},
    {"fully_connected_large_2hidden", "fc-2h", "fully-connected,size=large,hidden=2", {98.66, 78.16, 3.63, 0.46}},
    {"resnet20_tiny_const", "resnet-c", "oscillation-resnet,depth=20,size=tiny,widths=const", {99.13, 98.13, 81.81, 19.04}},
    {"resnet20_small_const", "resnet-c", "oscillation-resnet,depth=20,size=small,widths=const", {99.33, 98.46, 94.67, 43.39}},
    {"resnet20_medium_const", "resnet-c", "oscillation-resnet,depth=20,size=medium,widths=const", {99.40, 98.73, 97.53, 58.41}},
    {"resnet20_large_const", "resnet-c", "oscillation-resnet,depth=20,size=large,widths=const", {99.48, 98.94, 98.24, 77.31}},
    {"resnet20_tiny_incr", "resnet-w", "oscillation-resnet,depth=20,size=tiny,widths=incr", {99.08, 97.93, 79.19, 1.12}},
    {"resnet20_small_incr", "resnet-w", "oscillation-resnet,depth=20,size=small,widths=incr", {99.18, 98.27, 89.33, 43.18}},
    {"resnet20_medium_incr", "resnet-w", "oscillation-resnet,depth=20,size=medium,widths=incr", {99.36, 98.59, 95.95, 57.20}},
    {"resnet20_large_incr", "resnet-w", "oscillation-resnet,depth=20,size=large,widths=incr", {99.41, 98.71, 97.52, 72.85}},
    {"resnet8_small_incr", "resnet-d", "oscillation-resnet,depth=8,size=small,widths=incr", {99.08, 98.02, 83.46, 25.68}},
    {"resnet20_small_incr, repeated", "resnet-d", "oscillation-resnet,depth=20,size=small,widths=incr", {99.24, 98.30, 86.79, 47.13}},
    {"resnet32_small_incr", "resnet-d", "oscillation-resnet,depth=32,size=small,widths=incr", {99.29, 98.39, 94.09, 40.26}},
    {"resnet44_small_incr", "resnet-d", "oscillation-resnet,depth=44,size=small,widths=incr", {99.32, 98.26, 96.43, 24.06}},
    {"resnet56_small_incr", "resnet-d", "oscillation-resnet,depth=56,size=small,widths=incr", {99.22, 98.25, 95.38, 37.90}},
    {"resnet110_small_incr", "resnet-d", "oscillation-resnet,depth=110,size=small,widths=incr", {99.14, 98.26, 96.42, 2.22}},
    {"resnet272_small_incr", "resnet-d", "oscillation-resnet,depth=272,size=small,widths=incr", {98.93, 98.30, 91.05, 2.56}},
};
/** What the quick scale trains, without noise worth the name and with twice as much. */
constexpr std::string_view kQuickNames[] = {"resnet8_small_incr", "fully_connected_small_shallow"};
constexpr size_t kQuickNoises = 2;
/** What the medium scale trains at all noises: a network of each kind. */
constexpr std::string_view kMediumNames[] = {"fully_connected_small_shallow", "resnet8_small_incr", "resnet20_small_incr",
                                             "resnet20_tiny_const", "resnet20_small_const"};

bool is_in(const OscillationArchitecture& a, Scale scale) {
  if (scale == Scale::full) return true;
  const std::span<const std::string_view> names = scale == Scale::quick ? std::span<const std::string_view>(kQuickNames) : kMediumNames;
  return std::find(names.begin(), names.end(), a.name) != names.end();
}

bool is_repeated(const OscillationArchitecture& a) { return std::string_view(a.name).ends_with("repeated"); }

std::string data_of(double noise, std::string_view more = "") { return fmt::format("oscillations,n_freq=20,noise={}{}", noise, more); }

/** The published recipe: summed loss, Adam, file order; the network sees I = (pixel − ½)(2 + A). */
Json recipe(const OscillationArchitecture& a, double noise, bool quick, int64_t seed) {
  return {{"preset", "oscillations-resnet"},
          {"model", a.model},
          {"data", data_of(noise)},
          {"normalize", fmt::format("0.5/{:.10f}", 1 / (2 + noise))},
          {"epochs", quick ? kQuickEpochs : kEpochs},
          {"schedule", fmt::format("step,milestones={},gamma=0.1", quick ? kQuickMilestone : kMilestone)},
          {"stop_at", 1.0},
          {"save_every", quick ? 1 : 5},
          {"seed", is_repeated(a) ? seed + 1 : seed}};
}

std::string run_of(const OscillationArchitecture& a, double noise) {
  const std::string_view name = a.name;
  return fmt::format("runs/noise-{}/{}{}", noise, name.substr(0, name.find(',')), is_repeated(a) ? "-repeated" : "");
}

/** Trained numbers, and multiply-adds for an image. */
struct Size {
  int64_t parameters = 0, macs = 0;
};
Size size_of(const OscillationArchitecture& a) {
  const auto model = models().make(parse_choice(a.model));
  const Graph graph = model->build({1, 32, 32}, 400);
  Size size;
  for (const Node& node : graph.nodes()) {
    if (const auto* p = as<ParameterOp>(*node.op); p && p->get().trained) size.parameters += node.shapes.front().size();
    std::vector<Shape> in;
    for (const Value v : node.inputs) in.push_back(graph.shape(v));
    if (!in.empty()) size.macs += node.op->macs(in, node.shapes);
  }
  return size;
}

/** Of all networks: the images that they are tested with, whatever their noise, which is told in each row. */
Provenance origin_of(const StudyContext& context) {
  constexpr std::string_view kData = "oscillations,n_freq=20";
  Provenance origin = provenance_of(context);
  const auto test = open_dataset(parse_choice(kData), Split::test, context.setting.data_roots);
  origin.data = Pictures(test, std::string(kData)).said_as(DataOrigin{.name = std::string(kData), .split = "test"}).where();
  return origin;
}

/** A record of nothing trained, with all that was published. */
OscillationsRecord untrained_record() {
  OscillationsRecord record;
  for (const OscillationArchitecture& a : kArchitectures) {
    const Size size = size_of(a);
    for (size_t i = 0; i < std::size(kNoises); ++i) {
      OscillationNetwork n;
      n.arch = a.name;
      n.family = a.family;
      n.noise = kNoises[i];
      n.parameters = size.parameters;
      n.published = a.published[i] / 100;
      record.networks.push_back(std::move(n));
    }
  }
  return record;
}

/** The record as it stands. */
OscillationsRecord opened(const StudyContext& context) {
  const bool begun = std::filesystem::exists(context.folder / kOscillationsFile);
  OscillationsRecord record = begun ? read_oscillations(context.folder) : untrained_record();
  record.came_from(origin_of(context));
  return record;
}

OscillationNetwork& row_of(OscillationsRecord& record, const OscillationArchitecture& a, double noise) {
  const auto row = std::find_if(record.networks.begin(), record.networks.end(),
                                [&](const OscillationNetwork& n) { return n.arch == a.name && n.noise == noise; });
  require(row != record.networks.end(), "{}: it has no row for {} and noise {}", kOscillationsFile, a.name, noise);
  return *row;
}

void keep(const StudyContext& context, const OscillationsRecord& record) {
  write_json(context.folder / kOscillationsFile, fields_to_json(record));
  write_oscillation_figures(context.folder);
}

void fill_in(const StudyContext& context, OscillationNetwork& row, const OscillationArchitecture& a, double noise,
             const TrainingSummary& s) {
  const Path run = context.folder / run_of(a, noise);
  row.epochs = s.epochs;
  row.accuracy = s.best_accuracy;
  row.best_epoch = s.best_epoch;
  row.last_accuracy = s.accuracy;
  row.seconds = 0;
  for (const EpochMetrics& m : read_metrics(run / kMetrics)) row.seconds += m.seconds;
  const auto fresh = open_dataset(parse_choice(data_of(noise, ",test=fresh")), Split::test, context.setting.data_roots);
  Setting exact = context.setting;
  exact.execution.precision = Precision::fp32;
  const Evaluation e = evaluate(open_network((run / kBestNetwork).string()), Pictures(fresh, "fresh oscillations"), {}, exact);
  row.fresh_accuracy = e.accuracy;
  row.fresh_interval_95 = e.accuracy_interval_95;
}

StudyFigure figure_of(const OscillationNetwork& row, bool quick) {
  StudyFigure f;
  f.what = fmt::format("{}, A = {}", row.arch, row.noise);
  f.published = 100 * row.published;
  f.ours = 100 * row.accuracy;
  const auto interval = wilson_interval(std::llround(row.accuracy * 10000), 10000);
  f.low = 100 * interval[0];
  f.high = 100 * interval[1];
  f.note = fmt::format("{}Best of {} epochs on the images that chose it, as published; on fresh ones {:.2f} %.",
                       quick ? fmt::format("{} of {} epochs. ", kQuickEpochs, kEpochs) : "", row.epochs, 100 * row.fresh_accuracy);
  return f;
}

bool is_looked_into(const OscillationArchitecture& a) { return a.name == std::string_view("resnet20_small_incr"); }

/** What happens to frequencies in the best network, whose accuracy stands above, over all test images. */
std::vector<StudyFigure> share_figures(const StudyContext& context, const OscillationArchitecture& a, double noise) {
  constexpr double kPublishedNoise = 1;
  const Path run = context.folder / run_of(a, noise);
  Setting setting = context.setting;
  setting.execution.precision = Precision::fp32;
  setting.progress = [&](int64_t, int64_t) {
    if (setting.stop && setting.stop()) throw Stopped("stopped while looking at frequencies");
  };
  Network network = open_network((run / kBestNetwork).string());
  network.name = a.model;
  const TrainOptions options = resolve_options(recipe(a, noise, context.scale == Scale::quick, context.setting.seed));
  const Aliased found = alias(network, test_pictures(context, options), {.maps = 0}, run, setting);
  const AliasingShares legacy = in_both_accountings(found.record, AliasingNumbers(found.folder, found.record)).legacy.published;
  std::vector<StudyFigure> figures;
  for (const Named& c : kFour) {
    StudyFigure f;
    f.what = fmt::format("{}, A = {}: {}", a.name, noise, c.name);
    f.published = noise == kPublishedNoise ? kToyMean.*c.published : kUnknown;
    f.ours = 100 * (legacy.*c.share);
    f.note =
        "Of the best epoch's network over all test images; no pass counts what is aliased once more, as published. Published is read off "
        "a pie.";
    figures.push_back(std::move(f));
  }
  return figures;
}

/** All networks of one noise. */
std::vector<StudyFigure> do_noise(const StudyContext& context, double noise) {
  const bool quick = context.scale == Scale::quick;
  OscillationsRecord record = opened(context);
  std::vector<StudyFigure> figures;
  for (const OscillationArchitecture& a : kArchitectures) {
    if (!is_in(a, context.scale)) continue;
    OscillationNetwork& row = row_of(record, a, noise);
    if (row.epochs == 0) {
      context.setting.tell(fmt::format("{}, noise {}", a.name, noise));
      const TrainingSummary s = context.train(run_of(a, noise), recipe(a, noise, quick, context.setting.seed));
      fill_in(context, row, a, noise, s);
      keep(context, record);
      write_report(context.folder);
    }
    figures.push_back(figure_of(row, quick));
    if (is_looked_into(a))
      for (StudyFigure& f : share_figures(context, a, noise)) figures.push_back(std::move(f));
  }
  return figures;
}

double seconds_of_an_epoch(const StudyContext& context, const OscillationArchitecture& a) {
  const std::string name = fmt::format("runs/timing-{}", a.name);
  Json options = recipe(a, 1, false, context.setting.seed);
  options.update({{"epochs", 2}, {"limit", 1280}});
  std::filesystem::remove_all(context.folder / name);
  (void)context.train(name, options);
  double least = HUGE_VAL;
  for (const EpochMetrics& m : read_metrics(context.folder / name / kMetrics)) least = std::min(least, m.seconds);
  std::filesystem::remove_all(context.folder / name);
  constexpr double kWhole = 20000.0 / 1280, kWithTest = 1 + 10000.0 / 20000 / 3;  // looking costs a third of learning
  return least * kWhole * kWithTest;
}

/** Two small networks are timed; the others take as much longer as they have more to multiply. */
void tell_how_long(const StudyContext& context) {
  OscillationsRecord record = opened(context);
  double conv_seconds = 0, dense_seconds = 0, all = 0;
  Size conv, dense;
  for (const OscillationArchitecture& a : kArchitectures) {
    if (std::string_view(a.name) == "resnet20_small_incr") conv = size_of(a), conv_seconds = seconds_of_an_epoch(context, a);
    if (std::string_view(a.name) == "fully_connected_medium_shallow") dense = size_of(a), dense_seconds = seconds_of_an_epoch(context, a);
  }
  int64_t open = 0, trainings = 0;
  for (const OscillationArchitecture& a : kArchitectures) {
    if (!is_in(a, context.scale)) continue;
    ++trainings;
    const Size size = size_of(a);
    const bool is_dense = std::string_view(a.family).starts_with("fc");
    const double epoch = is_dense ? dense_seconds * static_cast<double>(size.parameters) / static_cast<double>(dense.parameters)
                                  : conv_seconds * static_cast<double>(size.macs) / static_cast<double>(conv.macs);
    for (const double noise : kNoises)
      if (row_of(record, a, noise).epochs == 0) ++open, all += epoch * kEpochs;
  }
  context.setting.tell(
      fmt::format("{} of {} trainings are to be done; together they take about {:.1f} hours on this machine, by the time of a few updates. "
                  "Ctrl-C keeps what is done.",
                  open, trainings * std::ssize(kNoises), all / 3600));
}

/** The largest difference of two of the pictures. */
double difference(const Tensor& images) {
  float most = 0;
  for (int64_t n = 1; n < images.shape()[0]; ++n)
    for (size_t i = 0; i < images.row(0).size(); ++i) most = std::max(most, std::abs(images.row(n)[i] - images.row(0)[i]));
  return most;
}

std::vector<StudyFigure> do_illustration(const StudyContext& context) {
  OscillationsRecord record = opened(context);
  const Tensor images = alike_oscillations();
  record.illustration = "oscillations.npy";
  write_npy(context.folder / record.illustration, images);
  keep(context, record);
  if (context.scale != Scale::quick) tell_how_long(context);
  StudyFigure whole, kept;
  whole.what = "four oscillations: largest difference between two of them";
  whole.ours = difference(images);
  whole.unit = kept.unit = "";
  whole.note = "Their values lie between −1 and 1.";
  kept.what = "the same with every second row and column alone";
  kept.published = 0;
  kept.ours = std::round(difference(every_second(images)) * 1e4) / 1e4;
  kept.note = "Published in words: they cannot be told apart.";
  return {whole, kept};
}

}  // namespace

std::span<const OscillationArchitecture> oscillation_architectures() { return kArchitectures; }

Tensor alike_oscillations() {
  constexpr int64_t kSide = 32;
  constexpr double f = 10.0 / 32;
  Tensor images({4, kSide, kSide});
  int64_t n = 0;
  for (const double y : {f, 1 - f})
    for (const double x : {f, 1 - f}) oscillation({.frequency = x}, {.frequency = y}, kSide, kSide, images.row(n++));
  return images;
}

std::vector<Part> OscillationsStudy::parts(Scale scale) const {
  std::vector<Part> all{{"illustration",
                         scale == Scale::quick ? "four images that dropping samples makes one"
                                               : "four images that dropping samples makes one; how long the rest takes",
                         "", do_illustration}};
  for (size_t i = 0; i < (scale == Scale::quick ? kQuickNoises : std::size(kNoises)); ++i) {
    const double noise = kNoises[i];
    const auto count = std::count_if(std::begin(kArchitectures), std::end(kArchitectures), [&](const auto& a) { return is_in(a, scale); });
    all.push_back({fmt::format("noise-{}", noise), fmt::format("{} networks at noise {}", count, noise), "",
                   [noise](const StudyContext& context) { return do_noise(context, noise); }});
  }
  return all;
}

}  // namespace convscope
