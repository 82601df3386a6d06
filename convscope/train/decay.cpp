#include "convscope/train/decay.h"

#include <algorithm>
#include <cassert>

#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/train/optimiser.h"

namespace convscope {

std::set<std::string> kernels_of(const Graph& network) {
  std::set<std::string> all;
  for (const Node& node : network.nodes())
    if (as<Conv2dOp>(*node.op) || as<LinearOp>(*node.op))
      all.insert(network.node(node.inputs[1]).name);
    else if (as<PerturbMixOp>(*node.op))  // a 1×1 convolution of the perturbed maps
      all.insert(network.node(node.inputs[PerturbMixOp::kWeight]).name);
  return all;
}

std::vector<float> decay_on_kernels(const Graph& network, const Weights& weights) {
  const std::set<std::string> kernels = kernels_of(network);
  std::vector<float> blocks(static_cast<size_t>((weights.trained_floats() + kDecayBlock - 1) / kDecayBlock));
  for (const Weights::Entry& e : weights.entries()) {
    if (!e.trained || !kernels.contains(e.name)) continue;
    assert(e.offset % kDecayBlock == 0);
    const int64_t first = e.offset / kDecayBlock, last = (e.offset + e.floats + kDecayBlock - 1) / kDecayBlock;
    std::fill(blocks.begin() + first, blocks.begin() + last, 1.0f);
  }
  return blocks;
}

}  // namespace convscope
