#pragma once

#include "convscope/study/study.h"

namespace convscope {

/**
 * How networks deal with aliasing: shares of frequencies by what happens to them, for images named right and wrong, under attack, and for
 * the toy network that tells oscillations apart. The study looked at ResNet-34 with ImageNet's weights; these are brought with --net, else
 * a ResNet-20 that is trained here stands in, and no published figure stands beside its own.
 */
class AliasingStudy : public Study {
 public:
  using Options = NoOptions;
  explicit AliasingStudy(Options) {}

  std::string title() const override { return "How convolutional networks deal with aliasing"; }
  std::vector<Part> parts(Scale scale) const override;
  bool takes_network() const override { return true; }
};

}  // namespace convscope
