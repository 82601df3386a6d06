#pragma once

#include "convscope/graph/ops/affine.h"
#include "convscope/nn/layer.h"

namespace convscope {

/** Mean and standard deviation of each channel, for pixels in [0, 1]. Both empty: pixels go in as they are. One number: for all channels.
 */
using Normalization = NormalizeOptions;

/** (x − mean) / std, channel by channel; x itself where nothing is said. */
class Normalize : public Layer {
 public:
  using Options = Normalization;
  explicit Normalize(Options options) : options_(std::move(options)) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

}  // namespace convscope
