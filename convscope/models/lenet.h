#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * The perturbative study's two small networks, here with ordinary convolutions: three stages of one (`lenet`) or two (`cifarnet`) layers
 * and a 3×3 pool with stride 2, then
 *
 *   dropout; linear1 to 128 (lenet) or 256 (cifarnet), batch norm, activation; dropout; linear2 to Y
 *
 * A layer is a convolution of `width` filters, batch norm and the activation. Convolutions start from N(0, 2 / fan-out), linear layers from
 * PyTorch's default. As in the study a 1×1 convolution has a bias, others have none, and a first one of 7×7 has stride 2. Otherwise all
 * are padded to keep the picture's size: the study pads 5×5 by 1 alone, so that its sizes do not fit, and gives 7×7 the stride 2
 * everywhere.
 */
class Lenet : public Model {
 public:
  struct Design {
    int64_t layers;    // of each stage
    int64_t features;  // of the hidden dense layer
    Task task;
  };
  struct Options {
    int64_t width = 64;
    int64_t first_filter_size = 3;
    int64_t filter_size = 3;
    std::string act = "relu";
    std::string pool_type = "max";
    double dropout = 0.5;
    void fields(auto&& field) {
      field("width", width, "filters of each convolution");
      field("first_filter_size", first_filter_size, "rows and columns of the first convolution: 1, 3, 5 or 7");
      field("filter_size", filter_size, "rows and columns of the others: 1, 3, 5 or 7");
      field("act", act, "activation: relu, lrelu, prelu, rrelu, elu, selu, tanh or sigmoid");
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
