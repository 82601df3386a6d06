#pragma once

/** A training's numbers where people's own tools read them. */

#include <memory>

#include "convscope/results/event_file.h"
#include "convscope/train/hooks.h"

namespace convscope {

/**
 * Feeds TensorBoard's event files during a training; steps are epochs that are done.
 *
 *   scalars     loss/train, loss/test, accuracy/train, … : the keys of metrics.jsonl
 *   histograms  weights/NAME of each trained parameter, from before the first update on; of the live weights, not of their average
 *   images      learning curves and confusion matrix of the ended training
 */
class TensorBoardLog : public Observer {
 public:
  explicit TensorBoardLog(const Path& folder) : events_(folder) {}

  void before_update(const BeforeUpdate& update) override;
  void epoch_done(const EpochMetrics& metrics);
  /** The pictures that lie in the run folder. */
  void finish(const Path& run, int64_t epochs);

 private:
  void weights(int64_t step);

  EventFile events_;
  std::shared_ptr<const Weights> weights_;
};

/** Makes a training feed the log. What the hooks did before they still do. */
void attach(const std::shared_ptr<TensorBoardLog>& log, TrainHooks& hooks);

}  // namespace convscope
