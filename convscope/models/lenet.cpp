#include "convscope/models/lenet.h"

#include <utility>

#include "convscope/graph/ops/reshape.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/dropout.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/one_of.h"
#include "convscope/nn/pool.h"

namespace convscope {

Lenet::Lenet(std::string name, Design design, Options options)
    : name_(std::move(name)), design_(std::move(design)), options_(std::move(options)) {
  constexpr int64_t kWidest = 4096;
  const auto require_window = [&](std::string_view option, int64_t size) {
    require(size == 0 || size == 1 || size == 3 || size == 5 || size == 7, "{}: option '{}' is {}; 0 (masks), 1, 3, 5 or 7 were wanted",
            name_, option, size);
  };
  require(options_.width >= 1 && options_.width <= kWidest, "{}: option 'width' must lie between 1 and {}, got {}", name_, kWidest,
          options_.width);
  require_window("first_filter_size", options_.first_filter_size);
  require_window("filter_size", options_.filter_size);
  options_.check(name_);
  require_one_of(name_, "pool_type", options_.pool_type, {"max", "avg"});
  require(options_.dropout >= 0 && options_.dropout < 1, "{}: option 'dropout' must be at least 0 and below 1, got {}", name_,
          options_.dropout);
}

Value Lenet::logits(Builder& graph, Value x, int64_t classes) const {
  constexpr int kStages = 3;
  const std::unique_ptr<Layer> act = activation(options_.act, name_);
  const auto layer = [&](int n) {
    Perturb::Options o;
    static_cast<PerturbationOptions&>(o) = options_;
    o.filters = options_.width;
    o.first = n == 1;
    o.filter_size = o.first ? options_.first_filter_size : options_.filter_size;
    x = Perturb(std::move(o)).build(graph, fmt::format("layer{}", n), x);
  };
  const auto pool = [&](int n) {
    const std::string name = fmt::format("pool{}", n);
    x = options_.pool_type == "max" ? MaxPool({.kernel = 3, .stride = 2, .pad = 1}).build(graph, name, x)
                                    : AvgPool({.kernel = 3, .stride = 2, .pad = 1}).build(graph, name, x);
  };
  const auto dense = [&](int n, int64_t features) {
    if (options_.dropout > 0) x = Dropout({.rate = options_.dropout}).build(graph, fmt::format("dropout{}", n), x);
    x = Linear({.features = features}).build(graph, fmt::format("linear{}", n), x);
  };

  for (int stage = 1, n = 1; stage <= kStages; ++stage) {
    for (int64_t i = 0; i < design_.layers; ++i) layer(n++);
    pool(stage);
  }
  dense(1, design_.features);
  x = graph.add<UnflattenOp>("linear1.plane", {.features = {design_.features, 1, 1}}, {x});  // batch norm is over planes
  x = BatchNorm({}).build(graph, "linear1.bn", x);
  x = act->build(graph, "linear1.act", x);
  dense(2, classes);
  return x;
}

}  // namespace convscope
