#pragma once

#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/result.h"

namespace convscope {

/** What one epoch of a training came to: a line of `metrics.jsonl`. Accuracies are shares, 0 … 1. */
struct EpochMetrics {
  int64_t epoch = 0;
  double lr = 0;
  double train_loss = 0;
  double train_accuracy = 0;
  double test_loss = kUnknown;
  double test_accuracy = kUnknown;
  double validation_loss = kUnknown;
  double validation_accuracy = kUnknown;
  double robust_accuracy = kUnknown;
  double robust_validation_accuracy = kUnknown;
  double robust_train_accuracy = kUnknown;
  double aliased = kUnknown;
  double seconds = 0;
  double images_per_second = 0;
  double data_wait = 0;
  double test_accuracy_smoothed = kUnknown;
  double test_accuracy_batch_mean = kUnknown;
  double test_loss_smoothed = kUnknown;
  double train_accuracy_smoothed = kUnknown;
  double train_loss_smoothed = kUnknown;

  void fields(auto&& field) {
    field("epoch", epoch, "passes over the training data so far, from 1");
    field("lr", lr, "learning rate of its last update");
    field("train_loss", train_loss, "mean over the training samples, each as it was when its turn came");
    field("train_accuracy", train_accuracy, "alike; share of training samples that were right");
    field("test_loss", test_loss, "mean over every test sample after the epoch; left out where it was not measured");
    field("test_accuracy", test_accuracy, "share of test samples that are right after the epoch; left out where it was not measured");
    field("validation_loss", validation_loss, "the same where samples held out of the training set are looked at instead");
    field("validation_accuracy", validation_accuracy, "alike: the test set is then looked at once, when the training has ended");
    field("robust_accuracy", robust_accuracy,
          "of an adversarial training: share of robust_images test samples, the same each epoch, that are right under attack");
    field("robust_validation_accuracy", robust_validation_accuracy, "alike, of held-out samples where these judge");
    field("robust_train_accuracy", robust_train_accuracy, "alike, of as many training samples, as augmentation gives them");
    field(
        "aliased", aliased,
        "of the judging samples: share of frequencies that are aliased or tangled where the network drops samples, mean over these places");
    field("seconds", seconds, "wall time of the epoch's training");
    field("images_per_second", images_per_second, "training samples a second of that time");
    field("data_wait", data_wait, "share of that time spent waiting for data");
    field("test_accuracy_smoothed", test_accuracy_smoothed,
          "with meters=published: v after the last batch, v ← 0.7 v + 0.3 · a full batch's accuracy, from epoch to epoch");
    field("test_accuracy_batch_mean", test_accuracy_batch_mean,
          "with meters=published: mean over the batches of right answers / batch size");
    field("test_loss_smoothed", test_loss_smoothed, "with meters=published: test_accuracy_smoothed's rule for the mean loss of each batch");
    field("train_accuracy_smoothed", train_accuracy_smoothed,
          "with meters=published: the rule for the training samples of each full update, as they were when their turn came");
    field("train_loss_smoothed", train_loss_smoothed, "alike, their mean loss");
  }

  // What judges the epoch: of the held-out samples where there are some, of the test samples otherwise.
  double judged_loss() const { return std::isnan(validation_loss) ? test_loss : validation_loss; }
  double judged_accuracy() const { return std::isnan(validation_accuracy) ? test_accuracy : validation_accuracy; }
  double judged_robust_accuracy() const { return std::isnan(robust_validation_accuracy) ? robust_accuracy : robust_validation_accuracy; }
  /** By which epochs are chosen: under attack where that was measured. */
  double choosing_accuracy() const { return std::isnan(judged_robust_accuracy()) ? judged_accuracy() : judged_robust_accuracy(); }
};

/** Whether the network was looked at on test or held-out data after this epoch. */
bool was_tested(const EpochMetrics& m);

/** The epoch of highest `choosing_accuracy`, the first of equals; null where none was tested. */
const EpochMetrics* best_epoch(std::span<const EpochMetrics> metrics);

/** The last epoch that was tested; null where none was. */
const EpochMetrics* last_tested(std::span<const EpochMetrics> metrics);

/** What all epochs took, and the training samples a second of that time. */
double seconds_of(std::span<const EpochMetrics> metrics);
double images_per_second_of(std::span<const EpochMetrics> metrics);

std::string metrics_line(const EpochMetrics& m);
EpochMetrics parse_metrics_line(std::string_view line, std::string_view whose);

/**
 * The epochs of a `metrics.jsonl`, also of one that is being written: a last line without its end is ignored, a damaged one before it is
 * an error that names the line. Where a training went on from an earlier epoch, its new lines replace the old ones.
 */
std::vector<EpochMetrics> parse_metrics(std::string_view text, std::string_view whose);
std::vector<EpochMetrics> read_metrics(const Path& path);

/** The whole file, or none of it: a training that resumes writes what it keeps before it adds lines with `append_metrics`. */
void write_metrics(const Path& path, std::span<const EpochMetrics> metrics);
void append_metrics(const Path& path, const EpochMetrics& m);

/** A heading of the keys, then a line an epoch; unknown numbers are empty cells. */
std::string metrics_csv(std::span<const EpochMetrics> metrics);

}  // namespace convscope
