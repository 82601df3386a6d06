#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * The deep sequential network of the attribution study: nine 3×3 convolutions of 16, 16, 16, 32, 32, 32, 64, 64, 64 filters, each with
 * ReLU, then dense layers of 512, 50 and Y.
 *
 * A 2×2 pool stands behind every convolution but the fifth, as long as there are two rows and columns left: four pools on 28×28
 * (28 → 14 → 7 → 3 → 1, 179,728 parameters for grey pictures and 10 classes), eight on 256×256. The study's later version for 28×28
 * leaves out the fourth pool and has one behind the last convolution instead (`pools=late`): convolutions 4 to 9 then see 3×3 maps.
 *
 * `shared=true` is the study's functional variant for 28×28, 131,232 parameters: 16 filters at the entry, a layer of 16 twice, one of 32, a
 * layer of 32 twice, one of 64 and a layer of 64 twice, each pair with the same weights; pools behind the 2nd, 3rd, 4th and 6th.
 */
class Deep : public Model {
 public:
  struct Options {
    std::string pools = "early";
    bool shared = false;
    std::string init = "glorot-uniform";
    std::string bias_init = "zeros";
    void fields(auto&& field) {
      field("pools", pools,
            "early: behind each convolution but the fifth while rows are left; late: the fourth pool stands behind the last convolution");
      field("shared", shared, "three of the layers are used twice each, with the same weights; pools as in that variant alone");
      field("init", init, "initialiser of weights");
      field("bias_init", bias_init, "initialiser of biases");
    }
  };
  explicit Deep(Options options);
  Task usual_task() const override { return {{1, 28, 28}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
