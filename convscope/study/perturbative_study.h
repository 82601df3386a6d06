#pragma once

#include "convscope/study/perturbative_recipes.h"

namespace convscope {

std::vector<Part> perturbative_parts(const PerturbativePlan& plan);

/** Networks whose 3×3 convolutions are 1×1 ones behind fixed random masks: what they reach, how that was measured, why it is less. */
class PerturbativeStudy : public Study {
 public:
  using Options = NoOptions;
  explicit PerturbativeStudy(Options) {}
  std::string title() const override { return "Perturbative neural networks: masks in the place of convolutions"; }
  std::vector<Part> parts(Scale scale) const override { return perturbative_parts(perturbative_plan(scale)); }
};

}  // namespace convscope
