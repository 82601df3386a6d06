#include "convscope/engine/onednn/lowering.h"

#include <algorithm>
#include <cstring>

#include "convscope/engine/kernels/amx.h"
#include "convscope/engine/onednn/own_convolution.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/relevance.h"

namespace convscope::onednn {

namespace {

/**
 * Whether relevance is shared out by parts of sums that speak against them, as by alpha-beta. Such a part is often 0 where the sum is not,
 * and its share is divided by it: what is 0 by plain sums is some 1e-7 by Winograd's algorithm, as large as the stabiliser.
 */
bool shares_against(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(), [](const Node& node) {
    const auto* absorbed = convscope::as<AbsorbedOp>(*node.op);
    return absorbed && absorbed->get().factor < 0;
  });
}

void reorder_now(const dnnl::engine& engine, const Desc& from_desc, const void* from, const Desc& to_desc, void* to) {
  dnnl::stream stream(engine);
  dnnl::memory source(from_desc, engine, const_cast<void*>(from)), target(to_desc, engine, to);
  dnnl::reorder(source, target).execute(stream, source, target);
  stream.wait();
}

Desc plain_like(const Desc& desc) { return row_major(dims_of(desc), Type::f32); }

/** The op's own plain loops: slow, true, and there for every op. */
void lower_by_reference(Lowering& low, int index) {
  const Node& node = low.node(index);
  Step step{.name = node.name + " · reference", .reads = {}, .writes = {}, .in_place = {}, .bind = {}};
  std::vector<std::pair<int, Shape>> in, out;
  for (const Value v : node.inputs) {
    in.emplace_back(low.plain(v).buffer, low.graph().shape(v));
    step.reads.push_back(in.back().first);
  }
  for (int o = 0; o < static_cast<int>(node.shapes.size()); ++o) {
    const Value v{index, o};
    out.emplace_back(low.define(v, row_major(dims_of(low.graph().shape(v)), Type::f32)).buffer, low.graph().shape(v));
    step.writes.push_back(out.back().first);
  }
  step.bind = [op = node.op, in, out](const auto& at) -> Action {
    struct Tensors {
      std::vector<Tensor> in, out;
      std::vector<const Tensor*> in_pointers;
      std::vector<Tensor*> out_pointers;
    };
    auto t = std::make_shared<Tensors>();
    for (const auto& [buffer, shape] : in) t->in.push_back(Tensor::over(shape, static_cast<float*>(at(buffer))));
    for (const auto& [buffer, shape] : out) t->out.push_back(Tensor::over(shape, static_cast<float*>(at(buffer))));
    for (Tensor& x : t->in) t->in_pointers.push_back(&x);
    for (Tensor& x : t->out) t->out_pointers.push_back(&x);
    return [op, t](const RunContext& context) {
      for (Tensor& x : t->out) fill(x, 0);
      op->run(t->in_pointers, t->out_pointers, context);
    };
  };
  low.step(std::move(step));
}

const Implementation& choose(const Lowering& low, const Node& node) {
  static const Implementation reference{"", "reference", always, lower_by_reference};
  for (const auto rows : {own_convolution_implementations(), convolution_implementations(), linear_implementations(),
                          normalization_implementations(), pool_implementations(), elementwise_implementations(), reshape_implementations(),
                          separable_implementations(), perturb_implementations()})
    for (const Implementation& row : rows)
      if (row.op == node.op->kind() && row.suits(low, node)) return row;
  return reference;
}

}  // namespace

dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

std::optional<Eltwise> eltwise_in_passing(const std::optional<Activation>& f, bool training) {
  // oneDNN's make a NaN 0 or the bound; of a training that has broken the loss is to tell.
  if (!f || training) return std::nullopt;
  if (f->value(0) != 0) return std::nullopt;  // it would leave another number in the padding of channels
  const float tuning = static_cast<float>(f->tuning);
  switch (f->kind) {
    case Activation::kRelu:
      return Eltwise{dnnl::algorithm::eltwise_relu};
    case Activation::kRelu6:
      return Eltwise{dnnl::algorithm::eltwise_clip, 0, 6};
    case Activation::kLeakyRelu:
      return Eltwise{dnnl::algorithm::eltwise_relu, tuning};
    case Activation::kElu:
      return Eltwise{dnnl::algorithm::eltwise_elu, tuning};
    case Activation::kTanh:
      return Eltwise{dnnl::algorithm::eltwise_tanh};
    case Activation::kClamp:
      return Eltwise{dnnl::algorithm::eltwise_clip, tuning, static_cast<float>(f->high)};
    default:
      return std::nullopt;
  }
}

dnnl::primitive_attr with_eltwise(dnnl::post_ops ops, const std::optional<Eltwise>& f) {
  if (f) append_eltwise(ops, f->algorithm, f->alpha, f->beta);
  dnnl::primitive_attr attr = user_scratchpad();
  attr.set_post_ops(ops);
  return attr;
}

void BlockedLayout::from_plain(const float* plain, float* laid) const { reorder_now(engine_, plain_like(desc_), plain, desc_, laid); }
void BlockedLayout::to_plain(const float* laid, float* plain) const { reorder_now(engine_, desc_, laid, plain_like(desc_), plain); }

Dims dims_of(const Shape& shape) { return Dims(shape.extents().begin(), shape.extents().end()); }

Desc row_major(const Dims& dims, Type type) {
  Dims strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<int64_t>(1, dims[i]);
  return Desc(dims, type, strides);
}

Desc channel_blocks(const Dims& dims, Type type) { return Desc(dims, type, kernels::block_lanes() == 16 ? Tag::nChw16c : Tag::nChw8c); }

std::optional<kernels::Grid> grid_of(const Desc& desc) {
  const Dims d = dims_of(desc);
  const int64_t vector = kernels::block_lanes();
  if (d.size() != 4 || !is_blocking(desc) || (type_of(desc) != Type::f32 && type_of(desc) != Type::bf16)) return std::nullopt;
  kernels::Grid g{.images = d[0], .blocks = 1, .points = d[2] * d[3], .lanes = d[1], .channels = d[1], .bf16 = type_of(desc) == Type::bf16};
  if (desc == Desc(d, type_of(desc), Tag::nhwc) && d[1] % vector == 0) return g;
  if (inner_blocks(desc) == 1 && inner_axis(desc, 0) == 1 && inner_block(desc, 0) % vector == 0) {
    g.lanes = inner_block(desc, 0);
    g.blocks = (d[1] + g.lanes - 1) / g.lanes;
    const bool dense = stride_of(desc, 3) == g.lanes && stride_of(desc, 2) == d[3] * g.lanes && stride_of(desc, 1) == g.points * g.lanes &&
                       stride_of(desc, 0) == g.image_size();
    if (dense) return g;
  }
  return std::nullopt;
}

std::optional<Desc> preferred_weight_layout(const Lowering& low, int node) {
  if (auto desc = preferred_convolution_weights(low, node)) return desc;
  return preferred_linear_weights(low, node);
}

Lowering::Lowering(const Computation& task, Weights& weights, const Request& request, const OneDnnEngine::Options& options,
                   const dnnl::engine& engine)
    : task_(task), weights_(weights), request_(request), options_(options), engine_(engine) {
  // The first training program lays out the store as the gradients of its weights lie best.
  if (training() && weights_.arrangement() == 0) {
    std::map<std::string, std::shared_ptr<const Layout>> layouts;
    for (const auto& [name, gradient] : task_.gradients) {
      const auto parameter = graph().find(name);
      if (!parameter || !is_parameter(*parameter)) continue;
      const Value made = graph().at(gradient);
      if (made.output != 0) continue;  // a bias
      if (auto desc = preferred_weight_layout(*this, made.node)) layouts[name] = std::make_shared<BlockedLayout>(engine_, *desc);
    }
    for (int i = 0; i < static_cast<int>(graph().nodes().size()); ++i)
      if (const auto masks = preferred_masks(*this, i)) layouts[masks->first] = std::make_shared<BlockedLayout>(engine_, masks->second);
    weights_.arrange(layouts);
  }

  const auto store_desc = [&](const Weights::Entry& e) {
    const auto* blocked = dynamic_cast<const BlockedLayout*>(e.layout.get());
    return blocked ? blocked->desc() : row_major(dims_of(e.shape), Type::f32);
  };
  for (int i = 0; i < static_cast<int>(graph().nodes().size()); ++i) {
    if (!is_parameter({i, 0})) continue;
    const Weights::Entry& e = weights_.at(node(i).name);
    const Desc desc = store_desc(e);
    values_[{i, 0}] = {desc, plan_.buffer(e.name, desc.get_size(), Place::weights, static_cast<size_t>(e.offset) * sizeof(float))};
  }
  for (const auto& [name, gradient] : task_.gradients) {
    const auto parameter = graph().find(name);
    if (!training() || !parameter || !is_parameter(*parameter)) continue;
    const Weights::Entry& e = weights_.at(name);
    const Desc desc = store_desc(e);
    destinations_[graph().at(gradient)].emplace_back(
        desc, plan_.buffer(name + "/gradient", desc.get_size(), Place::gradients, static_cast<size_t>(e.offset) * sizeof(float)));
  }
  for (const auto& [name, value] : graph().updates) {
    const Located& parameter = values_.at(graph().at(name));
    destinations_[value].emplace_back(parameter.desc, parameter.buffer);
  }
}

bool Lowering::winograd() const { return winograd_is_used(options_, request_.precision) && !shares_against(graph()); }
bool Lowering::amx() const { return options_.amx && kernels::amx_runs() && kernels::block_lanes() == 16; }

bool Lowering::is_parameter(Value v) const { return convscope::as<ParameterOp>(*node(v.node).op) != nullptr; }

Located Lowering::as(const Located& from, const Desc& wanted) {
  if (from.desc == wanted) return from;
  if (dims_of(from.desc) != dims_of(wanted)) {
    const Located rows = as(from, row_major(dims_of(from.desc), type_of(from.desc)));
    return as(Located{row_major(dims_of(wanted), type_of(rows.desc)), rows.buffer}, wanted);
  }
  for (const Located& copy : copies_[from.buffer])
    if (copy.desc == wanted) return copy;
  const Located copy{wanted, plan_.buffer(plan_[from.buffer].name + "/reordered", wanted.get_size(), Place::arena)};
  const dnnl::reorder::primitive_desc pd(engine_, from.desc, engine_, wanted, user_scratchpad());
  primitive(plan_[from.buffer].name + " · reorder", dnnl::reorder(pd), {{DNNL_ARG_FROM, from}}, {{DNNL_ARG_TO, copy}},
            pd.scratchpad_desc());
  copies_[from.buffer].push_back(copy);
  return copy;
}

Located Lowering::define(Value v, const Desc& desc) {
  const auto wanted = destinations_.find(v);
  if (wanted != destinations_.end()) {
    for (const auto& [layout, buffer] : wanted->second) {
      if (layout != desc) continue;
      return values_[v] = {desc, buffer};
    }
  }
  return values_[v] = {desc, plan_.buffer(graph().name(v), desc.get_size(), Place::arena)};
}

Located Lowering::scratch(const Desc& desc) { return {desc, scratch_bytes(desc.get_size())}; }
int Lowering::scratch_bytes(size_t bytes) { return plan_.buffer("scratch", bytes, Place::arena); }

void Lowering::primitive(std::string name, const dnnl::primitive& primitive, const Arguments& reads, const Arguments& writes,
                         const Desc& scratchpad) {
  Step step{.name = std::move(name), .reads = {}, .writes = {}, .in_place = {}, .bind = {}};
  Arguments all;
  for (const auto& [argument, where] : reads) {
    step.reads.push_back(where.buffer);
    all.emplace_back(argument, where);
  }
  for (const auto& [argument, where] : writes) {
    step.writes.push_back(where.buffer);
    all.emplace_back(argument, where);
  }
  if (scratchpad.get_size() > 0) {
    const Located pad = scratch(scratchpad);
    step.writes.push_back(pad.buffer);
    all.emplace_back(DNNL_ARG_SCRATCHPAD, pad);
  }
  step.bind = [engine = engine_, primitive, all](const auto& at) -> Action {
    std::unordered_map<int, dnnl::memory> arguments;
    for (const auto& [argument, where] : all) arguments.emplace(argument, dnnl::memory(where.desc, engine, at(where.buffer)));
    return [primitive, arguments = std::move(arguments), stream = dnnl::stream(engine)](const RunContext&) {
      primitive.execute(stream, arguments);
    };
  };
  plan_.step(std::move(step));
}

bool Lowering::is_logits(Value v) const {
  const Value output = graph().at(task_.logits);
  return v == output || (convscope::as<SoftmaxOp>(*graph().node(output).op) && graph().node(output).inputs[0] == v);
}

void Lowering::lower_node(int i) {
  const Node& n = node(i);
  if (is_parameter({i, 0})) return;
  if (convscope::as<InputOp>(*n.op)) {
    const Desc desc = row_major(dims_of(n.shapes[0]), Type::f32);
    inputs_[n.name] = plan_.buffer(n.name, desc.get_size(), Place::persistent);
    values_[{i, 0}] = {desc, inputs_[n.name]};
    return;
  }
  choose(*this, n).lower(*this, i);
}

/** Copies what is wanted outside to where it is wanted, unless it was made there. */
void Lowering::deliver() {
  const auto copy = [&](const Located& from, const Located& to) {
    if (from.buffer == to.buffer) return;
    Located source = from;
    if (dims_of(source.desc) != dims_of(to.desc)) {
      source = as(source, row_major(dims_of(source.desc), type_of(source.desc)));
      source.desc = row_major(dims_of(to.desc), type_of(source.desc));
    }
    const dnnl::reorder::primitive_desc pd(engine_, source.desc, engine_, to.desc, user_scratchpad());
    primitive(plan_[to.buffer].name + " · deliver", dnnl::reorder(pd), {{DNNL_ARG_FROM, source}}, {{DNNL_ARG_TO, to}},
              pd.scratchpad_desc());
  };
  for (const auto& [value, places] : destinations_)
    for (const auto& [desc, buffer] : places) copy(at(value), {desc, buffer});

  const auto output = [&](const std::string& name) {
    if (name.empty() || outputs_.contains(name)) return;
    const Value v = graph().at(name);
    const Desc desc = row_major(dims_of(graph().shape(v)), Type::f32);
    outputs_[name] = plan_.buffer(name + "/output", desc.get_size(), Place::persistent);
    copy(at(v), {desc, outputs_[name]});
  };
  output(task_.logits);
  output(task_.objective);
  for (const std::string& tap : request_.taps) output(tap);
  for (const Names* names : {&request_.gradients, &task_.notes})
    for (const std::string& name : *names) output(task_.gradients.at(name));
}

Lowering::Result Lowering::finish() && {
  for (int i = 0; i < static_cast<int>(graph().nodes().size()); ++i) lower_node(i);
  deliver();
  plan_.plan_memory();
  return {std::move(plan_), std::move(inputs_), std::move(outputs_)};
}

}  // namespace convscope::onednn
