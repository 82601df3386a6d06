#pragma once

/**
 * How long one kind of a network's work takes, on random pictures, and what memory. Goals: nothing but the work is timed. Not a goal: to
 * judge; two programs are compared by turns, which `ReadyWork` is for.
 */

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/api/network.h"
#include "convscope/api/provenance.h"
#include "convscope/results/benchmark.h"

namespace convscope {

struct BenchmarkOptions {
  int64_t batch = 128;
  int64_t runs = 10;
  int64_t warm_up = 3;
  std::string optimiser = "sgd,momentum=0.9";
  int64_t shards = 0;
  std::string method = {};
  bool steps = false;
  ModelTask task = {};

  void fields(auto&& field) {
    field("batch", batch, "images a run");
    field("runs", runs, "timed runs");
    field("warm_up", warm_up, "runs before the first timed one");
    field("optimiser", optimiser, "for train: optimiser and its options");
    field("shards", shards, "for train: parts of the batch, as a training has them, of equal size; 0: 8 under mpirun, else 1");
    field("method", method,
          "for explain: an attribution method of all images of a run, instead of their plain gradient; for attack: the attack, without it "
          "pgd,steps=10");
    field("steps", steps, "show the time of each step of the program");
    task.fields(field);
  }
};

/**
 * Times `what`, one of train, predict, explain, attack and alias, of a model by name or of a network in a file or run folder. It is opened
 * here, since its memory counts. Several ranks share out the batch of `train`, each with its shards.
 */
Benchmark benchmark(std::string_view what, const std::string& model, const BenchmarkOptions& options = {}, const Setting& setting = {});

/** An error where work and options do not go together; said before anything is opened. */
void check_benchmark(std::string_view what, const std::string& model, const BenchmarkOptions& options);

class BenchmarkWork;

/** A work that is compiled and warm, for a caller who says himself when it runs. */
class ReadyWork {
 public:
  ReadyWork(std::string_view what, const std::string& model, const BenchmarkOptions& options = {}, const Setting& setting = {});
  ~ReadyWork();

  /** What the network calls itself, or what it was opened by. */
  const std::string& name() const { return name_; }
  /** What is timed, as records tell it. */
  const Provenance& provenance() const { return provenance_; }
  /** Milliseconds of one run. */
  double run_ms();
  /** Each step of the program alone, the best of so many times; empty where the work is more than a program's. */
  std::vector<BenchmarkStep> steps(int64_t runs);
  /** The highest resident memory so far above that before the network was opened. */
  int64_t peak_memory_bytes() const;
  /** Parts of the batch. */
  int64_t shards() const;

 private:
  int64_t before_bytes_ = 0;
  std::string name_;
  Provenance provenance_;
  std::unique_ptr<BenchmarkWork> work_;
};

}  // namespace convscope
