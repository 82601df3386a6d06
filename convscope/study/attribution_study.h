#pragma once

#include "convscope/study/study.h"

namespace convscope {

/**
 * Attribution on Fashion-MNIST and flowers: the deep and the medium network trained as published, attributions of the same images before
 * and after training, flowers in colour and in grey, and three pairs of them. The photos are looked for as `flowers` with train/ and test/.
 */
class AttributionStudy : public Study {
 public:
  using Options = NoOptions;
  explicit AttributionStudy(Options) {}
  std::string title() const override { return "Attribution: what networks for clothes and flowers look at"; }
  std::vector<Part> parts(Scale scale) const override;
};

}  // namespace convscope
