#pragma once

#include "convscope/inspect/attribution/quality/map_metric.h"

namespace convscope {

/**
 * The largest ‖φ(x′) − φ(x)‖ / ‖φ(x)‖ over copies x′ of the image with noise from −0.02 to 0.02 at each pixel; Yeh et al. 2019. Not defined
 * where φ(x) is zero, or no more than float32's rounding beside a copy's: ‖φ(x)‖ ≤ 1e-6 ‖φ(x′)‖.
 */
class SensitivityMax : public MapMetric {
 public:
  using Options = NoOptions;
  explicit SensitivityMax(Options) {}
  Bounds bounds() const override { return {.low = 0}; }
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
  Bounds bounds() const override { return kCorrelations; }
  bool higher_is_better() const override { return false; }
  Judged rule() const override { return Judged::by_weights; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
  std::vector<std::vector<double>> curve(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

/**
 * Gini's coefficient of a = |φ| / max |φ| + 1e-7, Σ (2 i − P − 1) aᵢ / (P Σ a) over the sorted aᵢ: 0 all alike, 1 all in one pixel;
 * Chalasani et al. 2020. Of a map of zeros 0.
 */
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
  Bounds bounds() const override { return {.low = 0}; }
  bool higher_is_better() const override { return false; }
  Judged rule() const override { return Judged::not_at_all; }
  std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const override;
};

}  // namespace convscope
