#pragma once

#include <string>

#include "convscope/base/timer.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/train/trainer.h"

namespace convscope {

/** "epoch 3/10 ▕█████     ▏ loss 0.412  accuracy 85.1 %  1 234 images/s  3 min 20 s left", in at most `columns` letters. */
std::string progress_text(const TrainProgress& p, int columns, bool colours);

/** "epoch 3/10, update 200 of 469  loss 0.412  accuracy 85.1 %  1234 images/s  3 min 20 s left", for logs within a long epoch. */
std::string plain_progress_text(const TrainProgress& p);

/** "epoch 3/10  train 85.10 % loss 0.412  test 84.20 % loss 0.467  …" for logs and above the bar; at most 100 letters. */
std::string epoch_text(const EpochMetrics& m, int64_t epochs, bool held_out);

/** A training as people watch it, on stderr: one line redrawn at most ten times a second on a terminal, else a line an epoch and every half
 * minute. */
class ProgressLine {
 public:
  ProgressLine(bool terminal, bool colours, bool held_out) : terminal_(terminal), colours_(colours), held_out_(held_out) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const TrainProgress& p);
  void epoch_done(const EpochMetrics& m, int64_t epochs);
  void clear();

 private:
  void tell_now_and_then(const TrainProgress& p);

  bool terminal_, colours_, held_out_;
  bool drawn_ = false;
  Timer since_drawn_;
};

}  // namespace convscope
