#pragma once

#include <span>
#include <vector>

#include "convscope/results/perturbative_record.h"

namespace convscope {

/** Standard deviation of the smoothed accuracy of a steady network whose answers are independent: √(0.3 / 1.7) √(p (1 − p) / batch). */
double smoothed_deviation(double accuracy, int64_t batch);

struct SmoothedBest {
  double accuracy = 0.86;
  double keep = 0;  // chance that an image's answer stays as it was in the epoch before
  int64_t images = 10000;
  int64_t batch = 10;
  int64_t trials = 40;
  uint64_t seed = 1;
};

/**
 * Trainings of a network that learns no more: in each epoch every test image is right with the same chance. They are tested by the
 * published meter (train/published_meter.h) and properly; the highest of both over so many epochs is kept, a row for each count.
 *
 * The first value is from a meter that has run in: that it starts at 0 is of no weight after a few batches. Real networks answer most
 * images alike in the next epoch, which `keep` imitates; what it cannot is that some images are harder than others.
 */
std::vector<SmoothingTrial> simulate_smoothed_best(const SmoothedBest& options, std::span<const int64_t> epochs);

}  // namespace convscope
