#include <algorithm>
#include <limits>
#include <utility>

#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/polyphase.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/passes/rewrite.h"

namespace convscope {

namespace {

/** An op that steps over samples, taken apart. */
struct Strided {
  std::shared_ptr<const Op> dense;  // the same with stride 1; null for one that only drops samples
  int64_t rate = 1;
};

template <typename T>
bool take_apart(const Op& op, Strided& strided) {
  const T* t = as<T>(op);
  if (!t) return false;
  auto options = t->get();
  strided.rate = std::exchange(options.stride, 1);
  strided.dense = std::make_shared<T>(options);
  return true;
}

Strided taken_apart(const Op& op) {
  Strided strided;
  if (const auto* drop = as<SubsampleOp>(op)) return {nullptr, drop->get().rate};
  if (const auto* take = as<PolyphaseTakeOp>(op)) return {nullptr, take->get().rate};
  if (const auto* filter = as<DownsampleOp>(op)) {
    LineFilterOptions options = filter->get();
    if (options.dense || options.rate == 1) return strided;
    options.dense = true;
    return {std::make_shared<DownsampleOp>(options), options.rate};
  }
  (void)(take_apart<Conv2dOp>(op, strided) || take_apart<MaxPoolOp>(op, strided) || take_apart<AvgPoolOp>(op, strided));
  return strided;
}

/** Rows, or columns, below the picture that windows of a pool in ceil mode reach into. */
int64_t overhang(int64_t extent, int64_t pooled, const MaxPoolOptions& pool) {
  return std::max<int64_t>(0, (pooled - 1) * pool.stride + pool.kernel - extent - 2 * pool.pad);
}

/** A window as large as the map: a pool or a convolution of all there is, which has a stride and no sample to drop. */
bool fits_once(const Graph& graph, const Node& node, const std::shared_ptr<const Op>& dense) {
  if (const auto* pool = as<MaxPoolOp>(*node.op); !dense || (pool && pool->get().ceil)) return false;
  std::vector<Shape> in;
  for (const Value v : node.inputs) in.push_back(graph.shape(v));
  return dense->shapes(in).front() == node.shapes.front();
}

}  // namespace

Graph expose_stride_one(const Graph& graph, std::string_view name) {
  const Value strided = graph.at(name);
  const Node& node = graph.node(strided);
  const auto [dense, rate] = taken_apart(*node.op);
  require(dense != nullptr && rate > 1, "node '{}' is a {} without a stride: it drops no samples", name, node.op->kind());
  if (const auto* conv = as<Conv2dOp>(*node.op))
    require(!conv->get().residual, "node '{}' adds a residual; its stride-1 signal is not defined", name);

  Rewrite at(graph);
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    if (i != strided.node) {
      at.keep(i);
      continue;
    }
    std::vector<Value> inputs = at(node.inputs);
    if (const auto* pool = as<MaxPoolOp>(*node.op); pool && pool->get().ceil) {
      const Shape &x = at.to.shape(inputs[0]), &y = node.shapes[0];
      const PadOptions below{.bottom = overhang(x[2], y[2], pool->get()),
                             .right = overhang(x[3], y[3], pool->get()),
                             .value = std::numeric_limits<float>::lowest()};
      if (below.bottom > 0 || below.right > 0)
        inputs[0] = at.to.add(at.to.free_name(std::string(name) + "/overhang"), std::make_shared<PadOp>(below), {inputs[0]});
    }
    const Value signal = at.to.add(std::string(name) + "/stride-1", dense, inputs);
    const Value dropped = at.to.add(std::string(name), std::make_shared<SubsampleOp>(SubsampleOptions{rate}), {signal});
    require(at.to.shape(dropped) == graph.shape(strided),
            "node '{}': dropping samples from its stride-1 signal gives {}, the node gives {} (ceil mode of a mean); it cannot be exposed",
            name, at.to.shape(dropped), graph.shape(strided));
    at.put(i, dropped);
  }
  return std::move(at).finish();
}

std::vector<Subsampling> subsamplings(const Graph& graph) {
  std::vector<Subsampling> all;
  if (graph.output.node < 0) return all;
  const Graph needed = prune(graph, {graph.name(graph.output)});
  for (const Node& node : needed.nodes()) {
    const auto [dense, rate] = taken_apart(*node.op);
    if (rate > 1 && !fits_once(needed, node, dense))
      all.push_back({node.name, dense ? node.name + "/stride-1" : needed.name(node.inputs[0]), rate});
  }
  return all;
}

}  // namespace convscope
