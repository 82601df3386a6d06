#pragma once

#include "convscope/models/model.h"
#include "convscope/nn/perturb.h"

namespace convscope {

/**
 * The perturbative study's two small networks: three stages of one (`lenet`) or two (`cifarnet`) perturbation layers (nn/perturb.h), which
 * by default are ordinary convolutions, and a 3×3 pool with stride 2, then
 *
 *   dropout; linear1 to 128 (lenet) or 256 (cifarnet), batch norm, activation; dropout; linear2 to Y
 *
 * Convolutions start from N(0, 2 / fan-out), linear layers from PyTorch's default. Masks and linear1 are as large as the maps that come to
 * them, for pictures of any size.
 */
class Lenet : public Model {
 public:
  struct Design {
    int64_t layers;    // of each stage
    int64_t features;  // of the hidden dense layer
    Task task;
  };
  struct Options : PerturbationOptions {
    int64_t width = 64;
    int64_t first_filter_size = 3;
    int64_t filter_size = 3;
    std::string pool_type = "max";
    double dropout = 0.5;
    void fields(auto&& field) {
      field("width", width, "filters of each convolution");
      field("first_filter_size", first_filter_size, "rows and columns of the first convolution: 1, 3, 5 or 7; 0: masks");
      field("filter_size", filter_size, "rows and columns of the others: 1, 3, 5 or 7; 0: masks");
      PerturbationOptions::fields(field);
      field("pool_type", pool_type, "max or avg, padding counted");
      field("dropout", dropout, "share of the numbers before each dense layer that training sets to 0");
    }
  };
  Lenet(std::string name, Design design, Options options);
  Task usual_task() const override { return design_.task; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  std::string name_;
  Design design_;
  Options options_;
};

}  // namespace convscope
