#include "convscope/study/aliasing_study.h"
#include "convscope/study/antialiasing_study.h"
#include "convscope/study/attribution_study.h"
#include "convscope/study/from_scratch_study.h"
#include "convscope/study/oscillations_study.h"
#include "convscope/study/perturbative_study.h"
#include "convscope/study/study.h"

namespace convscope {

const Table<Study>& studies() {
  static const Table<Study> table{
      "study",
      {
          entry<AliasingStudy, Study>("aliasing", "what happens to frequencies where networks drop samples, under attack too"),
          entry<AntialiasingStudy, Study>("antialiasing",
                                          "the same network with each way to drop samples: accuracy, shifts, attacks, what folds"),
          entry<AttributionStudy, Study>("attribution", "what networks for clothes and flowers look at, untrained and trained"),
          entry<FromScratchStudy, Study>("from-scratch", "a CNN for CIFAR-10: accuracy, weights, activations, neurons, clusters"),
          entry<OscillationsStudy, Study>("oscillations", "networks with and without convolutions for oscillations, by size and noise"),
          entry<PerturbativeStudy, Study>("perturbative",
                                          "fixed masks and 1×1 convolutions in the place of 3×3 ones, and how that was measured"),
      }};
  return table;
}

}  // namespace convscope
