#include "convscope/models/onnx/exporter_faults.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/base/json.h"

namespace convscope {

namespace {

bool is_layer(const OnnxNode& node) {
  return node.domain.empty() && (node.op == "Conv" || node.op == "Gemm" || node.op == "ConvTranspose") && node.inputs.size() == 3 &&
         !node.outputs.empty();
}

bool all_zero(const OnnxTensor& t) {
  return std::all_of(t.reals.begin(), t.reals.end(), [](float v) { return v == 0; });
}

}  // namespace

std::vector<std::string> overwritten_biases(const OnnxModel& model) {
  std::map<std::pair<std::string, std::string>, std::vector<const OnnxNode*>> sharing;  // by input and bias
  for (const OnnxNode& node : model.nodes)
    if (is_layer(node)) sharing[{node.inputs[0], node.inputs[2]}].push_back(&node);
  std::vector<std::string> names;
  for (const auto& [key, sharers] : sharing) {
    const std::vector<const OnnxNode*>& layers = sharers;
    const auto& [input, bias] = key;
    const auto constant = model.constants.find(bias);
    const bool other_weights =
        std::any_of(layers.begin(), layers.end(), [&](const OnnxNode* layer) { return layer->inputs[1] != layers[0]->inputs[1]; });
    if (!other_weights || bias != input + "_bias" || constant == model.constants.end() || all_zero(constant->second)) continue;
    for (const OnnxNode* layer : layers) names.push_back(shown(Json(layer->name.empty() ? layer->outputs.at(0) : layer->name)));
  }
  if (names.empty()) return {};
  return {
      fmt::format("the file does not hold the network that was trained: batch-norm folding of its exporter has overwritten biases "
                  "(pytorch#166797), so that layers share one that belongs to one of them: {}. Export it anew with onnxscript 0.5.7 or "
                  "later, with optimize=False or with dynamo=False",
                  join(names, ", "))};
}

}  // namespace convscope
