#include "convscope/graph/rules/linear_map.h"

#include <algorithm>
#include <limits>
#include <set>

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/ops/unary.h"

namespace convscope {

namespace {

bool keeps_signs(const Op& op) {
  return as<MaxPoolOp>(op) || as<AvgPoolOp>(op) || as<GlobalAvgPoolOp>(op) || as<FlattenOp>(op) || as<UnflattenOp>(op) ||
         as<ConcatOp>(op) || as<IdentityOp>(op) || as<SubsampleOp>(op) || as<TakeChannelsOp>(op) || as<ZeroPadChannelsOp>(op) ||
         as<AddOp>(op);
}

}  // namespace

LinearMap::LinearMap(GradientSite& site, const Op& op) : site_(site), op_(op), bias_(false) {
  const auto* conv = as<Conv2dOp>(op);
  const auto* linear = as<LinearOp>(op);
  const std::string& name = site.graph().node(site.node()).name;
  require(conv || linear, "node '{}': {} is no convolution and no dense layer", name, op.kind());
  require(conv ? !conv->get().activation && !conv->get().residual : !linear->get().activation,
          "node '{}': relevance is shared out by a layer alone, and this one does an activation or a sum in passing", name);
  bias_ = conv ? conv->get().bias : linear->get().bias;
}

Value LinearMap::forward(Value x, Value w, std::optional<Value> b) {
  std::vector<Value> in{x, w};
  if (b) in.push_back(*b);
  if (const auto* conv = as<Conv2dOp>(op_)) {
    Conv2dOptions options = conv->get();
    options.bias = b.has_value();
    return site_.add("z", std::make_shared<Conv2dOp>(options), in);
  }
  return site_.add("z", std::make_shared<LinearOp>(LinearOptions{b.has_value(), {}}), in);
}

Value LinearMap::positive(Value v) { return site_.add("positive", std::make_shared<ReluOp>(NoOptions{}), {v}); }
Value LinearMap::negative(Value v) {
  return site_.add("negative", std::make_shared<ClampOp>(ClampOptions{std::numeric_limits<float>::lowest(), 0}), {v});
}
Value LinearMap::square(Value v) { return site_.add("square", std::make_shared<PowerOp>(PowerOptions{2}), {v}); }
Value LinearMap::times(Value a, Value b) { return site_.add("product", std::make_shared<MultiplyOp>(NoOptions{}), {a, b}); }
Value LinearMap::sum(const std::vector<Value>& parts) {
  Value all = parts.front();
  for (size_t i = 1; i < parts.size(); ++i) all = site_.add("sum", std::make_shared<AddOp>(NoOptions{}), {all, parts[i]});
  return all;
}
Value LinearMap::scaled(Value v, double factor) { return factor == 1 ? v : times(v, filled(v, static_cast<float>(factor))); }
Value LinearMap::filled(Value like, float value) { return filled_like(site_, like, value); }

bool LinearMap::never_negative(Value v) const {
  const Node& node = site_.graph().node(v);
  const Op& op = *node.op;
  if (as<ReluOp>(op) || as<Relu6Op>(op) || as<SigmoidOp>(op) || as<SoftplusOp>(op)) return true;
  if (const auto* clamp = as<ClampOp>(op)) return clamp->get().low >= 0;
  if (node.name == kPixels) return true;
  return keeps_signs(op) && std::all_of(node.inputs.begin(), node.inputs.end(), [&](Value in) { return never_negative(in); });
}

Value LinearMap::of_pixels(float level) {
  // The nodes from the pixels to here once more, for pixels that are all alike.
  Graph& graph = site_.graph();
  std::map<int, Value> again{{graph.at(kPixels).node, filled(graph.at(kPixels), level)}};
  for (int i = 0; i <= x().node; ++i) {
    const Node node = graph.node(i);
    std::vector<Value> in = node.inputs;
    bool depends = false;
    for (Value& v : in)
      if (const auto it = again.find(v.node); it != again.end()) {
        v = {it->second.node, v.output};
        depends = true;
      }
    if (depends) again.emplace(i, graph.add(graph.free_name(node.name + "/of-level"), node.op, in));
  }
  return {again.at(x().node).node, x().output};
}

Value filled_like(GradientSite& site, Value like, float value) {
  const Shape& shape = site.shape(like);
  const std::vector<int64_t> extents(shape.extents().begin(), shape.extents().end());
  return site.add("constant", std::make_shared<ConstantOp>(ConstantOptions{extents, value}), {});
}

namespace {
bool is_layer(const Op& op) { return as<Conv2dOp>(op) || as<LinearOp>(op) || as<PerturbOp>(op) || as<PerturbMixOp>(op); }
}  // namespace

bool sees_pixels_alone(const Graph& graph, Value v) {
  std::vector<int> open{v.node};
  std::set<int> met;
  while (!open.empty()) {
    const Node& node = graph.node(open.back());
    open.pop_back();
    if (is_layer(*node.op)) return false;
    for (const Value in : node.inputs)
      if (met.insert(in.node).second) open.push_back(in.node);
  }
  return sees_pixels(graph, v);
}

bool sees_pixels(const Graph& graph, Value v) {
  const Node& node = graph.node(v);
  if (node.name == kPixels) return true;
  if (is_layer(*node.op)) return false;
  return std::any_of(node.inputs.begin(), node.inputs.end(), [&](Value in) { return sees_pixels(graph, in); });
}

}  // namespace convscope
