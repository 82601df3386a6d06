#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "convscope/engine/program.h"
#include "convscope/ranks/ranks.h"
#include "convscope/results/epoch_metrics.h"

namespace convscope {

/** Told of each update before its batch is looked at, with the live weights. */
struct BeforeUpdate {
  int64_t epoch, step;  // from 0; step counts over the whole training
  double rate;
  const std::shared_ptr<Weights>& weights;  // as the last update left them: running statistics have not seen the coming batch
};
/** Told when the batch has gone through and before the weights change. */
struct AfterPass {
  int64_t epoch, step;  // as above
  const Graph& network;
  const Weights& weights;
  const Program& program;  // with the taps that were asked for
};
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void before_update(const BeforeUpdate&) {}
  /** Nodes whose values are wanted with each batch. */
  virtual Names taps(const Graph&) const { return {}; }
  virtual void after_pass(const AfterPass&) {}
};

/** For a progress bar. */
struct TrainProgress {
  int64_t epoch, epochs;  // from 0
  int64_t step, steps;    // of this epoch
  double loss, accuracy;  // means of this epoch so far
  double images_per_second;
  double seconds_left;  // of the whole training
};

/** An epoch that is done, with the network that answers after it. */
struct EpochEnd {
  const Graph& network;
  const std::shared_ptr<Weights>& weights;
};

/** What others may do while a training runs. */
struct TrainHooks {
  std::function<void(const TrainProgress&)> progress;  // after each update
  std::function<void(const EpochMetrics&)> epoch_done;
  std::function<void(const EpochEnd&, EpochMetrics&)> gauge;  // measures more of it, before it is judged
  std::function<void(std::string_view line)> tell;            // that a network seems to have learnt nothing, or has collapsed
  std::function<bool()> stop;                                 // asked after each update; true ends the training resumably
  std::function<void()> pausing;                              // before a checkpoint in the middle of an epoch
  std::vector<std::shared_ptr<Observer>> observers;           // of several ranks the root's, which see a batch's first shard
  std::shared_ptr<Ranks> ranks = alone();                     // who trains; all but `stop` is asked of the root alone
};

}  // namespace convscope
