#include "convscope/api/robustness_gauge.h"

#include <algorithm>

#include "convscope/api/alias.h"
#include "convscope/api/attacked_network.h"
#include "convscope/attack/attack.h"
#include "convscope/base/random.h"
#include "convscope/base/written_numbers.h"
#include "convscope/data/subset.h"
#include "convscope/results/evaluation.h"
#include "convscope/train/adversarial.h"

namespace convscope {

namespace {

/** Some samples of a data set, drawn by the training's seed, and what is known of them. */
struct Watched {
  Tensor x;  // [N, C, H, W]
  std::vector<int64_t> labels, numbers;
};

constexpr int64_t kBatch = 128;

std::shared_ptr<const Dataset> some_of(const std::shared_ptr<const Dataset>& data, const TrainOptions& options) {
  if (options.robust_images >= data->size()) return data;
  std::vector<int64_t> chosen = permutation(data->size(), RandomStream(static_cast<uint64_t>(options.seed), "robust images"));
  chosen.resize(static_cast<size_t>(options.robust_images));
  std::sort(chosen.begin(), chosen.end());
  return std::make_shared<Subset>(data, std::move(chosen));
}

Watched watched(const Dataset& data) {
  Watched w;
  const Shape& image = data.image_shape();
  w.x = Tensor({data.size(), image[0], image[1], image[2]});
  for (int64_t i = 0; i < data.size(); ++i) {
    data.pixels(i, 0, w.x.row(i));
    w.labels.push_back(data.label(i));
    w.numbers.push_back(data.number(i));
  }
  return w;
}

std::unique_ptr<Attack> attack_of(const TrainOptions& options) {
  const Choice choice = parse_choice(options.robust_attack);
  return attacks().make(with_numbers(choice, attacks().at(choice.name).options));
}

int64_t right_under_attack(Subject& subject, const Watched& images, const TrainOptions& options) {
  const double epsilon = inner_search(options)->epsilon;
  const Tensor logits = subject.logits(images.x);
  bool any = false;
  for (size_t n = 0; n < images.labels.size(); ++n) any = any || argmax(logits.row(static_cast<int64_t>(n))) == images.labels[n];
  if (!any) return 0;  // there is nothing to attack
  const AttackResult result = attack_of(options)->perform(subject, {images.x, images.labels, images.numbers}, {}, std::span(&epsilon, 1),
                                                          {.seed = static_cast<uint64_t>(options.seed), .floats_suffice = true});
  return std::count_if(result.radius[0].begin(), result.radius[0].end(), [](const Outcome& o) { return o.exact.correct; });
}

/** Of the frequencies where samples are dropped, the share that is aliased or tangled; unknown where none are. */
double aliased_share(const Graph& graph, const Weights& weights, const std::shared_ptr<const Dataset>& data, const Execution& execution) {
  if (subsamplings(graph).empty()) return kUnknown;
  Setting quiet;
  quiet.execution = execution;
  const Network network{.graph = graph, .tensors = weights.tensors(), .classes = data->classes()};
  const AliasingShares mean = alias(network, Pictures(data, ""), {.maps = 0}, {}, quiet).record.mean.published;
  return mean.aliased + mean.tangled;
}

class Gauge {
 public:
  Gauge(const TrainOptions& options, const TrainData& data)
      : options_(options),
        execution_(execution_of(options.precision, options.engine)),
        by_validation_(data.test_is_validation),
        judging_(data.test ? some_of(data.test, options) : nullptr),
        trained_(watched(*some_of(data.train, options))) {
    if (judging_) tested_ = watched(*judging_);
  }

  void read(const EpochEnd& end, EpochMetrics& m) {
    if (!network_) network_ = std::make_unique<AttackedNetwork>(end.network, end.weights, kBatch, execution_);
    m.robust_train_accuracy = share(trained_);
    if (!judging_) return;
    (by_validation_ ? m.robust_validation_accuracy : m.robust_accuracy) = share(tested_);
    m.aliased = aliased_share(end.network, *end.weights, judging_, execution_);
  }

 private:
  double share(const Watched& images) {
    return static_cast<double>(right_under_attack(network_->subject(), images, options_)) / static_cast<double>(images.labels.size());
  }

  TrainOptions options_;
  Execution execution_;
  bool by_validation_;
  std::shared_ptr<const Dataset> judging_;
  Watched trained_, tested_;
  std::unique_ptr<AttackedNetwork> network_;
};

}  // namespace

bool measures_robustness(const TrainOptions& options) { return options.adversarial != kNotAdversarial && options.robust_images > 0; }

void check_robustness(const TrainOptions& options) {
  if (!measures_robustness(options)) return;
  const auto attack = attack_of(options);
  require(attack->norm() == Norm::linf && attack->wants_epsilon() && !attack->from_black(),
          "`robust_attack` {}: one within an L∞ ball was wanted, which `adversarial` is for: pgd,steps=10", options.robust_attack);
}

std::function<void(const EpochEnd&, EpochMetrics&)> robustness_gauge(const TrainOptions& options, const TrainData& data) {
  return [gauge = std::make_shared<Gauge>(options, data)](const EpochEnd& end, EpochMetrics& m) { gauge->read(end, m); };
}

Accuracy robust_accuracy(const Network& network, const TrainOptions& options, const std::shared_ptr<const Dataset>& test) {
  const Watched images = watched(*some_of(test, options));
  AttackedNetwork attacked(network.graph, network.weights(), kBatch, {Precision::fp32, parse_choice(options.engine)});
  const int64_t right = right_under_attack(attacked.subject(), images, options), total = std::ssize(images.labels);
  return {static_cast<double>(right) / static_cast<double>(total), wilson_interval(right, total)};
}

}  // namespace convscope
