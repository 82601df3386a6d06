#include "convscope/api/benchmark.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/api/benchmark/work.h"
#include "convscope/base/machine.h"
#include "convscope/base/nearest.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/flatten.h"
#include "convscope/nn/initialisers.h"

namespace convscope {

namespace {

/** The libraries load themselves at the first convolution; that memory is nobody's network. */
void wake_libraries() {
  Builder builder(Shape{1, 4, 4});
  const Value y = Flatten({}).build(builder, "flatten", Conv2d({.filters = 1}).build(builder, "conv", builder.pixels()));
  const Graph tiny = std::move(builder).finish(y);
  compile(tiny, std::make_shared<Weights>(tiny, initialise(tiny, 0)), {})->run({});
}

/** Resident memory now; its peak counts from here on. */
int64_t begin_to_count_memory() {
  wake_libraries();
  const int64_t before = resident_bytes();
  reset_peak_resident();
  return before;
}

/** Milliseconds with as many digits as a clock is good for. */
double milliseconds(double seconds) { return std::round(seconds * 1e7) / 1e4; }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

void check_benchmark(std::string_view what, const std::string& model, const BenchmarkOptions& options) {
  const std::vector<std::string> known{"train", "predict", "explain", "attack", "alias"};
  if (std::find(known.begin(), known.end(), what) == known.end())
    throw WrongUse(fmt::format("no work '{}'{}", what, known_names(what, known)));
  if (model.empty()) throw WrongUse("`model` is missing; `convscope list models` shows what is known");
  constexpr int64_t kMostRuns = 1'000'000;
  require_use(options.batch >= 1, "`batch` {}: at least 1 was wanted", options.batch);
  require_use(options.runs >= 1 && options.runs <= kMostRuns, "`runs` {}: 1 to {} were wanted", options.runs, kMostRuns);
  require_use(options.shards >= 0, "`shards` {}: 1 or more were wanted; 0: 8 under mpirun, else 1", options.shards);
  if (options.shards > 0 && what != "train") throw WrongUse("`shards` is for train");
  require_use(options.warm_up >= 0, "`warm_up` {}: 0 or more were wanted", options.warm_up);
  if (!options.method.empty() && what != "explain" && what != "attack") throw WrongUse("`method` is for explain and attack");
  const bool of_a_program = what != "attack" && what != "alias" && options.method.empty();
  if (options.steps && !of_a_program) throw WrongUse("`steps` is for train, predict and explain without `method`");
}

ReadyWork::ReadyWork(std::string_view what, const std::string& model, const BenchmarkOptions& options, const Setting& setting) {
  check_benchmark(what, model, options);
  before_bytes_ = begin_to_count_memory();
  Network network = open_or_make_network(model, {.task = options.task}, setting.seed);
  name_ = network.name.empty() ? model : network.name;
  provenance_ = provenance_of(network, fields_to_json(options), setting);
  work_ = make_work(what, std::move(network), options, setting);
  for (int64_t i = 0; i < options.warm_up; ++i) work_->run();
}

ReadyWork::~ReadyWork() = default;

double ReadyWork::run_ms() {
  const Timer timer;
  work_->run();
  return milliseconds(timer.seconds());
}

std::vector<BenchmarkStep> ReadyWork::steps(int64_t runs) {
  constexpr int64_t kMostRuns = 100;
  std::vector<BenchmarkStep> steps;
  for (const StepTime& s : work_->profile(static_cast<int>(std::min(runs, kMostRuns)))) steps.push_back({s.step, milliseconds(s.seconds)});
  return steps;
}

int64_t ReadyWork::shards() const { return work_->shards(); }

int64_t ReadyWork::peak_memory_bytes() const { return std::max<int64_t>(0, peak_resident_bytes() - before_bytes_); }

Benchmark benchmark(std::string_view what, const std::string& model, const BenchmarkOptions& options, const Setting& setting) {
  ReadyWork work(what, model, options, setting);
  Benchmark b;
  b.came_from(work.provenance());
  b.what = what;
  b.model = work.name();
  b.batch = options.batch;
  b.precision = name_of(setting.execution.precision);
  b.threads = threads();
  b.ranks = setting.ranks->size();
  b.shards = work.shards();
  const double before = setting.ranks->seconds();
  for (int64_t i = 0; i < options.runs; ++i) b.runs.push_back(work.run_ms());
  if (b.ranks > 1) b.communication = (setting.ranks->seconds() - before) * 1e3 / std::accumulate(b.runs.begin(), b.runs.end(), 0.0);
  b.ms_median = median(b.runs);
  b.ms_best = *std::min_element(b.runs.begin(), b.runs.end());
  b.images_per_second = static_cast<double>(b.batch) / (b.ms_median / 1e3);
  b.peak_memory_bytes = work.peak_memory_bytes();
  std::vector<BenchmarkStep> steps = work.steps(options.runs);
  for (const BenchmarkStep& s : steps) b.ms_primitives += s.ms;
  if (options.steps) b.steps = std::move(steps);
  return b;
}

}  // namespace convscope
