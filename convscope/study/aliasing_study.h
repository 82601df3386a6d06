#pragma once

#include "convscope/study/study.h"

namespace convscope {

/**
 * How networks deal with aliasing: shares of frequencies by what happens to them, for images named right and wrong, under attack, and for
 * the toy network that tells oscillations apart. The study looked at ResNet-34 with ImageNet's weights; these are brought with `net`,
 * else a ResNet-20 that is trained here stands in. Published figures stand beside a network with these layers and about that accuracy
 * alone.
 */
class AliasingStudy : public Study {
 public:
  using Options = NoOptions;
  explicit AliasingStudy(Options) {}

  std::string title() const override { return "How convolutional networks deal with aliasing"; }
  std::vector<Part> parts(Scale scale) const override;
  bool takes_network() const override { return true; }
};

/**
 * Whether a network has the layers of ResNet-34 for ImageNet, whatever they are called and whether batch norm is folded into them: kinds,
 * weights and what comes out of each are compared. Whose weights they are, they do not tell.
 */
bool is_resnet34_for_imagenet(const Graph& graph);

/** Whether so many right ones fit the study's top-1 accuracy on ImageNet's validation images, 73.3 %. */
bool has_published_accuracy(int64_t right, int64_t images);

}  // namespace convscope
