#pragma once

#include <memory>
#include <span>

#include "convscope/base/timer.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/hooks.h"
#include "convscope/train/options.h"
#include "convscope/train/training_state.h"

namespace convscope {

/** What a training tells of itself: sums over an epoch's samples, which its position holds, the clock, and the network on test pictures. */
class Meters {
 public:
  /** The options outlive it; `test` is null where there are no test pictures, and may hold pictures held out of the training set. */
  Meters(const TrainOptions& options, std::unique_ptr<Evaluator> test, bool test_is_validation)
      : options_(options), test_(std::move(test)), test_is_validation_(test_is_validation) {}

  /** An epoch begins here, or goes on after an interruption. */
  void begin(const Position& position);
  void wait(double seconds) { waited_ += seconds; }
  /** The epoch is interrupted: its clock goes on from here. */
  void pause(Position& position) const;
  /** Of a training of so many samples and updates an epoch. */
  TrainProgress progress(const Position& position, int64_t samples, int64_t updates) const;
  /** The epoch's last update is done: the clock stops. */
  void end(const Position& position);
  /** The epoch that ended, and the network on test pictures after it; `before`: the epochs before it. */
  EpochMetrics metrics(const Position& position, std::span<const EpochMetrics> before);
  /** By what one sees in the epoch of these metrics that nothing has been learnt, a sentence each. */
  std::vector<std::string> signs_of_not_learning(const EpochMetrics& m, int64_t samples) const;

 private:
  const TrainOptions& options_;
  std::unique_ptr<Evaluator> test_;
  bool test_is_validation_;
  Evaluation tested_;  // what the last epoch came to
  Timer timer_;
  int64_t untimed_ = 0;        // samples of the epoch that an earlier version saw before an interruption: it kept no time
  double seconds_before_ = 0;  // of the epoch before an interruption
  double waited_ = 0, seconds_ = 0, images_per_second_ = 0;
};

}  // namespace convscope
