#pragma once

#include "convscope/study/study.h"

namespace convscope {

/** The CNN for CIFAR-10 that was written from scratch: trained as published and set right, and its inside. */
class FromScratchStudy : public Study {
 public:
  using Options = NoOptions;
  explicit FromScratchStudy(Options) {}
  std::string title() const override { return "A CNN from scratch: CIFAR-10, and what is inside"; }
  std::vector<Part> parts(Scale scale) const override;
};

}  // namespace convscope
