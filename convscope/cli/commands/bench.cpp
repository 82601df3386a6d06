#include "convscope/cli/commands/bench.h"

#include <iostream>

#include "convscope/attack/attack.h"
#include "convscope/base/machine.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/cli/output.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/flatten.h"
#include "convscope/nn/initialisers.h"
#include "convscope/results/benchmark.h"
#include "convscope/spectral/aliasing.h"
#include "convscope/subject/network_subject.h"
#include "convscope/train/optimiser.h"

namespace convscope {

namespace {

/** The peak of resident memory since it was made, above what was resident then. */
class PeakMemory {
 public:
  PeakMemory() : before_(resident_bytes()) { reset_peak_resident(); }
  int64_t bytes() const { return std::max<int64_t>(0, peak_resident_bytes() - before_); }

 private:
  int64_t before_;
};

/** The libraries load themselves at the first convolution; that memory is nobody's network. */
void wake_libraries() {
  Builder builder(Shape{1, 4, 4});
  const Value y = Flatten({}).build(builder, "flatten", Conv2d({.filters = 1}).build(builder, "conv", builder.pixels()));
  const Graph tiny = std::move(builder).finish(y);
  compile(tiny, std::make_shared<Weights>(tiny, initialise(tiny, 0)), {})->run({});
}

constexpr std::string_view kAlias = "alias", kAttack = "attack";

/** Of a program's work; `alias` and `attack` are more than that. */
Purpose purpose_of(std::string_view what) {
  if (what == "train") return Purpose::train;
  if (what == "predict") return Purpose::predict;
  if (what == "explain" || what == kAlias || what == kAttack) return Purpose::explain;
  const std::vector<std::string> known{"train", "predict", "explain", std::string(kAttack), std::string(kAlias)};
  throw UsageError(fmt::format("bench: no work '{}'{}", what, known_names(what, known)));
}

/** Pictures [N, C, H, W] of independent random pixels. */
void random_pixels(Tensor& pixels, uint64_t seed) {
  const RandomStream random(seed, "pictures");
  for (int64_t i = 0; i < pixels.size(); ++i) pixels[i] = random.uniform(static_cast<uint64_t>(i));
}

/** One kind of work on one batch, again and again. */
class Work {
 public:
  virtual ~Work() = default;
  virtual void run() = 0;
  /** Each step alone; empty where the work is more than a program's. */
  virtual std::vector<StepTime> profile(int) { return {}; }

  double timed_ms() {
    Timer timer;
    run();
    return timer.seconds() * 1e3;
  }
};

/** A program's, and the update of a training. */
class ProgramWork : public Work {
 public:
  ProgramWork(Purpose purpose, Network network, int64_t batch, const Execution& execution, const std::string& optimiser, uint64_t seed)
      : training_(purpose == Purpose::train), weights_(network.weights()) {
    Request request;
    network.tensors.clear();  // the store has them; no program is compiled beside a second copy
    request.purpose = purpose;
    request.precision = execution.precision;
    request.engine = execution.engine;
    request.batch = batch;
    if (purpose == Purpose::explain) {
      request.objective = Choice{"pick"};
      request.gradients = {std::string(kPixels)};
    }
    if (training_) request.objective = Choice{"cross-entropy"};
    program_ = compile(network.graph, weights_, request);

    random_pixels(program_->input(kPixels), seed);
    const RandomStream random(seed, "labels");
    const uint64_t classes = static_cast<uint64_t>(network.outputs());
    if (training_)
      for (int64_t n = 0; n < batch; ++n) program_->input(kLabels)[n] = static_cast<float>(random.below(classes, static_cast<uint64_t>(n)));
    if (purpose == Purpose::explain) fill(program_->input(kLabels), -1);  // the highest logit of each
    if (!training_) return;
    optimiser_ = optimisers().make(parse_choice(optimiser));
    for (int i = 0; i < optimiser_->moments(); ++i) moments_.emplace_back(Shape{weights_->trained_floats()});
  }

  void run() override {
    program_->run({});
    if (training_) update();
  }

  /** A training's update is the last step. */
  std::vector<StepTime> profile(int runs) override {
    std::vector<StepTime> steps = program_->profile({}, runs);
    if (!training_) return steps;
    StepTime last{"update", std::numeric_limits<double>::infinity()};
    for (int i = 0; i < runs; ++i) {
      Timer timer;
      update();
      last.seconds = std::min(last.seconds, timer.seconds());
    }
    steps.push_back(std::move(last));
    return steps;
  }

 private:
  void update() {
    std::vector<std::span<float>> moments;
    for (Tensor& m : moments_) moments.push_back(m.span());
    constexpr double kRate = 1e-4;  // small: random pictures teach nothing, and the numbers should stay ordinary ones
    optimiser_->update({weights_->trained(), program_->parameter_gradients(), std::move(moments), kRate, ++step_});
    weights_->changed();
  }

  bool training_;
  std::shared_ptr<Weights> weights_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<Optimiser> optimiser_;
  std::vector<Tensor> moments_;
  int64_t step_ = 0;
};

/** An attribution of all images, of each one's highest logit. */
class AttributionWork : public Work {
 public:
  AttributionWork(const Network& network, const std::string& method, int64_t images, const Execution& execution, uint64_t seed)
      : method_(attributions().make(parse_choice(method))),
        subject_(network.graph, network.weights(),
                 {.batch = usual_batch(network.image()), .precision = execution.precision, .engine = execution.engine}),
        x_({images, network.image()[0], network.image()[1], network.image()[2]}) {
    random_pixels(x_, seed);
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
class AttackWork : public Work {
 public:
  AttackWork(const Network& network, const std::string& method, int64_t images, const Execution& execution, uint64_t seed)
      : attack_(attacks().make(parse_choice(method.empty() ? "pgd,steps=10" : method))),
        subject_(network.graph, network.weights(),
                 {.batch = std::min(images, usual_batch(network.image())), .precision = execution.precision, .engine = execution.engine}),
        x_({images, network.image()[0], network.image()[1], network.image()[2]}) {
    random_pixels(x_, seed);
    labels_ = predicted(subject_, x_);
  }
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
class AliasWork : public Work {
 public:
  AliasWork(const Network& network, int64_t images, const Execution& execution, uint64_t seed)
      : subject_(network.graph, network.weights(), {.batch = images, .precision = execution.precision, .engine = execution.engine}),
        x_({images, network.image()[0], network.image()[1], network.image()[2]}) {
    random_pixels(x_, seed);
    for (const Signal& s : subject_.signals()) analyses_.emplace_back(s.shape[1], s.shape[2], Rate{s.rate, s.rate}, AliasingRule{});
    require(!analyses_.empty(), "bench: {} drops samples nowhere, so that nothing can alias", network.name);
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

double rounded(double ms) { return std::round(ms * 1e4) / 1e4; }

/** Two programs can so be timed by turns, which cancels most of what a busy machine does to a comparison. */
void serve(Work& work, const PeakMemory& memory) {
  print("ready\n");
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "quit") return;
    constexpr int64_t kMostRuns = 1'000'000;
    const int64_t count = line.starts_with("run ") ? value_of<int64_t>(std::string_view(line).substr(4)).value_or(-1) : -1;
    Json answer;
    if (line == "memory") {
      answer = memory.bytes();
    } else if (count >= 0 && count <= kMostRuns) {
      answer = json_list();
      for (int64_t i = 0; i < count; ++i) answer.push_back(rounded(work.timed_ms()));
    } else {
      answer = {{"error", fmt::format("'{}': wanted 'run K', 'memory' or 'quit'", line)}};
    }
    print(answer.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string shown(const Benchmark& b) {
  TextTable table({"", fmt::format("{} {}, batch {}, {}, {} threads", b.what, b.model, b.batch, b.precision, b.threads)});
  table.row({"median", fmt::format("{:.2f} ms", b.ms_median)});
  table.row({"best", fmt::format("{:.2f} ms", b.ms_best)});
  if (b.ms_primitives > 0) table.row({"sum of its steps", fmt::format("{:.2f} ms", b.ms_primitives)});
  table.row({"images a second", fmt::format("{:.0f}", b.images_per_second)});
  table.row({"peak memory", bytes_text(b.peak_memory_bytes)});
  return table.text();
}

std::string shown(const std::vector<StepTime>& steps, double ms_sum) {
  TextTable table({"step", "ms", "share"}, {1, 2});
  for (const StepTime& s : steps)
    table.row({s.step, fmt::format("{:.3f}", s.seconds * 1e3), fmt::format("{:.1f} %", 1e5 * s.seconds / ms_sum)});
  return table.text();
}

}  // namespace

void BenchCommand::declare(Flags& flags) {
  flags.argument("train|predict|explain|attack|alias", what_, "the work that is timed");
  flags.fields(options_);
  flags.fields(task_);
}

std::vector<std::string> BenchCommand::about() const {
  return {
      "One run is: predict, the logits of a batch; explain, these and the gradient of each picture's highest logit for its pixels; train, "
      "forward, backward and one update of the optimiser; attack, all steps of an attack within 8/255 of all pictures; alias, the network "
      "and the frequencies of all its signals that lose samples. The "
      "batch is random and made once."};
}

ExitStatus BenchCommand::run(const Session& session) {
  const Purpose purpose = purpose_of(what_.front());
  if (options_.model.empty()) throw UsageError("bench: --model is missing; `convscope list models` shows what is known");
  require(options_.batch >= 1, "--batch {}: at least 1 was wanted", options_.batch);
  require(options_.runs >= 1 && options_.runs <= 1'000'000, "--runs {}: 1 to 1000000 were wanted", options_.runs);
  require(options_.warm_up >= 0, "--warm-up {}: 0 or more were wanted", options_.warm_up);
  if (options_.serve && (session.common.json || options_.steps))
    throw UsageError("bench: --serve has answers of its own; leave --json and --steps out");
  if (!options_.method.empty() && what_.front() != "explain" && what_.front() != kAttack)
    throw UsageError("bench: --method is for explain and attack");
  const bool of_a_program = what_.front() != kAlias && what_.front() != kAttack && options_.method.empty();
  if (options_.steps && !of_a_program) throw UsageError("bench: --steps is for train, predict and explain without --method");
  const Execution execution = session.setting().execution;
  const uint64_t seed = static_cast<uint64_t>(session.common.seed);

  wake_libraries();
  const PeakMemory memory;
  Network network = open_or_make_network(options_.model, {.task = task_}, seed);
  const std::string name = network.name.empty() ? options_.model : network.name;
  std::unique_ptr<Work> work;
  if (what_.front() == kAlias) {
    work = std::make_unique<AliasWork>(network, options_.batch, execution, seed);
  } else if (what_.front() == kAttack) {
    work = std::make_unique<AttackWork>(network, options_.method, options_.batch, execution, seed);
  } else if (options_.method.empty()) {
    work = std::make_unique<ProgramWork>(purpose, std::move(network), options_.batch, execution, options_.optimiser, seed);
  } else {
    work = std::make_unique<AttributionWork>(network, options_.method, options_.batch, execution, seed);
  }
  network = {};
  for (int64_t i = 0; i < options_.warm_up; ++i) work->run();
  if (options_.serve) {
    serve(*work, memory);
    return ExitStatus::done;
  }

  Benchmark b;
  b.what = what_.front();
  b.model = name;
  b.batch = options_.batch;
  b.precision = session.common.precision;
  b.threads = threads();
  for (int64_t i = 0; i < options_.runs; ++i) b.runs.push_back(rounded(work->timed_ms()));
  b.ms_median = median(b.runs);
  b.ms_best = *std::min_element(b.runs.begin(), b.runs.end());
  b.images_per_second = static_cast<double>(b.batch) / (b.ms_median / 1e3);
  b.peak_memory_bytes = memory.bytes();
  const std::vector<StepTime> steps = work->profile(static_cast<int>(std::min<int64_t>(options_.runs, 100)));
  for (const StepTime& s : steps) b.ms_primitives += s.seconds * 1e3;

  if (session.common.json) {
    Json document = fields_to_json(b);
    if (options_.steps) {
      document["steps"] = json_list();
      for (const StepTime& s : steps) document["steps"].push_back({{"step", s.step}, {"ms", rounded(s.seconds * 1e3)}});
    }
    print_json(document);
  } else {
    print(shown(b) + (options_.steps ? "\n" + shown(steps, b.ms_primitives) : ""));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> BenchCommand::json_keys() const {
  auto keys = help<Benchmark>();
  keys.push_back({"steps", "", "with --steps: `[{step, ms}]`, the best time of each"});
  return keys;
}

}  // namespace convscope
