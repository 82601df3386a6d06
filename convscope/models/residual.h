#pragma once

#include <array>

#include "convscope/models/model.h"

namespace convscope {

/**
 * Residual networks, He et al. 2016. y = relu(branch(x) + shortcut(x)); the branch is, with a batch norm behind each convolution and a
 * ReLU between them,
 *
 *   basic       3×3, 3×3
 *   bottleneck  1×1, 3×3, 1×1 to four times the filters; the stride stands in the 3×3 (torchvision's, also called v1.5)
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

/**
 * The same with projections and other widths, for the aliasing study's oscillations: grey 32×32, 400 classes. Filters of the three stages:
 *
 *   size          tiny      small      medium      large
 *   widths=incr   8 16 32   16 32 64   32 64 128   64 128 256
 *   widths=const  20        40         80          160
 *
 * The study's `resnet20_small_incr` is `oscillation-resnet,depth=20,size=small,widths=incr`, 297,536 parameters; its depths are 8, 20, 32,
 * 44, 56, 110 and 272.
 */
class OscillationResnet : public Model {
 public:
  struct Options {
    int64_t depth = 20;
    std::string size = "small";
    std::string widths = "incr";
    void fields(auto&& field) {
      field("depth", depth, "weighted layers, 2 more than a multiple of 6");
      field("size", size, "tiny, small, medium or large");
      field("widths", widths, "incr: filters double from stage to stage; const: as many in all three");
    }
  };
  explicit OscillationResnet(Options options);
  Task usual_task() const override { return {{1, 32, 32}, 400}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

/** For ImageNet: four stages of width, 2, 4 and 8 times width filters, projections where sizes change; torchvision's names. */
class Resnet : public Model {
 public:
  struct Design {
    std::array<int64_t, 4> blocks;  // of each stage
    bool bottleneck = false;
  };
  struct Options {
    std::string stem = "imagenet";
    int64_t width = 64;
    void fields(auto&& field) {
      field("stem", stem, "imagenet: 7×7 with stride 2 and a 3×3 pool with stride 2; cifar: 3×3 alone");
      field("width", width, "filters of the first stage");
    }
  };
  Resnet(std::string name, Design design, Options options);
  Task usual_task() const override { return options_.stem == "imagenet" ? Task{{3, 224, 224}, 1000} : Task{{3, 32, 32}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Design design_;
  Options options_;
};

}  // namespace convscope
