#pragma once

/**
 * Training that resists: each batch's pictures are moved uphill within a ball before the weights learn from them.
 * Goals: the published recipes by name; where our defaults differ from the published programs' the option says so. Not a goal: attacking a
 * network that is done; attack/ does, and judges what comes out here.
 */

#include <optional>
#include <string>

#include "convscope/base/table.h"

namespace convscope {

struct TrainOptions;

/** How a batch is moved: within ε of each picture in every pixel (L∞), and in [0, 1]. */
struct InnerSearch {
  /** Where pictures start: as they are; anywhere in the ball; a little beside (0.001 · N(0, 1)); where the batch before was moved to. */
  enum class Start { picture, uniform, normal, kept } start = Start::picture;
  double epsilon = 8.0 / 255;
  double alpha = 2.0 / 255;  // a step, along the slope's signs
  int64_t steps = 1;
  /** Batch norm by the batch, as in training, whose running statistics the search moves too; else by running statistics. */
  bool by_batch = false;
  int64_t replays = 1;   // updates with each batch; with more, each update's own slope moves the pictures for the next
  double beta = 0;       // above 0: learns from pictures and moved ones, TradesOp, and climbs the divergence of their answers
  double most_lost = 0;  // above 0: ends where accuracy under attack falls by more than that in an epoch
  bool pairs() const { return beta > 0; }
};

/** A recipe. */
class AdversarialTraining {
 public:
  virtual ~AdversarialTraining() = default;
  virtual InnerSearch search() const = 0;
};

/** The family: pgd, fast, free, trades. */
const Table<AdversarialTraining>& adversarial_trainings();

/** What `adversarial` names a training that resists nothing. */
inline constexpr const char* kNotAdversarial = "none";

/** The one that a training's options ask for; none where they ask for none. */
std::optional<InnerSearch> inner_search(const TrainOptions& options);

}  // namespace convscope
