#pragma once

#include "convscope/inspect/attribution/quality/map_metric.h"

namespace convscope {

/**
 * Area under the probability of the target as its pixels go, those of most evidence first, over the share that is gone; Petsiuk et al.
 * 2018. With S steps, S + 1 points p₀ … p_S: (Σ p − (p₀ + p_S) / 2) / S. What goes becomes the image's mean colour.
 */
class Deletion : public MapMetric {
 public:
  using Options = NoOptions;
  explicit Deletion(Options) {}
  bool higher_is_better() const override { return false; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/** The same as they come into the blurred image. */
class Insertion : public MapMetric {
 public:
  using Options = NoOptions;
  explicit Insertion(Options) {}
  bool higher_is_better() const override { return true; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/**
 * Remove and debias, Rong et al. 2022: 10, 20 … 90 % of the pixels are replaced by what their neighbours tell, so that no mask is left to
 * see. (P − P′) / 2, the mean over the shares, where P is the probability when those of least evidence went and P′ when those of most did.
 */
class RemoveAndDebias : public MapMetric {
 public:
  using Options = NoOptions;
  explicit RemoveAndDebias(Options) {}
  Bounds bounds() const override { return {-0.5, 0.5}; }
  bool higher_is_better() const override { return true; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/**
 * Replaces the pixels of an image [C, H, W] that are gone by the solution of: each is the mean of its neighbours within the picture, direct
 * ones with weight 1/6, diagonal ones with 1/12. By conjugate gradients, to 1e-4 of the residual.
 */
void fill_in(std::span<float> image, int64_t channels, int64_t rows, int64_t columns, const std::vector<bool>& gone);

}  // namespace convscope
