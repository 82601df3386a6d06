#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/**
 * 95 % interval of a share of which `correct` out of `total` were seen, [low, high]; Wilson 1927:
 *
 *   (p + z² / 2n ± z √(p (1 − p) / n + z² / 4n²)) / (1 + z² / n),  p = correct / n, z = 1.96
 *
 * Nothing seen is [0, 1].
 */
std::array<double, 2> wilson_interval(int64_t correct, int64_t total);

/** What a network does on a data set, every sample counted once. Y classes. */
struct Evaluation : Provenance {
  double accuracy = 0;
  int64_t correct = 0;
  int64_t total = 0;
  double loss = 0;
  std::array<double, 2> accuracy_interval_95 = {0, 1};
  double top5_accuracy = kUnknown;
  std::vector<std::vector<int64_t>> confusion;  // [Y][Y], row: what it is, column: what the network says
  double images_per_second = 0;
  std::vector<std::string> classes;  // [Y]
  std::string loss_name;
  int64_t seen_in_training = 0;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("accuracy", accuracy, "correct / total");
    field("correct", correct, "samples whose class has the highest logit");
    field("total", total, "samples");
    field("loss", loss, "mean over the samples, natural logarithm");
    field("accuracy_interval_95", accuracy_interval_95, "[low, high], Wilson's interval of the accuracy");
    field("top5_accuracy", top5_accuracy, "share of samples whose class is among the five highest logits; only with more than 5 classes");
    field("confusion", confusion, "counts: a row for each true class, a column for each predicted one");
    field("images_per_second", images_per_second, "samples a second, reading included");
    field("classes", classes, "names of the classes, in the order of rows and columns");
    field("loss_name", loss_name, "what `loss` is: a member of the losses with its options");
    field("seen_in_training", seen_in_training, "samples that are pictures the network learnt from, as far as its checkpoint tells");
  }
  /** The confusion matrix says the same as the counts. */
  void check(std::string_view whose) const;
};

/** Accuracy, correct, total and interval from a confusion matrix [Y][Y]; the rest is for the caller to fill in. */
Evaluation evaluation_of(std::vector<std::vector<int64_t>> confusion, std::vector<std::string> classes);

}  // namespace convscope
