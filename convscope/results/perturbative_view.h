#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/perturbative_record.h"

namespace convscope {

/** The perturbation study's record with the epochs of all its trainings, finished or not. */
struct PerturbativeView {
  PerturbativeRecord record;
  std::vector<std::vector<std::vector<EpochMetrics>>> metrics;  // of each run, each of its seeds; empty where nothing was trained

  /** The run that plays a part in the comparison. */
  std::optional<size_t> of_role(std::string_view role) const;
};
/** `results` is the study's folder, where the trainings lie. */
PerturbativeView perturbative_view(PerturbativeRecord record, const Path& results);

/** Where a training of the study lies. */
Path perturbative_run_folder(const Path& results, const std::string& name, int64_t seed);

/**
 * A test accuracy in percent, over the seeds that are finished. The interval is Student's t over several seeds; of one seed, or of seeds
 * that all reach the same, Wilson's over the test images.
 */
struct AccuracyOfRuns {
  double mean = kUnknown, low = kUnknown, high = kUnknown;
  int64_t trainings = 0;
};
/** After the last epoch. */
AccuracyOfRuns last_outcome(const PerturbativeView& view, size_t run);
/** Of the best epoch, chosen on the test images as published. */
AccuracyOfRuns best_outcome(const PerturbativeView& view, size_t run);

/** The mean over a run's trainings of the test accuracy after an epoch, percent; of those epochs that all of them have. */
struct EpochMean {
  double epoch, accuracy;
};
std::vector<EpochMean> mean_course(const PerturbativeView& view, size_t run);

/** a − b in points, with the interval of both; `told` where it lies on one side of 0. */
struct Difference {
  double points = kUnknown, reach = kUnknown;
  bool told() const { return std::abs(points) > reach; }
};
Difference difference_of(const AccuracyOfRuns& a, const AccuracyOfRuns& b);

/** Three ways to look at one training's test accuracy, percent. */
struct MeterRow {
  std::string label;
  int64_t seed = 1, epochs = 0;
  bool finished = false;
  double last = kUnknown, best = kUnknown;  // proper
  double smoothed_best = kUnknown;          // as the original program logged it
  double mean_best = kUnknown;              // mean of batches
  // The same meter of training samples, and of losses, whose best is the lowest; not there where an earlier version trained.
  double train_best = kUnknown, train_smoothed_best = kUnknown;
  double test_loss_best = kUnknown, test_loss_smoothed_best = kUnknown;
  double train_loss_best = kUnknown, train_loss_smoothed_best = kUnknown;
};
/** Of all trainings that logged them, finished or not. */
std::vector<MeterRow> meter_rows(const PerturbativeView& view);

/** Milliseconds an image of a training step, the median over all epochs; NaN where nothing was trained. */
double step_ms(const PerturbativeView& view, size_t run);

/** What our figures say, in sentences that depend on them alone. Nothing is said about what is not finished. */
std::vector<std::string> perturbative_findings(const PerturbativeView& view);

}  // namespace convscope
