#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/**
 * Means of windows that lie evenly over the plane, whatever its size: PyTorch's AdaptiveAvgPool2d.
 *
 *   x [N, C, H, W] → y [N, C, rows, columns]   row i: the mean of rows ⌊i H / rows⌋ up to ⌈(i + 1) H / rows⌉, columns alike
 *
 * Where x is of that size it is x itself. A plane that is smaller is repeated.
 */
class AdaptiveAvgPool : public Layer {
 public:
  struct Options {
    int64_t rows = 7;
    int64_t columns = 7;
    void fields(auto&& field) {
      field("rows", rows, "that come out");
      field("columns", columns, "that come out");
    }
  };
  explicit AdaptiveAvgPool(Options options);
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

}  // namespace convscope
