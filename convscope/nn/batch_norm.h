#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/**
 * Batch normalisation, Ioffe and Szegedy 2015: y = weight (x − mean) / √(variance + eps) + bias.
 *
 *   x                          [N, C, H, W]
 *   running_mean, running_var  P = [C]; [C, H, W] with per_activation
 *   weight, bias               P, or [1] with scalar_scale
 *
 * In training, mean and variance are the batch's; otherwise the running ones: running ← (1 − momentum) running + momentum · batch.
 */
class BatchNorm : public Layer {
 public:
  struct Options {
    double eps = 1e-5;
    double momentum = 0.1;
    bool per_activation = false;
    bool unbiased = true;
    bool scalar_scale = false;

    void fields(auto&& field) {
      field("eps", eps, "added to the variance");
      field("momentum", momentum, "share of the batch in the running statistics");
      field("per_activation", per_activation, "statistics for each (channel, row, column) over the batch alone");
      field("unbiased", unbiased, "the running variance takes the unbiased variance of the batch");
      field("scalar_scale", scalar_scale, "one weight and one bias for the whole layer");
    }
  };

  explicit BatchNorm(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

}  // namespace convscope
