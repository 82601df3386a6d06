#include "convscope/study/attribution_study.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "convscope/api/explain.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/spread.h"
#include "convscope/study/adversary_part.h"
#include "convscope/study/film_part.h"
#include "convscope/study/other_methods_part.h"

namespace convscope {

namespace {

/** A method whose maps the study shows. */
struct ShownMethod {
  std::string method;
  std::string of = "softmax";  // its outputs, as the study takes them
};
const std::vector<ShownMethod> kMethods{{"gradient-x-input,absolute=true,normalise=true"},
                                        {"gradient-x-input"},
                                        {"loss-gradient-x-input,absolute=true,normalise=true", "loss"},
                                        {"gradient-image", "loss"},
                                        {"integrated-gradients"},
                                        {"occlusion"},
                                        {"occlusion-plus-gradient"},
                                        {"random", "logits"}};

/** One image of each class first, then the next of each: a grid that shows all classes alike. */
std::vector<int64_t> class_by_class(const Dataset& data, int64_t count) {
  std::vector<std::vector<int64_t>> of_class(data.classes().size());
  for (int64_t i = 0; i < data.size(); ++i) of_class[static_cast<size_t>(data.label(i))].push_back(i);
  std::vector<int64_t> chosen;
  for (size_t round = 0; std::ssize(chosen) < count && round < static_cast<size_t>(data.size()); ++round)
    for (const auto& images : of_class)
      if (round < images.size() && std::ssize(chosen) < count) chosen.push_back(images[round]);
  return chosen;
}

/** The trained network of a run folder and the same untrained, explained on the same images. */
void explain_before_and_after(const StudyContext& context, const std::string& run, const Json& options, int64_t count) {
  const TrainOptions resolved = resolve_options(options);
  const auto test = open_split(resolved, Split::test, context.setting.data_roots);
  const Pictures pictures =
      Pictures(test, class_by_class(*test, count), resolved.data).said_as(DataOrigin{.name = resolved.data, .split = "test"});
  Setting setting = context.setting;
  setting.execution.precision = Precision::fp32;
  setting.seed = 1;  // the same random directions, whatever was trained
  ExplainOptions asked{.batch = std::min(usual_batch(test->image_shape()), int64_t{64})};
  const auto explain_all = [&](const Path& folder, const Network& network) {
    for (const auto& [method, of] : kMethods) {
      if (setting.stop && setting.stop()) throw Stopped("stopped between two methods");
      asked.of = of;
      (void)explain(network, parse_choice(method), pictures, asked, folder, setting);
    }
  };
  Network network = open_network(context.trained(run).string());
  network.name = resolved.model;
  explain_all(context.folder / run, network);
  network.name += ", untrained";
  explain_all(context.folder / (run + "-untrained"), untrained(std::move(network), static_cast<uint64_t>(resolved.seed)));
}

/** Right answers among the training images in the last epoch, each as it was when its turn came. */
StudyFigure training_figure(const Path& run, const std::string& what, double published, const std::string& note) {
  StudyFigure figure;
  figure.what = what + ", training images";
  figure.published = published;
  figure.ours = 100 * read_metrics(run / kMetrics).back().train_accuracy;
  figure.note = "Counted while it learnt. " + note;
  return figure;
}

StudyFigure accuracy_figure(std::string what, double published, const TrainingSummary& s, std::string note) {
  StudyFigure figure;
  figure.what = std::move(what);
  figure.published = published;
  figure.ours = 100 * s.accuracy;
  figure.low = 100 * s.accuracy_interval_95[0];
  figure.high = 100 * s.accuracy_interval_95[1];
  figure.note = std::move(note);
  return figure;
}

/** A training that gives an accuracy, and pictures of what it looks at. */
struct Trained {
  std::string name, about;
  Json options;
  std::string what;
  double published;
  std::string note;
  int64_t explained = 0;     // test images
  bool on_training = false;  // the accuracy on training images too
  bool costs = false;        // parameters and time too
};

/** Parameters and what an epoch takes. */
std::vector<StudyFigure> cost_figures(const StudyContext& context, const Trained& t, const TrainingSummary& summary) {
  const auto figure = [&](const char* what, double ours, const char* unit, const char* note) {
    StudyFigure f;
    f.what = fmt::format("{}: {}", t.what, what);
    f.ours = ours;
    f.unit = unit;
    f.note = note;
    return f;
  };
  std::vector<double> seconds;
  for (const EpochMetrics& m : read_metrics(context.folder / t.name / kMetrics)) seconds.push_back(m.seconds);
  return {figure("parameters", static_cast<double>(summary.network.parameters) / 1e6, "million",
                 "Published: about 180 thousand of the deep network, more than 10 million of AlexNet."),
          figure("an epoch's updates", median_of(std::move(seconds)), "s", "Median of the epochs on this machine.")};
}

Part trained_part(const Trained& t) {
  return {t.name, t.about, t.name, [t](const StudyContext& context) {
            const TrainingSummary summary = context.train(t.name, t.options);
            if (t.explained > 0) {
              Json with_seed = t.options;
              if (!with_seed.contains("seed")) with_seed["seed"] = context.setting.seed;
              explain_before_and_after(context, t.name, with_seed, t.explained);
            }
            std::vector<StudyFigure> figures{accuracy_figure(t.what, t.published, summary, t.note)};
            if (t.on_training) figures.push_back(training_figure(context.folder / t.name, t.what, t.published, t.note));
            if (t.costs)
              for (StudyFigure& f : cost_figures(context, t, summary)) figures.push_back(std::move(f));
            return figures;
          }};
}

Json with(Json options, std::initializer_list<std::pair<const char*, Json>> changes) {
  for (const auto& [key, value] : changes) options[key] = value;
  return options;
}

}  // namespace

namespace {

constexpr const char* kAbove91 =
    "Published is \"above 91 %\", most likely of the training images: every version of its code shows that figure alone.";

/** The deep network as the versions of the study's code have it, then AlexNet. */
std::vector<Part> published_fashion_parts() {
  const auto version = [](std::string name, std::string what, std::string model, int64_t batch, int64_t epochs) {
    return Trained{name,
                   "the deep network on Fashion-MNIST, " + what,
                   {{"preset", "fashion-deep"}, {"model", std::move(model)}, {"batch", batch}, {"epochs", epochs}},
                   "deep network, " + what,
                   91,
                   kAbove91,
                   0,
                   true};
  };
  std::vector<Trained> trained{
      version("fashion-deep-published", "early pools, batch 20, 10 epochs", "deep", 20, 10),
      version("fashion-deep-late-10", "late pools, batch 10, 9 epochs", "deep,pools=late", 10, 9),
      version("fashion-deep-late-64", "late pools, batch 64, 10 epochs", "deep,pools=late", 64, 10),
      version("fashion-deep-shared", "shared weights, batch 20, 9 epochs", "deep,shared=true", 20, 9),
      {"alexnet-published",
       "the AlexNet clone as published",
       {{"preset", "alexnet-published"}},
       "AlexNet clone, Fashion-MNIST, published recipe",
       72,
       "Its rate falls with each update, 0.01 / (1 + 0.3 t): to 1.1e-5 after one epoch, with which no network learns much.",
       0,
       true},
      {"alexnet",
       "the AlexNet clone with a sane schedule",
       {{"preset", "alexnet"}},
       "AlexNet clone, Fashion-MNIST, our schedule",
       kUnknown,
       "Not published so.",
       0,
       true}};
  trained.front().costs = true;
  std::vector<Part> parts;
  for (Trained& t : trained) {
    t.costs = t.costs || t.name == "alexnet-published";
    parts.push_back(trained_part(t));
  }
  return parts;
}

constexpr const char* kSmallNote = "No number is published.";

/** Methods of the films, as published. */
constexpr const char *kFilmed = "gradient-x-input,absolute=true,normalise=true",
                     *kFilmedLoss = "loss-gradient-x-input,absolute=true,normalise=true";

std::vector<Part> film_parts(Scale scale, const Json& flowers) {
  const auto watched = [](const char* method, const char* images, int64_t every) {
    return WatchOptions{
        .watch = method, .watch_images = images, .watch_target = std::string("frame"), .watch_of = "softmax", .watch_every = every};
  };
  constexpr int64_t kFrames = 505, kBatch = 16, kFlowerEpochs = 30;  // of 40 updates, 1200 frames
  std::vector<Part> parts{film_part({"film-fashion",
                                     "Fashion-MNIST",
                                     {{"preset", "fashion-medium"}, {"epochs", 1}, {"limit", kFrames * kBatch}},
                                     watched(kFilmed, "0-15", 1),
                                     505})};
  if (scale == Scale::quick) return parts;
  const int64_t every = scale == Scale::full ? 8 : 16;  // a frame of eight photos takes 1.4 megabytes
  const Json long_enough = with(flowers, {{"epochs", kFlowerEpochs}});
  const Json grey = with(long_enough, {{"data", "flowers,size=256,sample=800,grey=true"}});
  parts.push_back(film_part({"film-flowers-grey", "flowers in grey", grey, watched(kFilmed, "", every), 1200}));
  parts.push_back(film_part({"film-flowers", "flowers in colour", long_enough, watched(kFilmed, "", every), 1200}));
  const WatchOptions loss{.watch = kFilmedLoss, .watch_every = every};  // of the true class: no target chooses
  parts.push_back(film_part({"film-loss", "the loss's slope on flowers", long_enough, loss, 1200}));
  return parts;
}

Part flower_adversaries(const std::string& run, const Json& options, const std::string& less) {
  using enum RunUnderAttack::State;
  const int64_t epochs = resolve_options(options).epochs;
  const std::string unclipped = "fgsm,unclipped=true";
  return adversary_part(
      {run,
       "five flowers",
       options,
       {{trained, unclipped, "one signed step, not cut to [0, 1]", 0.01, 200.0 / 3,
         fmt::format(
             "Published: \"about a third\" do not change, after 40 epochs of 50 updates, 50 of 40; here {} of 40. The study's slope is "
             "of a loss that takes softmax twice, ours of cross-entropy.",
             epochs)},
        {trained, "fgsm", "one signed step", 0.01, kUnknown, "Published without the cut alone."},
        {trained, "fgsm", "one signed step", 0.03, kUnknown, "Published: nearly all change with larger ε."},
        {trained, "fgsm", "one signed step", 0.1, kUnknown, "Published: nearly all change with larger ε."},
        {trained, "normed-gradient", "one step along the slope", 0.01, kUnknown, "Published: as good as signs or better."},
        {trained, "normed-gradient", "one step along the slope", 0.1, kUnknown, "Published: the majority of images change."},
        {trained, "noise", "random signs", 0.01, kUnknown, "Published: rarely."},
        {trained, "noise", "random signs", 0.1, kUnknown, "Published: rarely."},
        {trained, "gradient-image", "the sign picture itself", 0.01, kUnknown,
         "Published: sure, and necessarily wrong. 0.01 times the signs, negative ones too, without the image; its class against the "
         "image's."},
        {untrained, unclipped, "untrained, one signed step, not cut to [0, 1]", 0.01, kUnknown, "Published: outputs hardly change."}},
       0,
       less});
}

}  // namespace

std::vector<Part> AttributionStudy::parts(Scale scale) const {
  const bool quick = scale == Scale::quick;
  const std::string less = quick ? " Quick scale: fewer epochs than published." : "";
  const std::string drawn = "640 photos for training and 160 for testing; the study drew up to 800 of each." + less;
  const std::string grey_data = "flowers,size=256,sample=800,grey=true";
  // 25 epochs of 50 updates are 1250; 40 updates are an epoch of ours.
  const Json flowers = {{"preset", "flowers-medium"}, {"epochs", quick ? 8 : 31}};
  const Json deep = with(flowers, {{"model", "deep,init=he-normal"}, {"loss", "cross-entropy"}, {"batch", 20}, {"epochs", quick ? 8 : 9}});
  const std::string of_deep = "Published of this network by 9 epochs of Adam at 1e-3; ours begins with He's weights. ";

  std::vector<Part> all;
  const auto add = [&](std::vector<Part> more) { std::move(more.begin(), more.end(), std::back_inserter(all)); };
  add({trained_part({"fashion-deep",
                     "the deep network on Fashion-MNIST by our recipe",
                     {{"preset", "fashion-deep-fast"}},
                     "deep network, Fashion-MNIST, our recipe",
                     91,
                     fmt::format("Our recipe. {}", kAbove91),
                     16,
                     true})});
  if (!quick) add(published_fashion_parts());
  for (const Trained& t : std::initializer_list<Trained>{
           {"fashion-medium",
            "the medium network on Fashion-MNIST as published",
            {{"preset", "fashion-medium"}},
            "medium network, Fashion-MNIST, 3 epochs",
            kUnknown,
            kSmallNote,
            16},
           {"flowers", "the medium network on five flowers in colour", flowers, "medium network, five flowers, colour", kUnknown, drawn, 8},
           {"flowers-grey", "the same in grey", with(flowers, {{"data", grey_data}}), "medium network, five flowers, grey", kUnknown,
            "Published: worse than in colour. " + drawn, 8},
           {"flowers-augmented", "the same in colour with random crops and mirroring, logits into the loss",
            with(flowers, {{"data", "flowers,size=256,resize=random-crop"}, {"augment", "flip"}, {"loss", "cross-entropy"}}),
            "medium network, five flowers, augmented", kUnknown, "Not published so: augmentation and a right loss. " + drawn},
           {"flowers-deep", "the deep network on five flowers", deep, "deep network, five flowers, colour", 61, of_deep + drawn},
           {"flowers-deep-grey", "the same in grey", with(deep, {{"data", grey_data}}), "deep network, five flowers, grey", kUnknown,
            "Published: worse than in colour. " + of_deep + drawn}})
    add({trained_part(t)});
  for (const auto& [a, b] : {std::pair{"rose", "dandelion"}, {"sunflower", "tulip"}, {"tulip", "rose"}})
    add({trained_part(
        {fmt::format("{}-{}", a, b), fmt::format("{} or {}, the deep network", a, b),
         with(deep, {{"data", fmt::format("flowers,size=256,classes={}/{}", a, b)}, {"epochs", quick ? 8 : 40}}),
         fmt::format("deep network, {} or {}", a, b), 91,
         "Published of this network \"for some pairs\", not told which, by 9 epochs; ours begins with He's weights, without which 256 "
         "photos teach it nothing, and has 64 photos for testing." +
             less})});

  add({quick ? flower_adversaries("flowers", flowers, less)
             : trained_part({"flowers-50", "the medium network after as many updates as its published adversaries",
                             with(flowers, {{"epochs", 50}}), "medium network, five flowers, 50 epochs", kUnknown, drawn})});
  if (!quick) add({flower_adversaries("flowers-50", with(flowers, {{"epochs", 50}}), less)});
  using enum RunUnderAttack::State;
  add({adversary_part({"fashion-deep",
                       "Fashion-MNIST, deep network",
                       {{"preset", "fashion-deep-fast"}},
                       {{trained, "fgsm", "one signed step", 0.01, kUnknown, "Published in pictures alone."},
                        {trained, "fgsm", "one signed step", 0.1, kUnknown, "Published in pictures alone."},
                        {trained, "normed-gradient", "one step along the slope", 0.1, kUnknown, "Not published."},
                        {trained, "noise", "random signs", 0.1, kUnknown, "Not published."},
                        {untrained, "fgsm", "untrained, one signed step", 0.1, kUnknown, "Not published."}},
                       scale == Scale::full ? 0 : 2000})});
  add({other_methods_part({.run = "fashion-deep", .whose = "Fashion-MNIST, deep network", .options = {{"preset", "fashion-deep-fast"}}})});
  if (!quick) add({other_methods_part({.run = "flowers", .whose = "five flowers, medium network", .options = flowers, .images = 8})});
  add(film_parts(scale, flowers));
  return all;
}

}  // namespace convscope
