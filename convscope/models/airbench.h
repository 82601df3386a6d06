#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * The network of the fastest known trainings on CIFAR-10, Jordan 2024 (arXiv:2404.00498), section 3.1, without its 1/9 before the softmax,
 * which the first weights of the last layer have in them:
 *
 *   whiten  2×2 convolution to 8 C filters that make patches of the pictures white, frozen (nn/initialisers.h); its bias is trained
 *   block1, block2, block3   convolution, 2×2 max pool, batch norm, activation; convolution, batch norm, activation
 *   3×3 max pool, linear without bias
 *
 * Convolutions are 3×3 without bias and begin by handing channels on (`dirac`), batch norm has no scale that is trained and forgets
 * quickly. The activation is celu instead of GELU, whose slope cannot be told from its result.
 */
class Airbench : public Model {
 public:
  struct Options {
    int64_t width = 64;
    int64_t wide = 256;
    double alpha = 0.3;
    void fields(auto&& field) {
      field("width", width, "filters of the first block's convolutions");
      field("wide", wide, "filters of the second and third block's");
      field("alpha", alpha, "of celu");
    }
    void check(std::string_view whose) const;
  };
  explicit Airbench(Options options) : options_(options) {}
  Task usual_task() const override { return {{3, 32, 32}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
