#pragma once

#include <array>
#include <string>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** What a training came to. */
struct TrainingSummary : Provenance {
  std::string run;
  std::string ending;
  std::string ended_by;
  int64_t epochs = 0;
  double flops = kUnknown;
  double accuracy = kUnknown;
  std::array<double, 2> accuracy_interval_95 = {0, 1};
  int64_t best_epoch = 0;
  double best_accuracy = kUnknown;
  std::array<double, 2> best_accuracy_interval_95 = {0, 1};
  std::string best_chosen_on;
  double robust_accuracy = kUnknown;
  std::array<double, 2> robust_accuracy_interval_95 = {kUnknown, kUnknown};
  double best_robust_accuracy = kUnknown;
  std::array<double, 2> best_robust_accuracy_interval_95 = {kUnknown, kUnknown};
  int64_t robust_images = 0;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("run", run, "the run folder");
    field("ending", ending, "finished or stopped; a stopped one can go on");
    field("ended_by", ended_by, "what ended a finished one: epochs, patience, stop_at, or most_lost (catastrophic overfitting)");
    field("epochs", epochs, "epochs that are done");
    field("flops", flops,
          "operations of all updates, and of moving pictures before them, two a multiply-add of a convolution or a matrix product; tests "
          "are left out");
    field("accuracy", accuracy,
          "of the last epoch's network on the test set (where an adversarial training has collapsed, of the epoch's before); only where "
          "the training is finished");
    field("accuracy_interval_95", accuracy_interval_95, "[low, high], Wilson's interval of it");
    field("best_epoch", best_epoch, "the epoch of best.safetensors; 0 where there is none");
    field("best_accuracy", best_accuracy,
          "of that network on the test set; left out where a stopped training chooses it on validation samples");
    field("best_accuracy_interval_95", best_accuracy_interval_95, "[low, high], Wilson's interval of it");
    field("best_chosen_on", best_chosen_on, "test or validation: the samples by which the best epoch was chosen");
    field("robust_accuracy", robust_accuracy,
          "of an adversarial training: accuracy of the network that it gives (the last epoch's; where it has collapsed, that of the epoch "
          "before) on robust_images test pictures under robust_attack");
    field("robust_accuracy_interval_95", robust_accuracy_interval_95, "[low, high], Wilson's interval of it");
    field("best_robust_accuracy", best_robust_accuracy, "of the best epoch's network, chosen by accuracy under attack");
    field("best_robust_accuracy_interval_95", best_robust_accuracy_interval_95, "[low, high], Wilson's interval of it");
    field("robust_images", robust_images, "pictures of these accuracies; 0: none were attacked");
  }
};

}  // namespace convscope
