#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * One or two hidden dense layers, each with ReLU, and no convolution: what the aliasing study sets its residual networks against.
 *
 *   size      tiny   small   medium   large
 *   hidden=1  58     200     800      3000    numbers, `fully_connected_tiny_shallow` … in the study
 *   hidden=2  55     180     600      1500    in each of both, `fully_connected_tiny_2hidden` …
 *
 * As many parameters as the residual networks of the same size, 83,050 to 4,389,400 on grey 32×32 and 400 classes.
 */
class FullyConnected : public Model {
 public:
  struct Options {
    std::string size = "tiny";
    int64_t hidden = 1;
    double dropout = 0;
    void fields(auto&& field) {
      field("size", size, "tiny, small, medium or large");
      field("hidden", hidden, "hidden layers, 1 or 2");
      field("dropout", dropout, "share of the numbers behind each hidden layer that training sets to 0");
    }
  };
  explicit FullyConnected(Options options);
  Task usual_task() const override { return {{1, 32, 32}, 400}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
  int64_t features_;  // of each hidden layer
};

}  // namespace convscope
