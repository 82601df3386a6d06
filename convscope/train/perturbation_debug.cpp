#include "convscope/train/perturbation_debug.h"

#include <algorithm>

#include "convscope/graph/ops/perturb.h"

namespace convscope {

namespace {

struct MaskedLayer {
  std::string name, input, masks;
  std::string sum;  // the node that gives it; empty where masks, activation and weights are one op and no sum lies in memory
  double level;
};

std::vector<MaskedLayer> masked_layers(const Graph& network) {
  std::vector<MaskedLayer> layers;
  for (const Node& node : network.nodes()) {
    const auto* one = as<PerturbOp>(*node.op);
    const auto* mixed = as<PerturbMixOp>(*node.op);
    if (!one && !mixed) continue;
    const double level = one ? one->get().level : mixed->get().level;
    layers.push_back({node.name.substr(0, node.name.rfind('.')), network.name(node.inputs[0]), network.name(node.inputs[1]),
                      one ? node.name : std::string(), level});
  }
  return layers;
}

}  // namespace

Names PerturbationDebug::taps(const Graph& network) const {
  Names values;
  for (const MaskedLayer& layer : masked_layers(network)) {
    values.insert(layer.input);
    if (!layer.sum.empty()) values.insert(layer.sum);
  }
  require(!values.empty(), "train: `debug` tells what masks do, and this network has none");
  return values;
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
      if (!layer.sum.empty()) sum += fmt::format("{:8.4f}", pass.program.tap(layer.sum)[i]);
    }
    if (layer.sum.empty()) sum = "s are not kept: activation and weights follow in the same op";
    tell_(fmt::format("update {}  {:<18}  x{}  level · mask{}  sum{}", pass.step + 1, layer.name, in, mask, sum));
  }
}

}  // namespace convscope
