#pragma once

#include <cstdint>
#include <span>

namespace convscope {

/**
 * The accuracies and losses that the perturbation study's programs logged. They are wrong as measures of a network and are there to be
 * compared.
 *
 *   smoothed     v ← 0.7 v + 0.3 correct / batch, batch after batch, also across epochs; v = 0 before the first; a last batch that is
 *                not full is left out: a mean over the last few batches
 *   smoothed_loss   the same of each batch's mean loss
 *   batch_mean   mean over all batches of correct / batch, a last one that is not full divided by the full size too;
 *                the program very likely cut each batch to whole percents (integer division), about 0.4 points less at batch 16: not done
 */
inline double smoothed_on(double before, double value) { return 0.7 * before + 0.3 * value; }

struct PublishedMeter {
  double smoothed = 0;
  double smoothed_loss = 0;
  double batch_mean = 0;

  /** `right`: which test samples are right, in their order; `batch` images were tested at once. */
  void look(std::span<const uint8_t> right, int64_t batch);
  /** Their losses, alike. */
  void look_at_losses(std::span<const double> losses, int64_t batch);
};

}  // namespace convscope
