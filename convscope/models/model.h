#pragma once

#include "convscope/nn/normalize.h"

namespace convscope {

/** What a network is asked: pictures [C, H, W], and how many classes they fall into. */
struct Task {
  Shape image;
  int64_t classes = 10;
};

/** A published network whose sizes follow from the pictures and the classes. */
class Model {
 public:
  virtual ~Model() = default;

  /**
   * The network for a batch of one; its output is the logits [1, Y], its pictures are in [0, 1]. The first node normalises them
   * where `normalization` says something. Parameters carry PyTorch's state dict names.
   */
  virtual Graph build(const Shape& image, int64_t classes, const Normalization& normalization = {}) const;

  /** What it was published for. */
  virtual Task usual_task() const = 0;

 protected:
  /** From normalised pictures [1, C, H, W] to logits [1, Y]. */
  virtual Value logits(Builder& graph, Value x, int64_t classes) const = 0;
};

/** The family. */
const Table<Model>& models();

}  // namespace convscope
