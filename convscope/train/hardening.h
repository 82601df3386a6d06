#pragma once

#include <map>
#include <memory>
#include <vector>

#include "convscope/engine/program.h"
#include "convscope/train/adversarial.h"

namespace convscope {

/** Moves the pictures of a training's batches, as an InnerSearch says, with programs over the weights as they are just then. */
class Hardening {
 public:
  /** The training's own programs come first: they lay out the weights. Batches have one of these sizes. */
  Hardening(const InnerSearch& search, const Graph& network, const std::shared_ptr<Weights>& weights, const Execution& execution,
            const std::vector<int64_t>& sizes);

  /**
   * Before an update with `count` pictures: those in the first rows of the program's pixels [count, …] are moved there, or with pairs the
   * moved ones come behind them, [2 count, …].
   */
  void move(Program& training, int64_t count, const RunContext& context);
  /** After its run, where the update's own slope moves what is `kept`. */
  void keep(Program& training);

  /** Where pictures start that are moved on from batch to batch, [N, C, H, W]; empty where they do not. A checkpoint holds it. */
  Tensor& kept() { return kept_; }
  const Tensor& kept() const { return kept_; }

 private:
  void start(std::span<float> x, int64_t count, const RunContext& context) const;
  /** ∂/∂x of what is climbed, of the pictures at x. */
  const float* slope(Program& training, std::span<const float> x, int64_t count, const RunContext& context);
  /** Softmax of the answers for the pictures as they are. */
  void note_answers(int64_t count, const RunContext& context);

  InnerSearch search_;
  std::map<int64_t, std::unique_ptr<Program>> climbing_;  // by batch size
  std::vector<float> clean_;
  Tensor kept_;
};

}  // namespace convscope
