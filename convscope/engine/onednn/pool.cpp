#include "convscope/graph/ops/pool.h"

#include <algorithm>
#include <optional>

#include "convscope/engine/kernels/max_pool.h"
#include "convscope/engine/onednn/lowering.h"

namespace convscope::onednn {

namespace {

struct Geometry {
  dnnl::algorithm algorithm;
  Dims kernel;
  Window window;
};

Geometry geometry(dnnl::algorithm algorithm, int64_t kernel, int64_t stride, int64_t pad, const Dims& x, const Dims& y,
                  int64_t kernel_columns = 0) {
  const Dims window{kernel, kernel_columns > 0 ? kernel_columns : kernel};
  const auto after = [&](size_t axis) { return (y[axis] - 1) * stride + window[axis - 2] - x[axis] - pad; };
  return {algorithm, window, {{stride, stride}, {0, 0}, {pad, pad}, {after(2), after(3)}}};
}
Geometry whole_plane(const Dims& x) {
  return {dnnl::algorithm::pooling_avg_exclude_padding, {x[2], x[3]}, {{x[2], x[3]}, {0, 0}, {0, 0}, {0, 0}}};
}
dnnl::algorithm average(bool include_padding) {
  return include_padding ? dnnl::algorithm::pooling_avg_include_padding : dnnl::algorithm::pooling_avg_exclude_padding;
}

/** Pictures stay as they lie where kernels can walk that, and go into channel blocks otherwise. */
Located on_grid(Lowering& low, Value v) {
  const Located& x = low.at(v);
  return grid_of(x.desc) ? x : low.as(v, channel_blocks(dims_of(low.graph().shape(v)), type_of(x.desc)));
}

PoolKey key(Value x, const MaxPoolOptions& o) { return {x, o.kernel, o.stride, o.pad, o.ceil, o.kernel_columns}; }

/** With `kept` it leaves the places of the maxima under that key. */
void lower_forward(Lowering& low, int index, const Geometry& g, const std::optional<PoolKey>& kept = {}) {
  const Node& node = low.node(index);
  const Located x = on_grid(low, node.inputs[0]);
  const auto prop = kept ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  const auto pd = pool_forward(low.engine(), prop, g.algorithm, x.desc, Desc(dims_of(node.shapes[0]), type_of(x.desc), Tag::any), g.kernel,
                               g.window, user_scratchpad());
  Arguments writes{{DNNL_ARG_DST, low.define({index, 0}, pd.dst_desc())}};
  if (kept) {
    const Located workspace = low.scratch(pd.workspace_desc());
    writes.emplace_back(DNNL_ARG_WORKSPACE, workspace);
    low.maxima()[*kept] = workspace;
  }
  low.primitive(node.name + " · " + pd.impl_info_str(), dnnl::pooling_forward(pd), {{DNNL_ARG_SRC, x}}, writes, pd.scratchpad_desc());
}

void lower_backward(Lowering& low, int index, const Geometry& g, Value upstream, const Desc& x, const Located* workspace) {
  const Node& node = low.node(index);
  const Desc y(dims_of(low.graph().shape(upstream)), type_of(x), Tag::any);
  const auto hint = pool_forward(low.engine(), dnnl::prop_kind::forward_training, g.algorithm, x, y, g.kernel, g.window, user_scratchpad());
  const auto pd = pool_backward(low.engine(), g.algorithm, x, hint.dst_desc(), g.kernel, g.window, hint, user_scratchpad());
  Arguments reads{{DNNL_ARG_DIFF_DST, low.as(upstream, pd.diff_dst_desc())}};
  if (workspace) reads.emplace_back(DNNL_ARG_WORKSPACE, *workspace);
  low.primitive(node.name + " · " + pd.impl_info_str(), dnnl::pooling_backward(pd), reads,
                {{DNNL_ARG_DIFF_SRC, low.define({index, 0}, pd.diff_src_desc())}}, pd.scratchpad_desc());
}

Geometry max_geometry(const MaxPoolOptions& o, const Shape& x, const Shape& y) {
  return geometry(dnnl::algorithm::pooling_max, o.kernel, o.stride, o.pad, dims_of(x), dims_of(y), o.kernel_columns);
}

void lower_max(Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto& o = convscope::as<MaxPoolOp>(*node.op)->get();
  // The places of the maxima are kept where somebody goes back through this pool.
  const std::vector<int> readers = low.graph().readers()[static_cast<size_t>(node.inputs[0].node)];
  const bool keep =
      std::any_of(readers.begin(), readers.end(), [&](int r) { return convscope::as<MaxPoolBackwardOp>(*low.node(r).op) != nullptr; });
  lower_forward(low, index, max_geometry(o, low.graph().shape(node.inputs[0]), node.shapes[0]),
                keep ? std::optional(key(node.inputs[0], o)) : std::nullopt);
}

void lower_max_backward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto& o = convscope::as<MaxPoolBackwardOp>(*node.op)->get();
  const Located workspace = low.maxima().at(key(node.inputs[0], o));
  lower_backward(low, index, max_geometry(o, low.graph().shape(node.inputs[0]), low.graph().shape(node.inputs[1])), node.inputs[1],
                 on_grid(low, node.inputs[0]).desc, &workspace);
}

/** Windows side by side: our own kernels do these in one pass over memory each way, oneDNN's take several times as long. */
bool side_by_side(const MaxPoolOptions& o) {
  return o.stride == o.kernel && o.pad == 0 && (o.kernel_columns == 0 || o.kernel_columns == o.kernel);
}
bool max_side_by_side(const Lowering&, const Node& node) { return side_by_side(convscope::as<MaxPoolOp>(*node.op)->get()); }
bool max_backward_side_by_side(const Lowering&, const Node& node) {
  return side_by_side(convscope::as<MaxPoolBackwardOp>(*node.op)->get());
}

/** Another plane, laid out as `like` is. */
Desc laid_out_like(const Desc& like, const Dims& dims) {
  return grid_of(like)->blocks == 1 && inner_blocks(like) == 0 ? Desc(dims, type_of(like), Tag::nhwc) : channel_blocks(dims, type_of(like));
}
kernels::MaxPool max_pool_of(int64_t kernel, const Desc& x, const Shape& x_shape, const Shape& y_shape) {
  return {*grid_of(x), x_shape[2], x_shape[3], kernel, y_shape[2], y_shape[3]};
}

void lower_max_side_by_side(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Located x = on_grid(low, node.inputs[0]);
  const kernels::MaxPool pool =
      max_pool_of(convscope::as<MaxPoolOp>(*node.op)->get().kernel, x.desc, low.graph().shape(node.inputs[0]), node.shapes[0]);
  const int y = low.define({index, 0}, laid_out_like(x.desc, dims_of(node.shapes[0]))).buffer;
  low.step({.name = node.name + " · max pool",
            .reads = {x.buffer},
            .writes = {y},
            .in_place = {},
            .bind = [=, from = x.buffer](const auto& at) -> Action {
              const void* px = at(from);
              void* py = at(y);
              return [=](const RunContext&) { kernels::max_pool(pool, px, py); };
            }});
}

void lower_max_backward_side_by_side(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Located x = on_grid(low, node.inputs[0]);
  const Shape& y_shape = low.graph().shape(node.inputs[1]);
  const kernels::MaxPool pool =
      max_pool_of(convscope::as<MaxPoolBackwardOp>(*node.op)->get().kernel, x.desc, low.graph().shape(node.inputs[0]), y_shape);
  const int dy = low.as(node.inputs[1], laid_out_like(x.desc, dims_of(y_shape))).buffer;
  const int dx = low.define({index, 0}, x.desc).buffer;
  low.step({.name = node.name + " · max pool",
            .reads = {x.buffer, dy},
            .writes = {dx},
            .in_place = {{dx, x.buffer}},  // a window is read before it is written
            .bind = [=, from = x.buffer](const auto& at) -> Action {
              const void *px = at(from), *pdy = at(dy);
              void* pdx = at(dx);
              return [=](const RunContext&) { kernels::max_pool_backward(pool, px, pdy, pdx); };
            }});
}

/** oneDNN's places of maxima belong to the forward step, which therefore must be in the same program. */
bool has_forward(const Lowering& low, const Node& node) {
  const std::vector<int> readers = low.graph().readers()[static_cast<size_t>(node.inputs[0].node)];
  const PoolKey wanted = key(node.inputs[0], convscope::as<MaxPoolBackwardOp>(*node.op)->get());
  return std::any_of(readers.begin(), readers.end(), [&](int r) {
    const auto* pool = convscope::as<MaxPoolOp>(*low.node(r).op);
    return pool && key(low.node(r).inputs[0], pool->get()) == wanted;
  });
}

void lower_average(Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto& o = convscope::as<AvgPoolOp>(*node.op)->get();
  lower_forward(low, index,
                geometry(average(o.count_include_pad), o.kernel, o.stride, o.pad, dims_of(low.graph().shape(node.inputs[0])),
                         dims_of(node.shapes[0])));
}

void lower_average_backward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto& o = convscope::as<AvgPoolBackwardOp>(*node.op)->get();
  const Value upstream = node.inputs[0];
  lower_backward(
      low, index,
      geometry(average(o.count_include_pad), o.kernel, o.stride, o.pad, dims_of(node.shapes[0]), dims_of(low.graph().shape(upstream))),
      upstream, channel_blocks(dims_of(node.shapes[0]), low.type()), nullptr);
}

void lower_global(Lowering& low, int index) {
  lower_forward(low, index, whole_plane(dims_of(low.graph().shape(low.node(index).inputs[0]))));
}

void lower_global_backward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Dims x = dims_of(node.shapes[0]);
  lower_backward(low, index, whole_plane(x), node.inputs[0], channel_blocks(x, low.type()), nullptr);
}

/** A window that hangs over the edge counts what lies beyond in oneDNN's divisor; there the plain loops are right. */
bool divisor_agrees(const Lowering&, const Node& node) {
  const Json o = node.op->options();
  return !(o["ceil"].get<bool>() && o["count_include_pad"].get<bool>());
}

}  // namespace

std::span<const Implementation> pool_implementations() {
  static constexpr Implementation rows[] = {
      {MaxPoolOp::kKind, "convscope", max_side_by_side, lower_max_side_by_side},
      {MaxPoolBackwardOp::kKind, "convscope", max_backward_side_by_side, lower_max_backward_side_by_side},
      {MaxPoolOp::kKind, "onednn", always, lower_max},
      {MaxPoolBackwardOp::kKind, "onednn", has_forward, lower_max_backward},
      {AvgPoolOp::kKind, "onednn", divisor_agrees, lower_average},
      {AvgPoolBackwardOp::kKind, "onednn", divisor_agrees, lower_average_backward},
      {GlobalAvgPoolOp::kKind, "onednn", always, lower_global},
      {GlobalAvgPoolBackwardOp::kKind, "onednn", always, lower_global_backward},
  };
  return rows;
}

}  // namespace convscope::onednn
