#include "convscope/api/features.h"

#include <optional>

#include "convscope/api/shared_stream.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/tensor/npy.h"

namespace convscope {

std::string last_features(const Graph& graph) {
  std::string linear, convolution;
  for (const Node& node : graph.nodes()) {
    if (node.op->kind() == LinearOp::kKind) linear = graph.name(node.inputs.front());
    if (node.op->kind() == Conv2dOp::kKind) convolution = graph.name(node.inputs.front());
  }
  require(!linear.empty() || !convolution.empty(), "`save_features`: the network has no layer with weights whose input could be kept");
  return linear.empty() ? convolution : linear;
}

void write_features(const Path& file, const Network& network, const Pictures& pictures, const std::string& node, const Setting& setting) {
  NetworkSubject subject = subject_of(network, setting);
  const Shape one = subject.shape(node);
  std::vector<int64_t> extents{pictures.size()};
  extents.insert(extents.end(), one.extents().begin(), one.extents().end());
  std::optional<NpyWriter> features;
  if (setting.ranks->is_root()) features.emplace(file, Shape(extents));
  stream_on_ranks(*setting.ranks, subject, node, pictures,
                  [&](int64_t, int64_t count, const Tensor& y) { features->add(y.span().first(static_cast<size_t>(count * one.size()))); });
  if (features) features->finish();
}

}  // namespace convscope
