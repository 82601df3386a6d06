#pragma once

/** Graph nodes become steps: each op through the first implementation of its table that suits. */

#include <map>
#include <optional>
#include <tuple>

#include "convscope/engine/kernels/grid.h"
#include "convscope/engine/onednn/api.h"
#include "convscope/engine/onednn/onednn_engine.h"
#include "convscope/engine/plan/plan.h"
#include "convscope/engine/program.h"
#include "convscope/graph/ops/activation.h"

namespace convscope::onednn {

using plan::Action;
using plan::Place;
using plan::Plan;
using plan::Step;

/** Where a value lies and how. */
struct Located {
  Desc desc;
  int buffer = -1;
};

/** A layout of the weight store, as oneDNN describes it. */
class BlockedLayout : public Layout {
 public:
  BlockedLayout(const dnnl::engine& engine, Desc desc) : engine_(engine), desc_(std::move(desc)) {}
  int64_t floats() const override { return static_cast<int64_t>(desc_.get_size() / sizeof(float)); }
  void from_plain(const float* plain, float* laid) const override;
  void to_plain(const float* laid, float* plain) const override;
  const Desc& desc() const { return desc_; }

 private:
  dnnl::engine engine_;
  Desc desc_;
};

Dims dims_of(const Shape& shape);
Desc row_major(const Dims& dims, Type type);
/** [N, C, H, W] with the channels in blocks as wide as the processor's vectors. */
Desc channel_blocks(const Dims& dims, Type type);
/** The grid that such a layout is, if it is one that the kernels can walk. */
std::optional<kernels::Grid> grid_of(const Desc& desc);

/** A max pool by what it reads and how: kernel, stride, pad, ceil. Its gradient has the same. */
using PoolKey = std::tuple<Value, int64_t, int64_t, int64_t, bool, int64_t>;

using Arguments = std::vector<std::pair<int, Located>>;

class Lowering {
 public:
  Lowering(const Computation& task, Weights& weights, const Request& request, const OneDnnEngine::Options& options,
           const dnnl::engine& engine);

  const Graph& graph() const { return task_.graph; }
  const Node& node(int i) const { return task_.graph.node(i); }
  const dnnl::engine& engine() const { return engine_; }
  bool training() const { return request_.purpose == Purpose::train; }
  dnnl::prop_kind prop() const { return training() ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference; }
  /** Whether Winograd's algorithm may be used. */
  bool winograd() const;
  /** Whether our own kernels for AMX may be used. */
  bool amx() const;
  Precision precision() const { return request_.precision; }
  /** Of activations. */
  Type type() const { return request_.precision == Precision::bf16 ? Type::bf16 : Type::f32; }
  /** Whether losses and confidences are made of it: the output, or what goes into the softmax that is the output. */
  bool is_logits(Value v) const;

  const Located& at(Value v) const { return values_.at(v); }
  /** The value in a layout; a reorder (once) where it lies otherwise. Dims may differ where the size is the same: rows are then counted on.
   */
  Located as(Value v, const Desc& wanted) { return as(at(v), wanted); }
  Located as(const Located& from, const Desc& wanted);
  /** Row-major f32. */
  Located plain(Value v) { return as(v, row_major(dims_of(graph().shape(v)), Type::f32)); }

  /** A place for the value, in that layout: the gradients' or the store's own where it is wanted there and fits. */
  Located define(Value v, const Desc& desc);
  /** The value is a view of what is there. */
  void view(Value v, Located where) { values_[v] = std::move(where); }
  Located scratch(const Desc& desc);
  int scratch_bytes(size_t bytes);

  /** A step that executes a oneDNN primitive. */
  void primitive(std::string name, const dnnl::primitive& primitive, const Arguments& reads, const Arguments& writes,
                 const Desc& scratchpad);
  void step(Step step) { plan_.step(std::move(step)); }
  /** Whether the batch is a part of one that batch norm takes its statistics from. */
  bool is_part() const { return request_.part_of > 0; }
  void meet(const plan::Meeting& meeting) { plan_.meet(meeting); }

  /** Where max pools of `x` with these options leave the places of their maxima: a backward step finds them. */
  std::map<PoolKey, Located>& maxima() { return maxima_; }

  struct Result {
    Plan plan;
    std::map<std::string, int> inputs, outputs;  // node → persistent buffer, row-major f32
  };
  Result finish() &&;

 private:
  bool is_parameter(Value v) const;
  void lower_node(int i);
  void deliver();

  const Computation& task_;
  Weights& weights_;
  const Request& request_;
  const OneDnnEngine::Options& options_;
  dnnl::engine engine_;
  Plan plan_;
  std::map<Value, Located> values_;
  std::map<int, std::vector<Located>> copies_;  // buffer → the same numbers in other layouts
  std::map<Value, std::vector<std::pair<Desc, int>>> destinations_;
  std::map<PoolKey, Located> maxima_;
  std::map<std::string, int> inputs_, outputs_;
};

/** What oneDNN calls an activation. */
struct Eltwise {
  dnnl::algorithm algorithm;
  float alpha = 0, beta = 0;
};
/**
 * How the last step of a node may do its activation in passing; none where it may not. In training it never may: oneDNN makes a NaN zero.
 */
std::optional<Eltwise> eltwise_in_passing(const std::optional<Activation>& f, bool training);
/** The attributes of a primitive that does it, behind `ops`. */
dnnl::primitive_attr with_eltwise(dnnl::post_ops ops, const std::optional<Eltwise>& f);

/**
 * Where a node's result is to be made before its activation is done: at the result's own place where the primitive does it in passing or
 * there is none, and on the way to it (`apart`) otherwise. `lower_activation_of` then does it, in a step of its own.
 */
Located place_before_activation(Lowering& low, int node, const Desc& desc, bool apart);
void lower_activation_of(Lowering& low, int node, const Activation& f, const Located& x);

/** Scratch memory is ours to place; oneDNN allocates none. */
dnnl::primitive_attr user_scratchpad();

/** For rows that suit every processor and shape. */
inline bool always(const Lowering&, const Node&) { return true; }

/** The step of a gradient for weights: (x, dy) → dweight and, where the node has a second output, dbias. */
template <typename Primitive, typename Description>
void lower_weight_gradient(Lowering& low, int index, const Description& pd) {
  const Node& node = low.node(index);
  const Arguments reads{{DNNL_ARG_SRC, low.as(node.inputs[0], pd.src_desc())},
                        {DNNL_ARG_DIFF_DST, low.as(node.inputs[1], pd.diff_dst_desc())}};
  Arguments writes{{DNNL_ARG_DIFF_WEIGHTS, low.define({index, 0}, pd.diff_weights_desc())}};
  if (node.shapes.size() > 1)
    writes.emplace_back(DNNL_ARG_DIFF_BIAS, low.define({index, 1}, row_major(dims_of(node.shapes[1]), Type::f32)));
  low.primitive(node.name + " · " + pd.impl_info_str(), Primitive(pd), reads, writes, pd.scratchpad_desc());
}

/** One way to run an op. Rows stand from special to general; which one is taken follows from processor and shape alone. */
struct Implementation {
  std::string_view op;
  std::string_view name;
  bool (*suits)(const Lowering&, const Node&);
  void (*lower)(Lowering&, int node);
};
std::span<const Implementation> convolution_implementations();
std::span<const Implementation> linear_implementations();
std::span<const Implementation> normalization_implementations();
std::span<const Implementation> pool_implementations();
std::span<const Implementation> elementwise_implementations();
std::span<const Implementation> reshape_implementations();
std::span<const Implementation> separable_implementations();
std::span<const Implementation> perturb_implementations();

/** The layout that the gradient of a weight prefers, if the node makes one: the store takes it over. */
std::optional<Desc> preferred_weight_layout(const Lowering& lowering, int node);
std::optional<Desc> preferred_convolution_weights(const Lowering& lowering, int node);
std::optional<Desc> preferred_linear_weights(const Lowering& lowering, int node);
/** Masks that the node reads, by name, and the layout that it prefers: they are larger than the weights, and a copy would be as large. */
std::optional<std::pair<std::string, Desc>> preferred_masks(const Lowering& lowering, int node);

}  // namespace convscope::onednn
