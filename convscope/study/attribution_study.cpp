#include "convscope/study/attribution_study.h"

#include <cmath>
#include <memory>
#include <span>
#include <utility>

#include "convscope/api/explain.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/run_folder.h"
#include "convscope/study/run_under_attack.h"

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
StudyFigure training_figure(const Path& run, const std::string& what, double published) {
  StudyFigure figure;
  figure.what = what + ", training images";
  figure.published = published;
  figure.ours = 100 * read_metrics(run / kMetrics).back().train_accuracy;
  figure.note = "Counted while it learnt.";
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

/** A training that gives one figure, and pictures of what it looks at. */
Part trained_part(std::string name, std::string about, Json options, std::string what, double published, std::string note,
                  int64_t explained, bool training_too = false) {
  return {name, std::move(about), name, [=](const StudyContext& context) {
            const TrainingSummary summary = context.train(name, options);
            if (explained > 0) {
              Json with_seed = options;
              if (!with_seed.contains("seed")) with_seed["seed"] = context.setting.seed;
              explain_before_and_after(context, name, with_seed, explained);
            }
            std::vector<StudyFigure> figures{accuracy_figure(what, published, summary, note)};
            if (training_too) figures.push_back(training_figure(context.folder / name, what, published));
            return figures;
          }};
}

/** An attack of the study, and what it published of it. */
struct PublishedAttack {
  RunUnderAttack::State state;
  std::string method;
  std::string name;
  double epsilon;
  double fooled;  // share of images that were right, %
  std::string note;
};

/** The study starts from images that are right: what it says of predictions is set beside the share of these that are fooled. */
std::vector<StudyFigure> attack_figures(const std::string& whose, const PublishedAttack& attack, const AttackRecord& r,
                                        const AttackPoint& p) {
  const std::string what = fmt::format("{}: {}, ε = {}, ", whose, attack.name, epsilon_text(attack.epsilon));
  std::vector<StudyFigure> figures{share_figure(what + "predictions that change", kUnknown,
                                                std::llround(p.flip_rate * static_cast<double>(r.total)), r.total, attack.note)};
  if (std::isnan(p.success_rate)) return figures;
  const int64_t right = std::llround(r.clean_accuracy * static_cast<double>(r.examined));
  figures.push_back(share_figure(what + "of those right before, fooled", attack.fooled, p.successes, right,
                                 p.successes > 0 ? fmt::format("Mean confidence {:.1f} %.", 100 * p.confidence_mean) : ""));
  return figures;
}

/** On every test image. Rows of one attack stand together: an image's slope is had once for all of them. */
std::vector<StudyFigure> count_flips(const StudyContext& context, const std::string& run, const std::string& whose, const Json& options,
                                     std::span<const PublishedAttack> wanted, int64_t limit) {
  std::vector<StudyFigure> figures;
  std::unique_ptr<RunUnderAttack> network;
  for (size_t first = 0, last = 0; first < wanted.size(); first = last) {
    std::vector<double> epsilons;
    while (last < wanted.size() && wanted[last].state == wanted[first].state && wanted[last].method == wanted[first].method)
      epsilons.push_back(wanted[last++].epsilon);
    if (first == 0 || wanted[first].state != wanted[first - 1].state)
      network = std::make_unique<RunUnderAttack>(context, run, options, wanted[first].state);
    const AttackRecord r = network->attack(wanted[first].method, {.epsilon = epsilons, .limit = limit, .independent = true, .show = 6});
    for (const PublishedAttack& attack : wanted.subspan(first, last - first))
      for (const AttackPoint& p : r.curve)
        if (p.epsilon == attack.epsilon)
          for (StudyFigure& f : attack_figures(whose, attack, r, p)) figures.push_back(std::move(f));
  }
  return figures;
}

/** Attacks on the trained and the untrained network of a part that was done before. */
Part flips_part(const std::string& run, std::string whose, Json options, std::vector<PublishedAttack> wanted, int64_t limit,
                const std::string& less = "") {
  for (PublishedAttack& attack : wanted) attack.note += less;
  return {run + "-adversaries", fmt::format("pictures that change what the network says: {}", whose), run,
          [=](const StudyContext& context) { return count_flips(context, run, whose, options, wanted, limit); }};
}

Json with(Json options, std::initializer_list<std::pair<const char*, Json>> changes) {
  for (const auto& [key, value] : changes) options[key] = value;
  return options;
}

}  // namespace

std::vector<Part> AttributionStudy::parts(Scale scale) const {
  const bool quick = scale == Scale::quick;
  const std::string less = quick ? " Quick scale: fewer epochs than published." : "";
  const std::string drawn = "640 photos for training and 160 for testing; the study drew up to 800 of each." + less;
  const std::string above =
      "Published is \"above 91 %\", most likely of the training images: every version of its code shows that figure alone.";
  // 25 epochs of 50 updates are 1250; 40 updates are an epoch of ours.
  const Json flowers = {{"preset", "flowers-medium"}, {"epochs", quick ? 8 : 31}};
  const auto pair = [&](const std::string& a, const std::string& b) {
    return with(flowers, {{"data", fmt::format("flowers,size=256,classes={}/{}", a, b)}, {"epochs", quick ? 8 : 40}});
  };
  std::vector<Part> all;
  all.push_back(trained_part("fashion-deep", "the deep network on Fashion-MNIST by our recipe", {{"preset", "fashion-deep-fast"}},
                             "deep network, Fashion-MNIST, test accuracy", 91, "Our recipe. " + above, 16, true));
  if (!quick)
    all.push_back(trained_part("fashion-deep-published", "the same by the published recipe", {{"preset", "fashion-deep"}},
                               "deep network, Fashion-MNIST, published recipe", 91, above, 0, true));
  all.push_back(trained_part("fashion-medium", "the medium network on Fashion-MNIST as published", {{"preset", "fashion-medium"}},
                             "medium network, Fashion-MNIST, 3 epochs", kUnknown, "No number is published.", 16));
  all.push_back(trained_part("flowers", "the medium network on five flowers in colour", flowers, "medium network, five flowers, colour",
                             kUnknown, drawn, 8));
  all.push_back(trained_part("flowers-grey", "the same in grey", with(flowers, {{"data", "flowers,size=256,sample=800,grey=true"}}),
                             "medium network, five flowers, grey", kUnknown, "Published: worse than in colour. " + drawn, 8));
  all.push_back(
      trained_part("flowers-augmented", "the same in colour with random crops and mirroring, logits into the loss",
                   with(flowers, {{"data", "flowers,size=256,resize=random-crop"}, {"augment", "flip"}, {"loss", "cross-entropy"}}),
                   "medium network, five flowers, augmented", kUnknown, "Not published so: augmentation and a right loss. " + drawn, 0));
  all.push_back(trained_part("flowers-deep", "the deep network on five flowers",
                             with(flowers, {{"model", "deep,init=he-normal"}, {"loss", "cross-entropy"}, {"batch", 20}}),
                             "deep network, five flowers, colour", 61,
                             "Published of this network by 9 epochs of Adam at 1e-3; ours begins with He's weights. " + drawn, 0));
  for (const auto& [a, b] : {std::pair{"rose", "dandelion"}, {"sunflower", "tulip"}, {"tulip", "rose"}})
    all.push_back(trained_part(
        fmt::format("{}-{}", a, b), fmt::format("{} or {}", a, b), pair(a, b), fmt::format("medium network, {} or {}", a, b), kUnknown,
        "Published: 91 % \"for some pairs\", of the deep network. 256 photos for training, 64 for testing." + less, 0));
  using enum RunUnderAttack::State;
  all.push_back(flips_part(
      "flowers", "five flowers", flowers,
      {{trained, "fgsm", "one signed step", 0.01, 200.0 / 3,
        fmt::format(
            "Published: \"about a third\" do not change, after 40 epochs of 50 updates; here {} epochs of 40. The study's slope is of a "
            "loss that takes softmax twice, and its pictures are not cut to [0, 1]; ours are, and the slope is of cross-entropy.",
            quick ? 8 : 31)},
       {trained, "fgsm", "one signed step", 0.03, kUnknown, "Published: nearly all change with larger ε."},
       {trained, "fgsm", "one signed step", 0.1, kUnknown, "Published: nearly all change with larger ε."},
       {trained, "normed-gradient", "one step along the slope", 0.01, kUnknown, "Published: as good as signs or better."},
       {trained, "normed-gradient", "one step along the slope", 0.1, kUnknown, "Published: the majority of images change."},
       {trained, "noise", "random signs", 0.01, kUnknown, "Published: rarely."},
       {trained, "noise", "random signs", 0.1, kUnknown, "Published: rarely."},
       {trained, "gradient-image", "the sign picture itself", 0.01, kUnknown,
        "Published: sure, and necessarily wrong. 0.01 times the signs, negative ones too, without the image; its class against the "
        "image's."},
       {untrained, "fgsm", "untrained, one signed step", 0.01, kUnknown, "Published: outputs hardly change."}},
      0, less));
  all.push_back(flips_part("fashion-deep", "Fashion-MNIST, deep network", {{"preset", "fashion-deep-fast"}},
                           {{trained, "fgsm", "one signed step", 0.01, kUnknown, "Published in pictures alone."},
                            {trained, "fgsm", "one signed step", 0.1, kUnknown, "Published in pictures alone."},
                            {trained, "normed-gradient", "one step along the slope", 0.1, kUnknown, "Not published."},
                            {trained, "noise", "random signs", 0.1, kUnknown, "Not published."},
                            {untrained, "fgsm", "untrained, one signed step", 0.1, kUnknown, "Not published."}},
                           quick ? 2000 : 0));
  if (!quick) {
    all.push_back(trained_part("alexnet-published", "the AlexNet clone as published", {{"preset", "alexnet-published"}},
                               "AlexNet clone, Fashion-MNIST, published recipe", 72, "", 0));
    all.push_back(trained_part("alexnet", "the AlexNet clone with a sane schedule", {{"preset", "alexnet"}},
                               "AlexNet clone, Fashion-MNIST, our schedule", kUnknown, "Not published so.", 0));
  }
  return all;
}

}  // namespace convscope
