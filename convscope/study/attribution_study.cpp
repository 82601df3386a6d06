#include "convscope/study/attribution_study.h"

#include <numeric>

#include "convscope/nn/initialisers.h"
#include "convscope/study/explain_into.h"
#include "convscope/subject/network_subject.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

/** Methods whose maps the study shows, of the softmax's output as it takes them. */
const std::vector<std::string> kMethods{"gradient-x-input,absolute=true,normalise=true",
                                        "gradient-x-input",
                                        "loss-gradient-x-input,absolute=true,normalise=true",
                                        "gradient-image",
                                        "integrated-gradients",
                                        "occlusion",
                                        "occlusion-plus-gradient",
                                        "random"};

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
  const auto test = open_split(resolved, Split::test, context.roots);
  const Pictures pictures = take_pictures(*test, class_by_class(*test, count), resolved.data + ", test");
  const Checkpoint trained = load_checkpoint(context.folder / run / kLastNetwork);
  const auto explain = [&](const Path& folder, std::map<std::string, Tensor> tensors, const std::string& name) {
    NetworkSubject subject(trained.graph, std::make_shared<Weights>(trained.graph, std::move(tensors)),
                           {.batch = std::min(usual_batch(test->image_shape()), int64_t{64}), .precision = Precision::fp32, .rules = {}});
    for (const std::string& method : kMethods) {
      if (context.stop && context.stop()) throw Stopped("stopped between two methods");
      explain_into(folder, subject, pictures, {.method = parse_choice(method), .network = name, .of = "softmax"});
    }
  };
  explain(context.folder / run, trained.tensors, resolved.model);
  explain(context.folder / (run + "-untrained"), initialise(trained.graph, static_cast<uint64_t>(resolved.seed)),
          resolved.model + ", untrained");
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
                  int64_t explained) {
  return {name, std::move(about), name, [=](const StudyContext& context) {
            const TrainingSummary summary = context.train(name, options);
            if (explained > 0) {
              Json with_seed = options;
              if (!with_seed.contains("seed")) with_seed["seed"] = context.seed;
              explain_before_and_after(context, name, with_seed, explained);
            }
            return std::vector<StudyFigure>{accuracy_figure(what, published, summary, note)};
          }};
}

Json with(Json options, std::initializer_list<std::pair<const char*, Json>> changes) {
  for (const auto& [key, value] : changes) options[key] = value;
  return options;
}

}  // namespace

std::vector<Part> AttributionStudy::parts(Scale scale) const {
  const bool quick = scale == Scale::quick;
  const std::string less = quick ? " Quick scale: fewer epochs than published." : "";
  const std::string fifth = "640 photos for training, a fifth of the study's, and 160 for testing." + less;
  // 25 epochs of 50 updates are 1250; 40 updates are an epoch of ours.
  const Json flowers = {{"preset", "flowers-medium"}, {"epochs", quick ? 8 : 31}};
  const auto pair = [&](const std::string& a, const std::string& b) {
    return with(flowers, {{"data", fmt::format("flowers,size=256,classes={}/{}", a, b)}, {"epochs", quick ? 8 : 40}});
  };
  std::vector<Part> all;
  all.push_back(trained_part("fashion-deep", "the deep network on Fashion-MNIST by our recipe", {{"preset", "fashion-deep-fast"}},
                             "deep network, Fashion-MNIST, test accuracy", 91, "Our recipe; published is \"above 91 %\".", 16));
  if (!quick)
    all.push_back(trained_part("fashion-deep-published", "the same by the published recipe", {{"preset", "fashion-deep"}},
                               "deep network, Fashion-MNIST, published recipe", 91, "Published is \"above 91 %\".", 0));
  all.push_back(trained_part("fashion-medium", "the medium network on Fashion-MNIST as published", {{"preset", "fashion-medium"}},
                             "medium network, Fashion-MNIST, 3 epochs", kUnknown, "No number is published.", 16));
  all.push_back(trained_part("flowers", "the medium network on five flowers in colour", flowers, "medium network, five flowers, colour", 61,
                             fifth, 8));
  all.push_back(trained_part("flowers-grey", "the same in grey", with(flowers, {{"data", "flowers,size=256,sample=800,grey=true"}}),
                             "medium network, five flowers, grey", kUnknown, "Published: worse than in colour. " + fifth, 8));
  all.push_back(trained_part("flowers-augmented", "the same in colour with random crops and mirroring, logits into the loss",
                             with(flowers, {{"data", "flowers,size=256,resize=random-crop"}, {"flip", true}, {"loss", "cross-entropy"}}),
                             "medium network, five flowers, augmented", 61, "Not published so: augmentation and a right loss. " + fifth,
                             0));
  all.push_back(trained_part("flowers-deep", "the deep network on five flowers",
                             with(flowers, {{"model", "deep,init=he-normal"}, {"loss", "cross-entropy"}, {"batch", 20}}),
                             "deep network, five flowers, colour", kUnknown, "No number is published. " + fifth, 0));
  for (const auto& [a, b] : {std::pair{"rose", "dandelion"}, {"sunflower", "tulip"}, {"tulip", "rose"}})
    all.push_back(trained_part(fmt::format("{}-{}", a, b), fmt::format("{} or {}", a, b), pair(a, b),
                               fmt::format("medium network, {} or {}", a, b), 91,
                               "Published: 91 % \"for some pairs\". 256 photos for training, 64 for testing." + less, 0));
  if (!quick) {
    all.push_back(trained_part("alexnet-published", "the AlexNet clone as published", {{"preset", "alexnet-published"}},
                               "AlexNet clone, Fashion-MNIST, published recipe", 72, "", 0));
    all.push_back(trained_part("alexnet", "the AlexNet clone with a sane schedule", {{"preset", "alexnet"}},
                               "AlexNet clone, Fashion-MNIST, our schedule", kUnknown, "Not published so.", 0));
  }
  return all;
}

}  // namespace convscope
