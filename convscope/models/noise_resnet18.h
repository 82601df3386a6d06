#pragma once

#include "convscope/models/model.h"
#include "convscope/nn/perturb.h"

namespace convscope {

/**
 * The residual network of 18 layers with which perturbation was first published: noise layers (nn/perturb.h) of width f, 2 f, 4 f, 8 f.
 * A block of stride t is
 *
 *   y = relu(bn2(noise2(relu(bn1(maxpool_t(noise1(x)))))) + shortcut(x))
 *
 * with x, or where sizes change a 1×1 convolution of stride t and batch norm, as the shortcut. The stem is a convolution with batch norm
 * and ReLU: 7×7 with stride 2 and a 3×3 pool with stride 2, or 3×3.
 *
 * With width 128 on 32×32: 7×7 5,640,074 parameters and 68,608 numbers in masks, 3×3 5,624,714 and 1,097,728.
 */
class NoiseResnet18 : public Model {
 public:
  struct Options {
    int64_t width = 64;
    int64_t first_filter_size = 7;
    double level = 0.1;
    bool train_stem = true;
    void fields(auto&& field) {
      field("width", width, "filters of the first stage");
      field("first_filter_size", first_filter_size, "the stem: 7, with stride 2 and a pool, or 3");
      field("level", level, "factor of the masks");
      field("train_stem", train_stem, "false: the stem's filters stay as they were drawn, as in the authors' later runs");
    }
  };
  explicit NoiseResnet18(Options options);
  Task usual_task() const override { return {{3, 32, 32}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
