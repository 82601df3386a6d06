#include "convscope/study/attribution_study.h"
#include "convscope/study/from_scratch_study.h"
#include "convscope/study/study.h"

namespace convscope {

const Table<Study>& studies() {
  static const Table<Study> table{
      "study",
      {
          entry<AttributionStudy, Study>("attribution", "what networks for clothes and flowers look at, untrained and trained"),
          entry<FromScratchStudy, Study>("from-scratch", "a CNN for CIFAR-10: accuracy, weights, activations, neurons, clusters"),
      }};
  return table;
}

}  // namespace convscope
