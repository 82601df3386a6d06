#pragma once

#include "convscope/graph/op.h"

namespace convscope {

struct TradesOptions {
  double beta = 6;
  void fields(auto&& field) { field("beta", beta, "weight of the divergence between the answers for a picture and for the moved one"); }
};
/**
 * (x [2 N, Y] logits, labels [2 N]) → [1]; row n is a picture's, row N + n the moved picture's, whose label nobody reads.
 *
 *   1/N Σ_n −log p_n[label n] + β/N Σ_n KL(p_n ‖ q_n)      p_n = softmax(x_n), q_n = softmax(x_{N+n})
 *
 * Zhang et al. 2019, equation 5. Slopes: for x_n (p − t + β p ⊙ (log p − log q − KL)) / N, for x_{N+n} β (q − p) / N.
 */
class TradesOp : public OpOf<TradesOp, TradesOptions> {
 public:
  static constexpr std::string_view kKind = "trades";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (x, labels, dloss [1]) → dx. Same options. */
class TradesBackwardOp : public OpOf<TradesBackwardOp, TradesOptions> {
 public:
  static constexpr std::string_view kKind = "trades-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope
