#pragma once

#include <string>
#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** One step of a program, timed alone. */
struct BenchmarkStep {
  std::string step;
  double ms = 0;

  void fields(auto&& field) {
    field("step", step, "node and what computes it");
    field("ms", ms, "its best time in milliseconds");
  }
};

/** How long one kind of work takes. */
struct Benchmark : Provenance {
  std::string what;
  std::string model;
  int64_t batch = 0;
  std::string precision;
  int64_t threads = 0;
  double ms_median = 0;
  double ms_best = 0;
  double ms_primitives = 0;
  double images_per_second = 0;
  int64_t peak_memory_bytes = 0;
  int64_t ranks = 1;
  int64_t shards = 1;
  double communication = kUnknown;
  std::vector<double> runs;
  std::vector<BenchmarkStep> steps;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("what", what,
          "train: forward, backward and an update; predict: logits; explain: logits and the gradient for the pixels; attack; alias");
    field("model", model, "network and its options");
    field("batch", batch, "images a run");
    field("precision", precision, "fp32 or bf16");
    field("threads", threads, "threads that compute");
    field("ms_median", ms_median, "milliseconds of a run, the median of all");
    field("ms_best", ms_best, "of the fastest run");
    field("ms_primitives", ms_primitives, "sum of the steps' best times, each step timed alone");
    field("images_per_second", images_per_second, "batch / ms_median");
    field("peak_memory_bytes", peak_memory_bytes, "highest resident memory above that of the idle process");
    field("ranks", ranks, "processes that shared out the batch");
    field("shards", shards, "of train: parts of the batch that were computed one by one");
    field("communication", communication,
          "of several ranks: share of the runs' time that the first one spent in messages, most of it waiting for others; left out of one "
          "alone");
    field("runs", runs, "milliseconds of each run");
    field("steps", steps, "each step of the program, where `steps` asked for them");
  }
};

}  // namespace convscope
