#pragma once

#include "convscope/base/table.h"

namespace convscope {

/** Where in the training an update stands. */
struct Progress {
  int64_t step = 0;  // updates done before this one
  int64_t steps_per_epoch = 1;
  int64_t steps = 1;                                        // of the whole training
  int64_t epoch() const { return step / steps_per_epoch; }  // from 0
};

/** The learning rate over the training, as a factor of the base rate. */
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual double factor(const Progress& p) const = 0;
  /** Whether the rates are the same however long the training is: it can then go on for more epochs than it was started with. */
  virtual bool endless() const { return false; }
};

/** The family: constant, step, cosine, linear, inverse-time, one-cycle. */
const Table<Schedule>& schedules();

}  // namespace convscope
