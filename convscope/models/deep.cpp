#include "convscope/models/deep.h"

#include "convscope/models/head.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/one_of.h"
#include "convscope/nn/pool.h"

namespace convscope {

Deep::Deep(Options options) : options_(std::move(options)) { require_one_of("deep", "pools", options_.pools, {"early", "late"}); }

Value Deep::logits(Builder& graph, Value x, int64_t classes) const {
  constexpr int64_t kFilters[] = {16, 16, 16, 32, 32, 32, 64, 64, 64};
  const bool late = options_.pools == "late";
  const auto has_pool = [&](int n) { return late ? n <= 3 || n == 9 : n != 5; };
  for (int n = 1; n <= 9; ++n) {
    const Conv2d conv({.filters = kFilters[n - 1], .init = options_.init, .bias_init = options_.bias_init});
    x = conv.build(graph, fmt::format("conv{}", n), x);
    x = Relu({}).build(graph, fmt::format("relu{}", n), x);
    if (has_pool(n) && side(graph, x) >= 2) x = MaxPool({}).build(graph, fmt::format("pool{}", n), x);
  }
  return dense_head(graph, x, classes, options_.init, options_.bias_init);
}

}  // namespace convscope
