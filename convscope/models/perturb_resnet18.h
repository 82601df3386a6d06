#pragma once

#include "convscope/models/model.h"
#include "convscope/nn/perturb.h"

namespace convscope {

/**
 * The perturbation study's network: a residual network of 18 layers whose 3×3 convolutions are perturbation layers (nn/perturb.h), of
 * width f, 2 f, 4 f and 8 f. The first layer's 7×7 convolution is followed by a 3×3 pool with stride 2. A block of stride t is
 *
 *   y = relu(perturb2(pool_t(perturb1(x))) + shortcut(x))      shortcut: x, or where sizes change a 1×1 convolution of stride t and batch
 * norm
 *
 * Both layers end with batch norm and the activation, so that what is added is activated already; the last ReLU stays whatever `act` is.
 * Masks are as large as the map that they are added to, for pictures of any size; the last pool takes the mean of what is left.
 *
 * With width 128 on 32×32 (study's run; masks apart): first_filter_size=3,filter_size=1 (4) 5,611,146 parameters; 0, 0 (5) 5,608,202
 * and 1,100,800 numbers in masks; 3, 0 with nmasks=64 (7, 8) 1,220,234, with mix_maps (6) 6,813,834 and 70,254,592.
 */
class PerturbResnet18 : public Model {
 public:
  struct Options : PerturbationOptions {
    int64_t width = 64;
    int64_t first_filter_size = 0;
    int64_t filter_size = 0;
    bool separable = false;
    bool wide_first = false;
    std::string pool_type = "max";
    void fields(auto&& field) {
      field("width", width, "filters of the first stage");
      field("first_filter_size", first_filter_size, "first layer: 0 masks; 1, 3, 5 or 7: a convolution of that size");
      field("filter_size", filter_size, "all other layers alike");
      field("separable", separable, "convolutions behind the first layer are depthwise separable: one for each channel and a 1×1");
      field("wide_first", wide_first, "the first layer is the one of the authors' later network, five masks a channel for each filter");
      PerturbationOptions::fields(field);
      field("pool_type", pool_type, "how blocks halve the map: max or avg");
    }
  };
  explicit PerturbResnet18(Options options);
  Task usual_task() const override { return {{3, 32, 32}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
