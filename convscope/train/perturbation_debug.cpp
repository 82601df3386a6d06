#include "convscope/train/perturbation_debug.h"

#include <algorithm>

#include "convscope/graph/ops/perturb.h"

namespace convscope {

namespace {

struct MaskedLayer {
  std::string name, input, masks;
  double level;
};

std::vector<MaskedLayer> masked_layers(const Graph& network) {
  std::vector<MaskedLayer> layers;
  for (const Node& node : network.nodes()) {
    const auto* one = as<PerturbOp>(*node.op);
    const auto* mixed = as<PerturbMixOp>(*node.op);
    if (!one && !mixed) continue;
    const double level = one ? one->get().level : mixed->get().level;
    layers.push_back({node.name.substr(0, node.name.rfind('.')), network.name(node.inputs[0]), network.name(node.inputs[1]), level});
  }
  return layers;
}

}  // namespace

Names PerturbationDebug::taps(const Graph& network) const {
  Names inputs;
  for (const MaskedLayer& layer : masked_layers(network)) inputs.insert(layer.input);
  require(!inputs.empty(), "train: `debug` tells what masks do, and this network has none");
  return inputs;
}

void PerturbationDebug::after_pass(const AfterPass& pass) {
  constexpr int64_t kShown = 4;
  for (const MaskedLayer& layer : masked_layers(pass.network)) {
    const Tensor& x = pass.program.tap(layer.input);
    const Tensor masks = pass.weights.get(layer.masks);
    std::string in, mask, sum;
    for (int64_t i = 0; i < std::min(kShown, x.shape()[3]); ++i) {
      const double noise = layer.level * masks[i];
      in += fmt::format("{:8.4f}", x[i]);
      mask += fmt::format("{:8.4f}", noise);
      sum += fmt::format("{:8.4f}", x[i] + noise);
    }
    tell_(fmt::format("update {}  {:<18}  x{}  level · mask{}  sum{}", pass.step + 1, layer.name, in, mask, sum));
  }
}

}  // namespace convscope
