#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * The deep sequential network of the attribution study: nine 3×3 convolutions of 16, 16, 16, 32, 32, 32, 64, 64, 64 filters, each with
 * ReLU, then dense layers of 512, 50 and Y.
 *
 * A 2×2 pool stands behind every convolution but the fifth, as long as there are two rows and columns left: four pools on 28×28
 * (28 → 14 → 7 → 3 → 1, 179,728 parameters for grey pictures and 10 classes), eight on 256×256.
 */
class Deep : public Model {
 public:
  struct Options {
    std::string init = "glorot-uniform";
    std::string bias_init = "zeros";
    void fields(auto&& field) {
      field("init", init, "initialiser of weights");
      field("bias_init", bias_init, "initialiser of biases");
    }
  };
  explicit Deep(Options options) : options_(std::move(options)) {}
  Task usual_task() const override { return {{1, 28, 28}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
