#pragma once

#include <optional>
#include <string>
#include <vector>

#include "convscope/results/epoch_metrics.h"
#include "convscope/results/evaluation.h"

namespace convscope {

/** The place of the only class that the network ever says; nothing where it says several, or is only asked about one. */
std::optional<size_t> only_answer(const Evaluation& e);

/** What share of the samples is right by saying the commonest class for all. */
double chance(const Evaluation& e);

/**
 * By what one sees after an epoch that a network has learnt nothing yet, a sentence each; none where it has.
 *
 *   at chance    the intervals of both accuracies reach down to chance: of these samples, and of those that were learnt from
 *   one answer   at least 99 of 100 samples are taken for one class, which at most 90 are of
 *   lost         the loss of the training samples or of these is above 10 ln Y; guessing gives ln Y
 */
std::vector<std::string> signs_of_not_learning(const Evaluation& e, const EpochMetrics& epoch, int64_t train_samples);

}  // namespace convscope
