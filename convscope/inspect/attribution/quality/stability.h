#pragma once

#include "convscope/inspect/attribution/quality/map_metric.h"

namespace convscope {

/** The largest ‖φ(x′) − φ(x)‖ / ‖φ(x)‖ over copies x′ of the image with noise from −0.02 to 0.02 at each pixel; Yeh et al. 2019. */
class SensitivityMax : public MapMetric {
 public:
  using Options = NoOptions;
  explicit SensitivityMax(Options) {}
  bool higher_is_better() const override { return false; }
  Judged rule() const override { return Judged::not_at_all; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/**
 * How alike the maps stay when the network's layers are drawn anew from the last one down, ever more of them: Spearman's correlation of
 * |φ|, the mean over these states; Adebayo et al. 2018. What stays alike does not show what the network has learnt.
 */
class ModelRandomisation : public MapMetric {
 public:
  using Options = NoOptions;
  explicit ModelRandomisation(Options) {}
  bool higher_is_better() const override { return false; }
  Judged rule() const override { return Judged::by_weights; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/** Gini's coefficient of |φ| + 1e-7, Σ (2 i − P − 1) aᵢ / (P Σ a) over the sorted aᵢ: 0 all alike, 1 all in one pixel; Chalasani et al.
 * 2020. */
class Sparseness : public MapMetric {
 public:
  using Options = NoOptions;
  explicit Sparseness(Options) {}
  bool higher_is_better() const override { return true; }
  Judged rule() const override { return Judged::not_at_all; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/** Entropy in nats of |φ| / Σ |φ|: 0 all in one pixel, log P all alike; Bhatt et al. 2020. */
class Complexity : public MapMetric {
 public:
  using Options = NoOptions;
  explicit Complexity(Options) {}
  bool higher_is_better() const override { return false; }
  Judged rule() const override { return Judged::not_at_all; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

}  // namespace convscope
