#include "convscope/api/redrawn_network.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/nn/initialisers.h"

namespace convscope {

namespace {

constexpr int64_t kMostStages = 5;

/** Drawn for a parameter of which nobody knows how it began. */
Tensor drawn(const std::string& name, const Tensor& trained, uint64_t seed) {
  const RandomStream random(seed, "redrawn/" + name);
  Tensor t(trained.shape());
  if (trained.shape().rank() < 2) {
    const std::vector<int64_t> order = permutation(t.size(), random);
    for (int64_t i = 0; i < t.size(); ++i) t[i] = trained[order[static_cast<size_t>(i)]];
    return t;
  }
  const float deviation = std::sqrt(2.0f / static_cast<float>(fans(t.shape()).in));
  for (int64_t i = 0; i < t.size(); ++i) t[i] = deviation * random.normal(static_cast<uint64_t>(i));
  return t;
}

/** Names of the parameters of each layer, the last one first: a layer begins where filters or a matrix are read. */
std::vector<std::vector<std::string>> layers_from_the_last(const Graph& graph) {
  const auto readers = graph.readers();
  std::vector<std::pair<int, ParameterInfo>> read;
  for (ParameterInfo& p : parameters(graph)) {
    const auto& by = readers[static_cast<size_t>(graph.at(p.name).node)];
    read.emplace_back(by.empty() ? 0 : by.front(), std::move(p));
  }
  std::stable_sort(read.begin(), read.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::vector<std::string>> layers;
  int last = -1;
  for (const auto& [reader, p] : read) {
    if (layers.empty() || (p.shape.rank() >= 2 && reader != last)) layers.emplace_back();
    if (p.shape.rank() >= 2) last = reader;
    layers.back().push_back(p.name);
  }
  std::reverse(layers.begin(), layers.end());
  return layers;
}

}  // namespace

Network randomised(Network network, uint64_t seed) {
  const std::map<std::string, Tensor> own = network.tensors;
  network = untrained(std::move(network), seed);
  const std::vector<ParameterInfo> all = parameters(network.graph);
  const bool tells = std::any_of(all.begin(), all.end(), [](const ParameterInfo& p) { return p.shape.rank() >= 2 && p.init != "zeros"; });
  if (!tells)
    for (auto& [name, tensor] : network.tensors) tensor = drawn(name, own.at(name), seed);
  return network;
}

RedrawnNetwork::RedrawnNetwork(const Network& network, const Setting& setting, uint64_t seed, int64_t batch)
    : own_(network.tensors),
      drawn_(randomised(network, seed).tensors),
      layers_(layers_from_the_last(network.graph)),
      stages_(std::min(kMostStages, std::ssize(layers_))),
      weights_(network.weights()),
      subject_(network.graph, weights_, {.batch = batch, .precision = setting.execution.precision, .engine = setting.execution.engine}) {}

void RedrawnNetwork::set_state(int64_t stage) {
  const int64_t drawn = stages_ == 0 ? 0 : (stage * std::ssize(layers_) + stages_ - 1) / stages_;
  for (int64_t k = 0; k < std::ssize(layers_); ++k)
    for (const std::string& name : layers_[static_cast<size_t>(k)]) weights_->set(name, k < drawn ? drawn_.at(name) : own_.at(name));
  weights_->changed();
}

}  // namespace convscope
