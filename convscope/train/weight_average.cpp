#include "convscope/train/weight_average.h"

#include <algorithm>

#include "convscope/train/optimisers/kernels.h"

namespace convscope {

WeightAverage::WeightAverage(const Graph& network, const Weights& weights, double decay)
    : decay_(decay), average_(std::make_shared<Weights>(network, weights.tensors())) {
  std::map<std::string, std::shared_ptr<const Layout>> layouts;
  for (const Weights::Entry& e : weights.entries()) {
    if (e.layout) layouts.emplace(e.name, e.layout);
    floats_ = std::max(floats_, e.offset + e.floats);
  }
  average_->arrange(layouts);
}

void WeightAverage::set(const std::map<std::string, Tensor>& tensors) {
  for (const auto& [name, tensor] : tensors) average_->set(name, tensor);
}

void WeightAverage::update(const Weights& weights, int64_t step) {
  const double t = static_cast<double>(step), memory = std::min(decay_, (1 + t) / (10 + t));
  kernels::average_update(floats_, static_cast<float>(1 - memory), average_->data(), weights.data());
  average_->changed();
}

}  // namespace convscope
