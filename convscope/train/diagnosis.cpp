#include "convscope/train/diagnosis.h"

#include <algorithm>
#include <cmath>

namespace convscope {

namespace {

std::string count(const Tensor& t) {
  const auto bad = [](float v) { return !std::isfinite(v); };
  const auto values = t.span();
  const auto first = std::find_if(values.begin(), values.end(), bad) - values.begin();
  const auto many = std::count_if(values.begin(), values.end(), bad);
  return t.shape().rank() < 2
             ? fmt::format("{} of {} numbers", many, t.size())
             : fmt::format("{} of {} numbers, the first for image {} of the batch", many, t.size(), first / t.shape().inner());
}

}  // namespace

std::string first_non_finite(const Graph& network, const std::shared_ptr<Weights>& weights, const Request& request, const Tensor& pixels,
                             const Tensor& labels, const RunContext& context) {
  if (!all_finite(pixels.span())) return fmt::format("the pictures: {}", count(pixels));
  for (const Weights::Entry& e : weights->entries()) {
    if (!e.trained) continue;  // this step's statistics have been written by now
    const Tensor t = weights->get(e.name);
    if (!all_finite(t.span()))
      return fmt::format("parameter '{}': {} numbers are not finite, made so by an earlier update", e.name,
                         std::count_if(t.span().begin(), t.span().end(), [](float v) { return !std::isfinite(v); }));
  }
  Request everything = request;
  std::vector<std::string> order;
  for (const Node& node : network.nodes()) {
    if (node.inputs.empty()) continue;
    everything.taps.insert(node.name);
    order.push_back(node.name);
  }
  const auto copy = std::make_shared<Weights>(network, weights->tensors());  // the run writes statistics
  const auto program = compile(network, copy, everything);
  std::copy_n(pixels.data(), pixels.size(), program->input(kPixels).data());
  std::copy_n(labels.data(), labels.size(), program->input(kLabels).data());
  program->run(context);
  for (const std::string& name : order)
    if (const Tensor& t = program->tap(name); !all_finite(t.span())) return fmt::format("node '{}': {}", name, count(t));
  return "the loss itself: every node of the network is finite";
}

}  // namespace convscope
