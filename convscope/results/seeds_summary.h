#pragma once

#include <string>
#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/**
 * What the same training came to with several seeds: a `seeds.json`. Accuracies are shares of the test set. Its network is all of them:
 * files and digests are in their own summaries.
 */
struct SeedsSummary : Provenance {
  std::string run;
  std::string ending;
  std::vector<int64_t> seeds;
  std::vector<double> accuracies;
  double accuracy_mean = kUnknown;
  double accuracy_deviation = kUnknown;
  std::vector<double> accuracy_interval_95;
  std::vector<double> best_accuracies;
  double best_accuracy_mean = kUnknown;
  double best_accuracy_deviation = kUnknown;
  std::vector<double> best_accuracy_interval_95;
  std::string best_chosen_on;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("run", run, "the folder of all; each training is in its seed-N");
    field("ending", ending, "finished or stopped; a stopped one can go on");
    field("seeds", seeds, "one training each, in this order");
    field("accuracies", accuracies, "test accuracy of the last epoch's network, a number for each finished training, in the seeds' order");
    field("accuracy_mean", accuracy_mean, "their mean");
    field("accuracy_deviation", accuracy_deviation, "their standard deviation, n - 1; from two on");
    field("accuracy_interval_95", accuracy_interval_95,
          "[low, high], of the mean by Student's t distribution, within 0 to 1; empty for fewer than two");
    field("best_accuracies", best_accuracies, "test accuracy of each training's best epoch");
    field("best_accuracy_mean", best_accuracy_mean, "their mean");
    field("best_accuracy_deviation", best_accuracy_deviation, "their standard deviation, n - 1; from two on");
    field("best_accuracy_interval_95", best_accuracy_interval_95, "[low, high], of that mean");
    field("best_chosen_on", best_chosen_on, "test or validation: the samples by which the best epochs were chosen");
  }
};

/** Of one training, in the folder of all. */
std::string seed_folder_name(int64_t seed);

/** Means, deviations and intervals from the lists of accuracies. */
void summarise(SeedsSummary& s);

}  // namespace convscope
