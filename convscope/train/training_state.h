#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convscope/base/fields.h"
#include "convscope/engine/weights.h"
#include "convscope/models/checkpoint.h"

namespace convscope {

/** Where a training stands: what a checkpoint holds besides weights and moments. */
struct Position {
  int64_t epoch = 0;  // being trained
  int64_t step = 0;   // of this epoch, done
  double loss = 0;    // sums over this epoch's samples so far
  int64_t correct = 0, seen = 0;
  double rate = 0;                                  // of the last update
  double smoothed_accuracy = 0, smoothed_loss = 0;  // by the published meter, from epoch to epoch
  double seconds = 0, waited = 0;                   // that the epoch took before it was interrupted

  void fields(auto&& field) {
    field("epoch", epoch, "being trained, from 0");
    field("step", step, "updates of this epoch that are done");
    field("loss", loss, "sum over the epoch's samples");
    field("correct", correct, "samples of the epoch that were right");
    field("seen", seen, "samples of the epoch");
    field("rate", rate, "learning rate of the last update");
    field("smoothed_accuracy", smoothed_accuracy, "of training samples by the published meter, from epoch to epoch");
    field("smoothed_loss", smoothed_loss, "alike");
    field("seconds", seconds, "wall time of the epoch's updates until the training was stopped");
    field("waited", waited, "of it, for data");
  }
};

/** An error where a checkpoint holds none, or an impossible one. */
Position position_of(const Checkpoint& saved, const std::string& whose);

/** Parts of a training that lie in a checkpoint's state. */
struct TrainingState {
  const Weights& weights;                // as the updates leave them
  const Weights& answering;              // the network that is evaluated and kept: their average, or these
  std::span<const Tensor> moments = {};  // of the optimiser, lying as the weights do
  const Tensor* kept = nullptr;          // noise of the pictures that is carried from batch to batch
};

/** Network and state for a checkpoint; `resumable`: with what going on needs. */
void fill(Checkpoint& checkpoint, const TrainingState& state, bool resumable);

/** The weights that a training goes on with; where it averages them, they are apart from the network. */
std::map<std::string, Tensor> raw_weights(const Checkpoint& saved, bool averages);
/** Whether it was written to be gone on with. */
bool has_moments(const Checkpoint& saved);
/** The optimiser's moments come back into the weights' layout; an error, which `whose` opens, where they do not fit. */
void restore_moments(const Checkpoint& saved, const Weights& weights, std::span<Tensor> moments, const std::string& whose);
/** The same of the noise that is carried on, where a training has any. */
void restore_kept(const Checkpoint& saved, Tensor& kept, const std::string& whose);

}  // namespace convscope
