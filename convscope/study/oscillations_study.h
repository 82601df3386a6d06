#pragma once

#include "convscope/study/study.h"

namespace convscope {

/**
 * The toy task of the aliasing study: networks with and without convolutions tell oscillations apart, by size and noise. Each network is a
 * training of its own in runs/, so that a sweep that was stopped goes on.
 */
class OscillationsStudy : public Study {
 public:
  using Options = NoOptions;
  explicit OscillationsStudy(Options) {}

  std::string title() const override { return "Classifying oscillations"; }
  std::vector<Part> parts(Scale scale) const override;
};

/** A network of the sweep. */
struct OscillationArchitecture {
  const char* name;     // as the study calls it
  const char* family;   // of its plot
  const char* model;    // as we call it
  double published[4];  // percent, for noise 1, 2, 4, 8
};
/** In the order of the study's table; one network is there twice, as it was trained twice. */
std::span<const OscillationArchitecture> oscillation_architectures();

/** [4, 32, 32] in [−1, 1]: (f, f), (1 − f, f), (f, 1 − f), (1 − f, 1 − f) with f = 10 / 32 and phases of 0; every second row and column of
 * each is the same picture. */
Tensor alike_oscillations();

}  // namespace convscope
