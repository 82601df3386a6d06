#pragma once

#include <array>

#include "convscope/models/model.h"

namespace convscope {

/**
 * Residual networks of basic blocks, He et al. 2016: y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).
 *
 * Convolutions start from N(0, 2 / fan-out) as in the authors' Torch release and in torchvision; the last layer and all else as in
 * PyTorch. Goals: the published networks, names of PyTorch's state dicts. Non-goal: a language for residual networks.
 */

/** For 32×32: three stages of (depth − 2) / 6 blocks with 16, 32 and 64 filters, section 4.2. */
class CifarResnet : public Model {
 public:
  struct Options {
    std::string shortcut = "identity";
    void fields(auto&& field) {
      field("shortcut", shortcut,
            "where sizes change; identity: every second pixel, zeros for the new channels, half before and half behind (option A); "
            "projection: a 1×1 convolution with batch norm (option B)");
    }
  };
  CifarResnet(std::string name, int64_t depth, Options options);
  Task usual_task() const override { return {{3, 32, 32}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  int64_t depth_;
  Options options_;
};

/** For ImageNet: four stages of width, 2, 4 and 8 times width filters, projections where sizes change; torchvision's names. */
class Resnet : public Model {
 public:
  using Blocks = std::array<int64_t, 4>;  // of each stage
  struct Options {
    std::string stem = "imagenet";
    int64_t width = 64;
    void fields(auto&& field) {
      field("stem", stem, "imagenet: 7×7 with stride 2 and a 3×3 pool with stride 2; cifar: 3×3 alone");
      field("width", width, "filters of the first stage");
    }
  };
  Resnet(std::string name, Blocks blocks, Options options);
  Task usual_task() const override { return options_.stem == "imagenet" ? Task{{3, 224, 224}, 1000} : Task{{3, 32, 32}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Blocks blocks_;
  Options options_;
};

}  // namespace convscope
