#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * The network behind the attribution study's figures: four 3×3 convolutions of 16, 16, 16 and 32 filters, each with ReLU and a 2×2
 * pool, then dense layers of 512, 50 and Y. The second and the third convolution are one layer used twice.
 *
 * 50,176 parameters on grey 28×28 and 10 classes; 4,228,129 on colour 256×256 and 5.
 */
class Medium : public Model {
 public:
  struct Options {
    std::string init = "pytorch";
    std::string bias_init = "pytorch";
    void fields(auto&& field) {
      field("init", init, "initialiser of weights");
      field("bias_init", bias_init, "initialiser of biases");
    }
  };
  explicit Medium(Options options) : options_(std::move(options)) {}
  Task usual_task() const override { return {{1, 28, 28}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
