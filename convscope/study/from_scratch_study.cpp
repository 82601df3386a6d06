#include "convscope/study/from_scratch_study.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "convscope/api/evaluate.h"
#include "convscope/api/inspect.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/spread.h"
#include "convscope/study/other_methods_part.h"
#include "convscope/study/run_under_attack.h"

namespace convscope {

namespace {

/** Sure enough to be started from, as published images were; and how sure the network is to become. */
constexpr double kSureBefore = 0.9, kSureAfter = 0.95;

/** A picture that the study shows: its class and the network's confidence, and what it was turned into. */
struct PublishedAdversary {
  int64_t image;  // its number among the training images
  const char *from, *to;
  double before, after;
};
constexpr PublishedAdversary kAdversaries[] = {
    {23, "frog", "cat", 0.98785, 0.98369},        {7359, "deer", "cat", 0.92426, 0.96833}, {348, "airplane", "cat", 0.98805, 0.95341},
    {54, "bird", "cat", 0.99926, 0.94715},        {23, "frog", "truck", 0.98785, 0.98683}, {7359, "deer", "truck", 0.92426, 0.98582},
    {348, "airplane", "truck", 0.98805, 0.97823}, {54, "bird", "truck", 0.99926, 0.94870},
};

constexpr int64_t kPairs = 90, kTestImages = 10000;
constexpr int64_t kShownImage = 52;  // of the training images, in the study's pictures of activations
constexpr int64_t kMaps = 32, kSheet = 25;

const std::string kData = "cifar10";
/** The training whose network is looked into: the one that reaches the published figure. */
const std::string kLookedInto = "published-1e-3";
Json looked_into_options() { return {{"preset", "scratch-published-1e-3"}}; }

struct Training {
  std::string run, preset;
  int64_t epochs;  // 0: as the preset has it
  std::string what;
  double published;
  int64_t earlier;  // an epoch that is told too; 0: none
  std::string note;
};

/** Images that are right and sure, or where there are none, as after few epochs, that are right. */
AttackRecord attack_sure_ones(RunUnderAttack& network, AttackOptions request) {
  request.draw = true;
  request.min_confidence = kSureBefore;
  try {
    return network.attack("descent", request);
  } catch (const NothingToAttack&) {
    request.min_confidence = 0;
    return network.attack("descent", request);
  }
}

std::string starting_points(const AttackRecord& r) {
  return r.min_confidence > 0 ? fmt::format("right with {} or more", r.min_confidence)
                              : fmt::format("right, none of them with {} or more", kSureBefore);
}

/** The picture shown reached what ours are asked for; of two it falls short, and no figure stands beside ours. */
double published_share(const PublishedAdversary& p) { return p.after >= kSureAfter ? 100 : kUnknown; }

/** How many reach their class; `images` of each. */
StudyFigure adversary_figure(RunUnderAttack& network, const PublishedAdversary& p, int64_t images) {
  const std::string what = fmt::format("{} → {}: reach confidence {}", p.from, p.to, kSureAfter);
  std::string note = fmt::format("Published: one {} among the training images, {:.5f}, became a {} with {:.5f}{}. ", p.from, p.before, p.to,
                                 p.after, p.after < kSureAfter ? fmt::format(", below {}", kSureAfter) : "");
  AttackRecord r;
  try {
    r = attack_sure_ones(network, {.target = p.to, .source = p.from, .limit = images, .show = 4});
  } catch (const NothingToAttack&) {
    return share_figure(what, published_share(p), 0, 0, note + fmt::format("Here the network is right about no {}.", p.from));
  }
  const AttackPoint& reached = r.curve.back();
  note += fmt::format("Here {} drawn test images that were {}", r.attacked, starting_points(r));
  if (reached.successes > 0)
    note += fmt::format(": mean confidence {:.5f} after {:.0f} steps, mean L2 {:.2f}", reached.confidence_mean, reached.iterations_mean,
                        reached.l2_mean);
  return share_figure(what, published_share(p), reached.successes, r.attacked, note + ".");
}

std::vector<StudyFigure> turn_into_cats_and_trucks(const StudyContext& context, const std::string& run, const Json& options,
                                                   int64_t images) {
  RunUnderAttack network(context, run, options);
  std::vector<StudyFigure> figures;
  for (const PublishedAdversary& p : kAdversaries) figures.push_back(adversary_figure(network, p, images));
  return figures;
}

/** All pairs of classes; `images` of each class towards each other one. */
std::vector<StudyFigure> turn_into_anything(const StudyContext& context, const std::string& run, const Json& options, int64_t images) {
  RunUnderAttack network(context, run, options);
  const AttackRecord r = attack_sure_ones(network, {.target = "each", .limit = images, .show = 8});
  const AttackPoint& reached = r.curve.back();
  const auto count = [&](auto&& wanted) { return std::count_if(r.pairs.begin(), r.pairs.end(), wanted); };
  const auto complete = count([](const AttackPair& p) { return p.successes == p.attempts; });
  const auto possible = count([](const AttackPair& p) { return p.successes > 0; });
  const int64_t as_files = std::llround(reached.success_rate_8bit * static_cast<double>(r.attacked));
  const auto pairs = [](std::string what, int64_t some, std::string note) {
    StudyFigure f;
    f.what = std::move(what);
    f.ours = static_cast<double>(some);
    f.unit = fmt::format("of {} pairs", kPairs);
    f.note = std::move(note);
    return f;
  };
  return {
      share_figure("any image as any class", kUnknown, reached.successes, r.attacked,
                   fmt::format("Published in words, not counted. {} images a pair where there are so many that were {}.", images,
                               starting_points(r))),
      share_figure("the same as 8-bit files", kUnknown, as_files, r.attacked, "Not published."),
      pairs("pairs of classes that are always reached", complete, "Not published; the heat map shows each pair."),
      pairs("pairs of classes that are reached at all", possible,
            std::ssize(r.pairs) < kPairs ? "Of some classes the network is right about no image." : "Not published."),
  };
}

/** The published images themselves, asked for the published confidence. */
std::vector<StudyFigure> turn_published_images(const StudyContext& context, const std::string& run, const Json& options) {
  RunUnderAttack network(context, run, options);
  const auto train = open_split(resolve_options(options), Split::train, context.setting.data_roots);
  std::vector<StudyFigure> figures;
  for (const PublishedAdversary& p : kAdversaries) {
    const std::string what = fmt::format("training image {}, {} → {}: confidence", p.image, p.from, p.to);
    std::string note = fmt::format("Published: {} {:.5f} before. ", p.from, p.before);
    const Pictures one = Pictures(train, {p.image}, kData).said_as({.name = kData, .split = "train", .images = std::to_string(p.image)});
    StudyFigure f;
    f.what = what;
    f.published = 100 * p.after;
    try {
      const AttackRecord r = network.attack_on(one, "descent", {.target = p.to, .confidence = p.after, .show = 1}).record;
      const AttackImage& image = r.images.front();
      f.ours = 100 * image.confidence;
      f.note = note + fmt::format("Here {} {:.5f} before; asked for the published confidence, {} after {} steps, L2 {:.2f}.", image.from,
                                  image.from_confidence, image.success ? "reached" : "NOT REACHED", image.iterations, image.l2);
    } catch (const NothingToAttack&) {
      f.note = note + "Here the network takes the image for something else.";
    }
    figures.push_back(std::move(f));
  }
  return figures;
}

StudyFigure accuracy_figure(std::string what, double published, double ours, const std::array<double, 2>& interval, std::string note) {
  StudyFigure f;
  f.what = std::move(what);
  f.published = published;
  f.ours = 100 * ours;
  f.low = 100 * interval[0];
  f.high = 100 * interval[1];
  f.note = std::move(note);
  return f;
}

/** Quoted by the study beside its own figure. */
std::vector<StudyFigure> quoted_figures() {
  const auto quoted = [](const char* what, double published) {
    StudyFigure f;
    f.what = what;
    f.published = published;
    f.note = "Quoted by the study beside its 72 %.";
    return f;
  };
  return {quoted("people on CIFAR-10", 94), quoted("the best network of its time", 96.53)};
}

/** A training, after its last epoch and after an earlier one. */
std::vector<StudyFigure> train_it(const StudyContext& context, const Training& t) {
  Json options = {{"preset", t.preset}};
  if (t.epochs > 0) options["epochs"] = t.epochs;
  const TrainingSummary s = context.train(t.run, options);
  std::vector<StudyFigure> figures{
      accuracy_figure(fmt::format("{}, {} epochs", t.what, s.epochs), t.published, s.accuracy, s.accuracy_interval_95, t.note)};
  for (const EpochMetrics& m : read_metrics(context.folder / t.run / kMetrics))
    if (m.epoch == t.earlier && m.epoch < s.epochs)
      figures.push_back(accuracy_figure(fmt::format("{}, {} epochs", t.what, m.epoch), t.published, m.test_accuracy,
                                        wilson_interval(std::llround(m.test_accuracy * kTestImages), kTestImages), t.note));
  return figures;
}

/** 25 training images, drawn, with what the network says of each. */
std::vector<StudyFigure> draw_samples(const StudyContext& context) {
  const Network network = open_network(context.trained(kLookedInto).string());
  const Pictures drawn = choose_pictures({.split = "train", .images = fmt::format("random:{}", kSheet)}, network, context.setting);
  const Evaluation e = evaluate(network, drawn, context.folder / "samples", context.setting);
  return {share_figure("drawn training images that are named right", 80, e.correct, e.total,
                       "Published: 20 of 25 training images on its sheet of predictions, which is no test accuracy.")};
}

double last_of(const NeuronRecord& neuron) { return neuron.top.empty() ? 0 : neuron.top.back().activation; }

std::vector<StudyFigure> look_inside(const StudyContext& context) {
  const Path run = context.trained(kLookedInto);
  const Network network = open_network(run.string());
  const auto training_images = [&](const std::string& images, int64_t count) {
    return choose_pictures({.split = "train", .images = images}, network, context.setting, count);
  };
  (void)inspect_weights(network, {}, run);
  const Pictures shown = training_images(std::to_string(kShownImage), 1);
  for (const char* node : {"relu1", "relu6"})
    (void)inspect_activations(network, shown, {.node = node, .count = kMaps}, run, context.setting);
  const Pictures first = training_images("", kUsualInspected);
  std::vector<StudyFigure> figures;
  for (const char* node : {"bn6", "relu6"}) {
    const NeuronsRecord neurons = inspect_neurons(network, first, {.node = node, .position = "4,4"}, run, context.setting).record;
    std::vector<double> weakest;
    for (const NeuronRecord& neuron : neurons.neurons) weakest.push_back(last_of(neuron));
    const bool norm = node == std::string_view("bn6");
    StudyFigure f;
    f.what = fmt::format("20th highest answer of a neuron, {}", norm ? "last batch norm" : "last ReLU");
    f.published = norm ? 0.562 : kUnknown;
    f.ours = median_of(weakest);
    f.low = *std::min_element(weakest.begin(), weakest.end());
    f.high = *std::max_element(weakest.begin(), weakest.end());
    f.unit = "";
    f.note = fmt::format("Of {} training images, neurons in the middle of the map: the median of {}, and their lowest and highest. {}",
                         first.size(), weakest.size(),
                         norm ? "Published neurons end at 0.396, 0.562 and 0.745, which fits the batch norm, not the ReLU."
                              : "The study's text reads as if its neurons were these.");
    figures.push_back(std::move(f));
  }
  const ClustersRecord clusters = inspect_clusters(network, first, {}, run, context.setting).record;
  const auto figure = [](const char* what, double share, std::string note) {
    StudyFigure f;
    f.what = what;
    f.ours = 100 * share;
    f.note = std::move(note);
    return f;
  };
  figures.push_back(figure("clusters of the last convolution: purity", clusters.purity,
                           fmt::format("{} training images, 40 clusters; published are pictures of clusters alone.", first.size())));
  figures.push_back(figure("the same by chance", clusters.chance, "Labels shuffled among the images."));
  return figures;
}

}  // namespace

std::vector<Part> FromScratchStudy::parts(Scale scale) const {
  const bool quick = scale == Scale::quick;
  const int64_t all = 0, shorter = quick ? 4 : scale == Scale::medium ? 16 : all, published_epochs = 15;
  const auto training = [](std::string about, const Training& t) {
    return Part{t.run, std::move(about), t.run, [t](const StudyContext& context) { return train_it(context, t); }};
  };
  const auto attacked = [](auto turn, auto... more) {
    return [=](const StudyContext& context) { return turn(context, kLookedInto, looked_into_options(), more...); };
  };
  return {
      {"quoted", "figures that the study quotes", "", [](const StudyContext&) { return quoted_figures(); }},
      training(
          "the network as published, its initial weights unscaled, rate 1e-4",
          {"published", "scratch-published", shorter, "test accuracy, published recipe", 72, all,
           "At a rate of 1e-4, as told, the weights move by half a percent an epoch, and the study's own code comes to 56 to 58 % after 32 "
           "epochs (extrapolated): its rate or its epochs are told wrongly."}),
      training("the same at 1e-3, the default of its optimiser",
               {kLookedInto, "scratch-published-1e-3", quick ? 4 : all, "test accuracy at 1e-3", 72, published_epochs,
                "The published code, to rounding, at its optimiser's default rate; the published epochs are 32."}),
      training("the same set right: He's initial weights, batch norm by channel, shuffled",
               {"right", "scratch", shorter, "test accuracy, set right", kUnknown, all, "Not published so."}),
      {"samples", "drawn training images and what the network says of them", "samples", draw_samples},
      {"inside", "weights, activations, neurons and clusters of the network at 1e-3", kLookedInto, look_inside},
      other_methods_part({.run = kLookedInto, .whose = "CIFAR-10, the network at 1e-3", .options = looked_into_options()}),
      {"adversaries", "frogs, deer, airplanes and birds as cats and as trucks", kLookedInto,
       attacked(turn_into_cats_and_trucks, int64_t{quick ? 10 : 50})},
      {"published-images", "the published images as cats and as trucks", kLookedInto, attacked(turn_published_images)},
      {"any-class", "images of each class as each other class, 90 pairs", kLookedInto,
       attacked(turn_into_anything, int64_t{quick ? 2 : 11})},
  };
}

}  // namespace convscope
