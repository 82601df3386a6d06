#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * The attribution study's clone of AlexNet, Krizhevsky et al. 2012, with batch norm for its local response normalisation:
 *
 *   conv1 96, 11×11, stride 4, unpadded; ReLU; pool1; bn1
 *   conv2 256, 5×5; ReLU; pool2; bn2
 *   conv3 384, conv4 384, conv5 256, all 3×3; ReLU behind each; pool3
 *   dropout, linear1 2048, ReLU; dropout, linear2 2048, ReLU; linear3 Y
 *
 * Pools are 3×3 with stride 2; one that has no whole window to look at is left out. On 256×256 all three stand
 * (62 → 30 → 14 → 6), on 28×28 the first alone (5 → 2), as in the study. Batch norm is Keras': eps 1e-3, 1 % of the batch in the running
 * statistics. On grey 28×28 and 10 classes 10,040,714 parameters are trained; with the 704 statistics of batch norm there are 10,041,418.
 */
class Alexnet : public Model {
 public:
  struct Options {
    double dropout = 0.5;
    std::string init = "glorot-uniform";
    std::string bias_init = "zeros";
    void fields(auto&& field) {
      field("dropout", dropout, "share of the numbers before the first two dense layers that training sets to 0");
      field("init", init, "initialiser of weights");
      field("bias_init", bias_init, "initialiser of biases");
    }
  };
  explicit Alexnet(Options options);
  Task usual_task() const override { return {{1, 28, 28}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
