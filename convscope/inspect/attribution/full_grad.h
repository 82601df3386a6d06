#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * FullGrad, Srinivas and Fleuret 2019 (1905.00780), eq. 8: what the input adds and what every bias does,
 *
 *   ψ(∂f/∂x ⊙ x) + Σ over biases b of convolutions and batch norms ψ(∂f/∂z ⊙ b)     z: what the bias is added to
 *
 * ψ takes numbers without their sign, puts those of a node between 0 and 1 and makes maps of the picture's size, which are added up; of
 * batch norm b is β − γ μ / √(σ² + ε). Before ψ, and with the biases of dense layers, the shares of a network of ReLUs add up to f.
 */
class FullGrad : public Attribution {
 public:
  using Options = NoOptions;
  explicit FullGrad(Options) {}
  bool has_sign() const override { return false; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "bright: pixels there and biases of all layers there add most, up or down"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;
};

}  // namespace convscope
