#pragma once

#include <array>
#include <functional>
#include <memory>

#include "convscope/api/network.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/train/trainer.h"

namespace convscope {

/** Whether a training asks for it: one against attacks, that is to be looked at. */
bool measures_robustness(const TrainOptions& options);

/** An error where the attack that measures is none, or not one within an L∞ ball; said before anything is computed. */
void check_robustness(const TrainOptions& options);

/**
 * What a training's network withstands after each epoch: the attack `robust_attack` within the ball that it is trained for, on the same
 * `robust_images` pictures each time, those that judge it (test or held out) and training ones; and beside them how much of the frequencies
 * alias where the network drops samples, which costs no attack and rises with robust overfitting (Grabinski et al. 2022).
 */
std::function<void(const EpochEnd&, EpochMetrics&)> robustness_gauge(const TrainOptions& options, const TrainData& data);

/** A share, and Wilson's interval of it. */
struct Accuracy {
  double share;
  std::array<double, 2> interval_95;
};
/** Of a network of such a training on `robust_images` test pictures under that attack, in fp32. */
Accuracy robust_accuracy(const Network& network, const TrainOptions& options, const std::shared_ptr<const Dataset>& test);

}  // namespace convscope
