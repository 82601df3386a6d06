#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/**
 * y = x weightᵀ + bias.
 *
 *   x       [N, F]; [N, C, H, W] counts as flattened, F = C H W
 *   weight  [K, F]
 *   bias    [K]
 *   y       [N, K]
 *
 * Weights and bias start from U(±1 / √F), PyTorch's default.
 */
class Linear : public Layer {
 public:
  struct Options {
    int64_t features = 10;  // K
    bool bias = true;
    std::string init = "pytorch";
    std::string bias_init = "pytorch";

    void fields(auto&& field) {
      field("features", features, "numbers that come out");
      field("bias", bias, "a number for each of them is added");
      field("init", init, "initialiser of the weight");
      field("bias_init", bias_init, "initialiser of the bias");
    }
  };

  explicit Linear(Options options) : options_(std::move(options)) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

}  // namespace convscope
