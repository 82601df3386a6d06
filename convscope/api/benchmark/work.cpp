#include "convscope/api/benchmark/work.h"

#include <algorithm>
#include <limits>

#include "convscope/attack/attack.h"
#include "convscope/base/random.h"
#include "convscope/base/timer.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/spectral/aliasing.h"
#include "convscope/train/optimiser.h"
#include "convscope/train/options.h"
#include "convscope/train/shard_sum.h"

namespace convscope {

namespace {

/** Pictures [N, C, H, W] of independent random pixels. */
void random_pixels(Tensor& pixels, uint64_t seed) {
  const RandomStream random(seed, "pictures");
  for (int64_t i = 0; i < pixels.size(); ++i) pixels[i] = random.uniform(static_cast<uint64_t>(i));
}

Tensor random_pictures(const Network& network, int64_t count, uint64_t seed) {
  const Shape image = network.image();
  Tensor x({count, image[0], image[1], image[2]});
  random_pixels(x, seed);
  return x;
}

/** What is done for a batch: by `predict` its logits, by `explain` also the gradient of each picture's highest for its pixels. */
Request request_of(Purpose purpose, int64_t batch, const Execution& execution) {
  Request request;
  request.purpose = purpose;
  request.precision = execution.precision;
  request.engine = execution.engine;
  request.batch = batch;
  if (purpose == Purpose::explain) {
    request.objective = Choice{"pick"};
    request.gradients = {std::string(kPixels)};
  }
  if (purpose == Purpose::train) request.objective = Choice{"cross-entropy"};
  return request;
}

/** A program's, and the update of a training. */
class ProgramWork : public BenchmarkWork {
 public:
  ProgramWork(Purpose purpose, Network network, const BenchmarkOptions& options, const Setting& setting)
      : training_(purpose == Purpose::train), weights_(network.weights()) {
    network.tensors.clear();  // the store has them
    const int64_t usual = setting.ranks->launched() ? kUsualShards : 1;
    const int64_t shards = !training_ ? 1 : options.shards > 0 ? options.shards : usual, images = options.batch / shards;
    require_use(images * shards == options.batch, "`batch` {}: {} shards of equal size were wanted, of {} images together or {}",
                options.batch, shards, std::max<int64_t>(1, images) * shards, (images + 1) * shards);
    program_ = compile(network.graph, weights_, request_of(purpose, images, setting.execution));
    if (shards > 1) sum_ = std::make_unique<ShardSum>(shards, weights_->trained_floats(), setting.ranks);
    random_pixels(program_->input(kPixels), setting.seed);
    if (purpose == Purpose::explain) fill(program_->input(kLabels), -1);  // the highest logit of each
    if (training_) prepare_training(network.outputs(), images, options, setting.seed);
  }

  void run() override {
    if (!sum_) {
      program_->run({});
      if (training_) update(program_->parameter_gradients());
      return;
    }
    update(sum_shards([&] { program_->run({}); }));
  }

  int64_t shards() const override { return sum_ ? sum_->shards() : 1; }

  /** A training's update is the last step. */
  std::vector<StepTime> profile(int runs) override {
    std::vector<StepTime> steps = program_->profile({}, runs);
    if (!training_) return steps;
    if (sum_) {  // each shard of this rank goes through all of them
      for (StepTime& step : steps) step.seconds *= static_cast<double>(sum_->last() - sum_->first());
      StepTime shards{"sum of shards", std::numeric_limits<double>::infinity()};
      for (int i = 0; i < runs; ++i) {
        const Timer timer;
        sum_shards();
        shards.seconds = std::min(shards.seconds, timer.seconds());
      }
      steps.push_back(std::move(shards));
    }
    StepTime last{"update", std::numeric_limits<double>::infinity()};
    for (int i = 0; i < runs; ++i) {
      const Timer timer;
      update(program_->parameter_gradients());
      last.seconds = std::min(last.seconds, timer.seconds());
    }
    steps.push_back(std::move(last));
    return steps;
  }

 private:
  /** Of all ranks, with what comes before a shard's gradients are added. */
  std::span<float> sum_shards(const std::function<void()>& compute = [] {}) {
    for (int64_t shard = sum_->first(); shard < sum_->last(); ++shard) {
      compute();
      const std::span<float> gradients = program_->parameter_gradients();
      std::copy(gradients.begin(), gradients.end(), sum_->next().begin());
      sum_->add({});
    }
    return sum_->total();
  }

  void prepare_training(int64_t classes, int64_t images, const BenchmarkOptions& options, uint64_t seed) {
    const RandomStream random(seed, "labels");
    Tensor& labels = program_->input(kLabels);
    for (int64_t n = 0; n < images; ++n)
      labels[n] = static_cast<float>(random.below(static_cast<uint64_t>(classes), static_cast<uint64_t>(n)));
    optimiser_ = optimisers().make(parse_choice(options.optimiser));
    for (int i = 0; i < optimiser_->moments(); ++i) moments_.emplace_back(Shape{weights_->trained_floats()});
  }

  void update(std::span<float> gradients) {
    std::vector<std::span<float>> moments;
    for (Tensor& m : moments_) moments.push_back(m.span());
    constexpr double kRate = 1e-4;  // small: random pictures teach nothing, and the numbers should stay ordinary ones
    optimiser_->update({weights_->trained(), gradients, std::move(moments), kRate, ++step_});
    weights_->changed();
  }

  bool training_;
  std::shared_ptr<Weights> weights_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<Optimiser> optimiser_;
  std::vector<Tensor> moments_;
  std::unique_ptr<ShardSum> sum_;  // null: the batch is one
  int64_t step_ = 0;
};

/** An attribution of all images, of each one's highest logit. */
class AttributionWork : public BenchmarkWork {
 public:
  AttributionWork(const Network& network, const BenchmarkOptions& options, const Setting& setting)
      : method_(attributions().make(parse_choice(options.method))),
        subject_(subject_of(network, setting)),
        x_(random_pictures(network, options.batch, setting.seed)) {
    question_.targets = question_.labels = predicted(subject_, x_);
  }
  void run() override { method_->explain(subject_, x_, question_); }

 private:
  std::unique_ptr<Attribution> method_;
  NetworkSubject subject_;
  Tensor x_;
  Question question_;
};

/** An attack of all images, all its steps, away from what the network says of them. */
class AttackWork : public BenchmarkWork {
 public:
  AttackWork(const Network& network, const BenchmarkOptions& options, const Setting& setting)
      : attack_(attacks().make(parse_choice(options.method.empty() ? "pgd,steps=10" : options.method))),
        subject_(subject_of(network, setting, std::min(options.batch, usual_batch(network.image())))),
        x_(random_pictures(network, options.batch, setting.seed)),
        labels_(predicted(subject_, x_)) {}
  void run() override {
    constexpr double kEpsilons[] = {8.0 / 255};
    AttackSettings settings;
    settings.independent = true;  // the same work in each run
    (void)attack_->perform(subject_, {x_, labels_, {}}, {}, kEpsilons, settings);
  }

 private:
  std::unique_ptr<Attack> attack_;
  NetworkSubject subject_;
  Tensor x_;
  std::vector<int64_t> labels_;
};

/** The network, and the frequencies of every signal that loses samples. */
class AliasWork : public BenchmarkWork {
 public:
  AliasWork(const Network& network, const BenchmarkOptions& options, const Setting& setting)
      : subject_(subject_of(network, setting, options.batch)), x_(random_pictures(network, options.batch, setting.seed)) {
    for (const Signal& s : subject_.signals()) analyses_.emplace_back(s.shape[1], s.shape[2], Rate{s.rate, s.rate}, AliasingRule{});
    require(!analyses_.empty(), "{}: it drops samples nowhere, so that nothing can alias", network.name);
  }
  void run() override {
    const auto fill = [&](int64_t, std::span<float> pixels) { std::copy_n(x_.data(), pixels.size(), pixels.begin()); };
    subject_.stream_signals(x_.shape()[0], fill, [&](int64_t, int64_t, const Tensor&, std::span<const Tensor* const> signals) {
      for (size_t s = 0; s < analyses_.size(); ++s) counts_ = analyses_[s].count(signals[s]->span());
    });
  }

 private:
  NetworkSubject subject_;
  Tensor x_;
  std::vector<AliasingAnalysis> analyses_;
  std::vector<ChannelAliasing> counts_;
};

}  // namespace

std::unique_ptr<BenchmarkWork> make_work(std::string_view what, Network network, const BenchmarkOptions& options, const Setting& setting) {
  if (what == "alias") return std::make_unique<AliasWork>(network, options, setting);
  if (what == "attack") return std::make_unique<AttackWork>(network, options, setting);
  if (!options.method.empty()) return std::make_unique<AttributionWork>(network, options, setting);
  const Purpose purpose = what == "train" ? Purpose::train : what == "predict" ? Purpose::predict : Purpose::explain;
  return std::make_unique<ProgramWork>(purpose, std::move(network), options, setting);
}

}  // namespace convscope
