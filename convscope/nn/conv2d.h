#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/**
 * 2-D convolution, zero-padded, channels first.
 *
 *   x       [N, C, H, W]
 *   weight  [K, C / groups, R, S]
 *   bias    [K]
 *   y       [N, K, H', W']     H' = (H + 2 pad - dilation (R - 1) - 1) / stride + 1, W' alike
 *
 * Weights start from N(0, 2 groups / (C R S)), He et al. 2015, eq. 10.
 */
class Conv2d : public Layer {
 public:
  struct Options {
    int64_t filters = 64;  // K
    int64_t kernel = 3;    // R = S
    int64_t stride = 1;
    int64_t pad = 1;  // on each side
    int64_t dilation = 1;
    int64_t groups = 1;
    bool bias = true;
    std::string init = "he-normal";
    std::string bias_init = "zeros";

    void fields(auto&& field) {
      field("filters", filters, "output channels");
      field("kernel", kernel, "rows and columns of the window");
      field("stride", stride, "step of the window");
      field("pad", pad, "zeros added on each side");
      field("dilation", dilation, "distance of the window's samples");
      field("groups", groups, "channel groups that do not mix");
      field("bias", bias, "a number for each filter is added");
      field("init", init, "initialiser of the weight");
      field("bias_init", bias_init, "initialiser of the bias");
    }
  };

  explicit Conv2d(Options options) : options_(std::move(options)) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

}  // namespace convscope
