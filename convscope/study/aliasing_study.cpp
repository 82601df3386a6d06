#include "convscope/study/aliasing_study.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "convscope/api/alias_under_attack.h"
#include "convscope/attack/attack.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/models/checkpoint.h"
#include "convscope/models/model.h"
#include "convscope/report/aliasing/aliasing_figures.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/spread.h"
#include "convscope/study/published_aliasing.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr const char* kLegacyNote = "No pass counts what is aliased once more, as in the published totals.";
constexpr const char* kOnceNote = "Each frequency is counted once.";

/** The network that parts 1 and 2 look at. */
struct Examined {
  Network network;
  Pictures pictures;       // its test images
  bool layers = false;     // and its signals come in the study's order
  bool published = false;  // it has the layers of the study's: ResNet-34 for ImageNet
  std::string note = {};   // where it has not
};

/** Which of the signals of one stage is the shortcut's is told by the window of its convolution. */
bool has_published_order(const Network& network, const Setting& setting) {
  constexpr int64_t kWindows[] = {7, 0, 3, 1, 3, 1, 3, 1};
  const std::vector<Signal> signals = subject_of(network, setting).signals();
  return std::equal(signals.begin(), signals.end(), std::begin(kWindows), std::end(kWindows), [&](const Signal& s, int64_t window) {
    const Node& node = network.graph.node(network.graph.at(s.node));
    return (as<Conv2dOp>(*node.op) ? network.graph.shape(node.inputs[1])[2] : 0) == window;
  });
}

/** As many images at once as share a program well, with signals to be kept beside. */
int64_t batch_of(const Network& network) { return std::min<int64_t>(usual_batch(network.image()), 64); }

/** A network of a folder of the study, with the images that it was tested on. */
Examined trained(const StudyContext& context, const std::string& run, const Json& options) {
  const TrainOptions resolved = resolve_options(options);
  Network network = open_network(context.trained(run).string());
  network.name = resolved.model;
  return {std::move(network), test_pictures(context, resolved)};
}

Json stand_in(Scale scale) {
  Json options = {{"preset", "cifar-resnet-fast"}};
  if (scale != Scale::full) options["epochs"] = scale == Scale::quick ? 3 : 15;
  return options;
}

/** What somebody brought. */
Examined brought(const StudyContext& context) {
  constexpr int64_t kAll = 0;
  Network network = open_network(context.network, context.network_options);
  Pictures pictures = choose_pictures({.data = context.data}, network, context.setting, kAll);
  return {std::move(network), std::move(pictures)};
}

/** What somebody brought, or the ResNet-20 that is trained here. */
Examined examined(const StudyContext& context) {
  const bool own = context.network.empty();
  Examined e = own ? trained(context, "network", stand_in(context.scale)) : brought(context);
  e.published = is_resnet34_for_imagenet(e.network.graph);
  e.layers = e.published && has_published_order(e.network, context.setting);
  if (!e.published)
    e.note = fmt::format("Of {} on {}{}. Published is ResNet-34 with ImageNet's weights, which {}; `net` takes it.", e.network.name,
                         e.pictures.name(),
                         own ? fmt::format(", trained here for {} epochs", resolve_options(stand_in(context.scale)).epochs) : "",
                         own ? "are not at hand" : "this is not");
  return e;
}

/** Layers do not tell whose weights they have; how many images are named right tells of others. */
void require_published_accuracy(int64_t right, int64_t images, Examined& e) {
  if (!e.published) return;
  e.published = has_published_accuracy(right, images);
  const auto [low, high] = wilson_interval(right, std::max<int64_t>(1, images));
  const std::string basis = fmt::format("{} of {} images right, {:.1f} to {:.1f} %, against the published {} %", right, images, 100 * low,
                                        100 * high, kImagenetCurve[0].top1);
  e.note = e.published ? fmt::format("Of {}: the published layers, and {}.", e.network.name, basis)
                       : fmt::format(
                             "Of {} on {}: the published layers, but {}: other weights or other images, so that no published figure "
                             "stands beside it.",
                             e.network.name, e.pictures.name(), basis);
}

/** The first so many; 0: all. */
Pictures first_of(const Pictures& pictures, int64_t most) { return most > 0 ? pictures.first(most) : pictures; }

StudyFigure figure(std::string what, double published, double ours, std::string note) {
  StudyFigure f;
  f.what = std::move(what);
  f.published = published;
  f.ours = ours;
  f.note = std::move(note);
  return f;
}

AliasingRecord look(const StudyContext& context, const Path& folder, const Examined& e, int64_t most) {
  Setting setting = context.setting;
  setting.execution.precision = Precision::fp32;
  setting.progress = [&](int64_t, int64_t) {
    if (setting.stop && setting.stop()) throw Stopped("stopped while looking at frequencies");
  };
  return alias(e.network, first_of(e.pictures, most), {.maps = 2, .batch = batch_of(e.network)}, folder, setting).record;
}

/** Mean over images, each counted as the published programs do, of one signal or of all. */
AliasingShares legacy_mean(const AliasingNumbers& numbers, int64_t signal = -1) {
  AliasingShares sum;
  for (int64_t n = 0; n < numbers.images(); ++n)
    for (int64_t s = 0; s < numbers.signals(); ++s) {
      if (signal >= 0 && s != signal) continue;
      const AliasingShares one = legacy_of(numbers.at(n, s).published);
      const double of = static_cast<double>(numbers.images() * (signal >= 0 ? 1 : numbers.signals()));
      for (const Named& c : kFour) sum.*c.share += one.*c.share / of;
    }
  return sum;
}

/** Means as published, then each frequency once; layer by layer where these are published. */
std::vector<StudyFigure> share_figures(const std::string& whose, const Path& folder, const AliasingRecord& record, const Percents* mean,
                                       std::span<const Percents> layers, const std::string& note) {
  const AliasingNumbers numbers(folder / kAliasing, record);
  const AliasingShares legacy = legacy_mean(numbers);
  std::vector<StudyFigure> all;
  for (const Named& c : kFour)
    all.push_back(figure(fmt::format("{}: {}, as published", whose, c.name), mean ? mean->*c.published : kUnknown, 100 * (legacy.*c.share),
                         fmt::format("{}{}{}", kLegacyNote, note.empty() ? "" : " ", all.empty() ? note : "")));
  for (const Named& c : kFour)
    all.push_back(figure(fmt::format("{}: {}, counted once", whose, c.name), kUnknown, 100 * (record.mean.published.*c.share), kOnceNote));
  if (layers.size() != record.signals.size()) return all;
  for (size_t s = 0; s < layers.size(); ++s) {
    const AliasingShares own = legacy_mean(numbers, static_cast<int64_t>(s));
    for (const Named& c : kFour)
      all.push_back(figure(fmt::format("{}, signal {}: {}", whose, record.signals[s].label, c.name), layers[s].*c.published,
                           100 * (own.*c.share), "Published is read off the pie, to about 1 point."));
  }
  return all;
}

std::vector<StudyFigure> right_and_wrong(const Path& folder, const AliasingRecord& record, bool published) {
  const AliasingNumbers numbers(folder / kAliasing, record);
  std::vector<StudyFigure> all;
  for (const Named& c : kFour)
    for (const bool right : {true, false}) {
      std::vector<double> shares;
      for (int64_t n = 0; n < numbers.images(); ++n) {
        if (numbers.correct(n) != int{right}) continue;
        double sum = 0;
        for (int64_t s = 0; s < numbers.signals(); ++s) sum += legacy_of(numbers.at(n, s).published).*c.share;
        shares.push_back(100 * sum / static_cast<double>(numbers.signals()));
      }
      const std::string count = fmt::format("{} images. Published: no visible difference between right and wrong.", shares.size());
      StudyFigure f = figure(fmt::format("median of images named {}: {}", right ? "right" : "wrong", c.name),
                             published ? kImagenetMedians.*c.published : kUnknown, kUnknown, count);
      if (!shares.empty()) {
        const auto [low, high] = median_interval_95(shares);
        f.low = low;
        f.high = high;
        f.ours = median_of(std::move(shares));
      }
      all.push_back(std::move(f));
    }
  return all;
}

std::vector<StudyFigure> curve_figures(const AliasingCurve& curve, bool published, const std::string& note) {
  std::vector<StudyFigure> all;
  for (const AliasingCurvePoint& p : curve.points) {
    PublishedPoint known{p.epsilon, kUnknown, kUnknown, kUnknown};
    for (const PublishedPoint& q : kImagenetCurve)
      if (published && q.epsilon == p.epsilon) known = q;
    const std::string at = fmt::format("ε = {}", epsilon_text(p.epsilon));
    const auto within = [](StudyFigure f, double low, double high) {
      f.low = 100 * low;
      f.high = 100 * high;
      return f;
    };
    const std::string count = fmt::format("{} images{}", curve.images, p.epsilon > 0 ? ", all steps for each." : ".");
    all.push_back(within(figure(at + ": top-1 accuracy", known.top1, 100 * p.accuracy,
                                fmt::format("{}{}{}", count, all.empty() ? " " : "", all.empty() ? note : "")),
                         p.accuracy_interval_95[0], p.accuracy_interval_95[1]));
    if (std::isfinite(p.top5_accuracy))
      all.push_back(
          within(figure(at + ": top-5 accuracy", known.top5, 100 * p.top5_accuracy, count), p.top5_interval_95[0], p.top5_interval_95[1]));
    all.push_back(figure(at + ": aliased or tangled, median", known.median, 100 * p.legacy_median,
                         fmt::format("Band from the 1st to the 99th percentile of the images: {:.1f} to {:.1f}. {}", 100 * p.legacy_low,
                                     100 * p.legacy_high, kLegacyNote)));
  }
  return all;
}

std::vector<StudyFigure> do_network(const StudyContext& context) {
  if (context.network.empty()) (void)context.train("network", stand_in(context.scale));
  Examined e = examined(context);
  const Path folder = context.folder / "network";
  const AliasingRecord record = look(context, folder, e, context.scale == Scale::quick ? 1000 : 0);
  require_published_accuracy(record.correct, record.labelled, e);
  if (e.layers) e.note += fmt::format(" {} signals, as the study's figure has; its prose says 7.", record.signals.size());
  if (!e.note.empty()) context.setting.tell(e.note);
  auto all = share_figures(e.network.name, folder, record, e.published ? &kImagenetMean : nullptr,
                           e.published && e.layers ? std::span(kImagenetLayers) : std::span<const Percents>(), e.note);
  for (StudyFigure& f : right_and_wrong(folder, record, e.published)) all.push_back(std::move(f));
  return all;
}

/** The signals of the two published maps, by their labels; of other networks the first two. */
std::vector<size_t> mapped_signals(const AliasingRecord& record) {
  std::vector<size_t> chosen;
  for (const char* label : {"0", "1"})
    for (size_t s = 0; s < record.signals.size(); ++s)
      if (record.signals[s].label == label) chosen.push_back(s);
  if (chosen.size() == 2) return chosen;
  chosen.clear();
  for (size_t s = 0; s < std::min<size_t>(2, record.signals.size()); ++s) chosen.push_back(s);
  return chosen;
}

/** Share of each category among the pixels of a map [2, n, m], whose first plane has published scaling: 0 no pass, 1, 2, 3 as in kFour. */
AliasingShares shares_in_map(const Tensor& map) {
  const size_t pixels = map.row(0).size();
  AliasingShares shares;
  double* const by_value[] = {&shares.no_pass, &shares.non_aliased, &shares.aliased, &shares.tangled};
  for (const float value : map.row(0)) *by_value[static_cast<size_t>(value)] += 1.0 / static_cast<double>(pixels);
  return shares;
}

/** Two frequency maps of one image: the study's own where its validation folder is there. */
std::vector<StudyFigure> do_maps(const StudyContext& context) {
  const Examined e = examined(context);
  const bool same = e.layers && e.pictures.size() > kPublishedMapImage;
  const Pictures sorted = e.pictures.distinct();
  const int64_t places[] = {same ? sorted.place_of(kPublishedMapImage) : 0};
  const Pictures image = same ? sorted.at(places) : e.pictures.first(1);
  Setting setting = context.setting;
  setting.execution.precision = Precision::fp32;
  const Aliased found = alias(e.network, image, {.maps = 1, .batch = 1}, context.folder / "maps", setting);
  const std::string note =
      same ? "Published as a picture." : fmt::format("Published is image {} of ImageNet's validation folder.", kPublishedMapImage);
  std::vector<StudyFigure> all;
  for (const size_t s : mapped_signals(found.record)) {
    const AliasingSignal& signal = found.record.signals[s];
    const AliasingShares shares = shares_in_map(read_npy(found.folder / signal.maps.front().npy));
    for (const Named& c : kFour)
      all.push_back(
          figure(fmt::format("frequency map of image {}, signal {}, channel 0: {}", image.numbers().front(), signal.label, c.name),
                 kUnknown, 100 * (shares.*c.share), note));
  }
  return all;
}

std::vector<StudyFigure> do_attack(const StudyContext& context) {
  const Path folder = context.folder / "network";
  require(std::filesystem::exists(folder / kAliasing / kAliasingFile), "{}: its frequencies have not been looked at yet", folder.string());
  Examined e = examined(context);
  const int64_t most = context.limit > 0                ? context.limit
                       : context.scale == Scale::quick  ? 100
                       : context.scale == Scale::medium ? 500
                                                        : 1000;
  Setting setting = context.setting;
  setting.execution.precision = Precision::fp32;
  UnderAttackOptions options;
  if (!context.epsilons.empty()) options.epsilons = context.epsilons;
  options.look.batch = batch_of(e.network);
  options.done = [&](const AliasingCurvePoint& p) {
    setting.tell(
        fmt::format("ε = {}: accuracy {:.1f} %, aliased or tangled {:.1f} %", epsilon_text(p.epsilon), 100 * p.accuracy, 100 * p.median));
  };
  AliasingCurve curve;
  try {
    curve = alias_under_attack(folder / kAliasing, e.network, first_of(e.pictures, most), options, setting);
  } catch (const AttackStopped& stopped) {
    throw Stopped(stopped.what());
  }
  write_aliasing_figures(folder / kAliasing);
  const auto clean = std::find_if(curve.points.begin(), curve.points.end(), [](const AliasingCurvePoint& p) { return p.epsilon == 0; });
  if (clean != curve.points.end())
    require_published_accuracy(std::llround(clean->accuracy * static_cast<double>(curve.images)), curve.images, e);
  return curve_figures(curve, e.published, e.note);
}

std::vector<StudyFigure> do_toy(const StudyContext& context) {
  const bool quick = context.scale == Scale::quick;
  Json options = {{"preset", "oscillations-resnet"}};
  if (quick) options.update({{"epochs", 4}, {"schedule", "step,milestones=3,gamma=0.1"}});
  const TrainingSummary summary = context.train("toy", options);
  const Path folder = context.folder / "toy";
  // The network of the accuracy: the best one, as published.
  Examined best = trained(context, "toy", options);
  best.network.tensors = load_network(folder / kBestNetwork).tensors;
  const AliasingRecord record = look(context, folder, best, quick ? 1000 : 0);
  const std::string short_training = quick ? "4 of 50 epochs." : "";
  StudyFigure accuracy =
      figure("toy ResNet-20: best accuracy", 99.18, 100 * summary.best_accuracy,
             fmt::format("{} The best epoch, {}, is chosen on these same images, as published; the shares below are of its network.",
                         short_training, summary.best_epoch));
  accuracy.low = 100 * summary.best_accuracy_interval_95[0];
  accuracy.high = 100 * summary.best_accuracy_interval_95[1];
  std::vector<StudyFigure> all{std::move(accuracy)};
  for (StudyFigure& f : share_figures("toy ResNet-20", folder, record, &kToyMean, kToyLayers, short_training)) all.push_back(std::move(f));
  return all;
}

}  // namespace

namespace {

/** What a layer is, whatever it is called and whether batch norm is folded into it. */
using LayerForm = std::tuple<std::string, std::vector<int64_t>, std::vector<int64_t>>;  // kind, weight, what comes out of one image

std::vector<int64_t> extents_of(const Shape& shape, int first) {
  const auto extents = shape.extents().subspan(static_cast<size_t>(first));
  return {extents.begin(), extents.end()};
}

std::vector<LayerForm> layer_forms(const Graph& graph) {
  std::vector<LayerForm> all;
  for (const Node& node : graph.nodes()) {
    const std::string kind(node.op->kind());
    if (kind != Conv2dOp::kKind && kind != LinearOp::kKind && kind != MaxPoolOp::kKind) continue;
    const bool weighted = kind != MaxPoolOp::kKind;
    all.emplace_back(kind, weighted ? extents_of(graph.shape(node.inputs[1]), 0) : std::vector<int64_t>(),
                     extents_of(node.shapes.front(), 1));
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

bool is_resnet34_for_imagenet(const Graph& graph) {
  static const std::vector<LayerForm> published = layer_forms(models().make("resnet34")->build({3, 224, 224}, 1000));
  return layer_forms(graph) == published;
}

bool has_published_accuracy(int64_t right, int64_t images) {
  constexpr double kPublished = kImagenetCurve[0].top1 / 100, kPreparation = 0.02;  // what another way to read a JPEG may cost
  if (images == 0) return false;
  const auto [low, high] = wilson_interval(right, images);
  return low <= kPublished + kPreparation && high >= kPublished - kPreparation;
}

std::vector<Part> AliasingStudy::parts(Scale) const {
  return {
      {"network", "shares of frequencies of a network for pictures, and of images that it names right and wrong", "network", do_network},
      {"maps", "two frequency maps of one image", "maps", do_maps},
      {"attacked", "the same under attack: 100 steps within each ε", "network", do_attack},
      {"toy", "the toy network for oscillations", "toy", do_toy, true},
  };
}

}  // namespace convscope
