#include "convscope/train/schedule.h"
#include "convscope/train/schedules/constant.h"
#include "convscope/train/schedules/cosine.h"
#include "convscope/train/schedules/inverse_time.h"
#include "convscope/train/schedules/linear.h"
#include "convscope/train/schedules/one_cycle.h"
#include "convscope/train/schedules/step.h"

namespace convscope {

const Table<Schedule>& schedules() {
  static const Table<Schedule> table{
      "schedule",
      {
          entry<ConstantRate, Schedule>("constant", "the base rate throughout, after a warm-up where wanted"),
          entry<StepRate, Schedule>("step", "multiplied by a factor at milestones"),
          entry<CosineRate, Schedule>("cosine", "falls along half a cosine"),
          entry<LinearRate, Schedule>("linear", "falls in equal steps"),
          entry<InverseTime, Schedule>("inverse-time", "falls as 1 / (1 + decay t), Keras's `decay`"),
          entry<OneCycle, Schedule>("one-cycle", "rises to the base rate and falls far below its start"),
      }};
  return table;
}

}  // namespace convscope
