#pragma once

#include "convscope/study/study.h"

namespace convscope {

/**
 * The same network with each way to drop samples, and the same images: accuracy, shares of frequencies and energy that folds, consistency,
 * accuracy under FGSM, PGD and AutoAttack, under corruptions (mCE relative to the plain network), cost; and whether what folds in an image
 * tells that it is wrong, fooled or shifted away. Published are single answers, for other networks: Zhang 2019 (consistency), Grabinski et
 * al. 2022 (robustness), Chaman and Dokmanić 2021 (circular shifts). Each network is trained here with one recipe, the main ones with three
 * seeds beyond quick scale; a network that somebody brings is changed, its weights kept, and not trained on. Last, a plain network is
 * trained with noise: its Fourier map must be lower where frequencies are high (Yin et al. 2019).
 */
class AntialiasingStudy : public Study {
 public:
  using Options = NoOptions;
  explicit AntialiasingStudy(Options) {}

  std::string title() const override { return "Anti-aliasing as a switch"; }
  std::vector<Part> parts(Scale scale) const override;
  bool takes_network() const override { return true; }

 protected:
  /** Options of a training with a way to drop samples; tests have smaller ones. */
  virtual Json recipe(Scale scale, const std::string& downsample, int64_t seed) const;
};

}  // namespace convscope
