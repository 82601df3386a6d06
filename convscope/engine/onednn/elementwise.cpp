#include "convscope/graph/ops/elementwise.h"

#include <cmath>
#include <cstring>

#include "convscope/base/random.h"
#include "convscope/engine/kernels/activation.h"
#include "convscope/engine/kernels/gelu.h"
#include "convscope/engine/kernels/products.h"
#include "convscope/engine/kernels/random.h"
#include "convscope/engine/kernels/standardize.h"
#include "convscope/engine/onednn/lowering.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/relevance.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/graph/ops/unary.h"

namespace convscope::onednn {

namespace {

/** Numbers in memory, padding included: elementwise work does not care what they mean. */
int64_t numbers(const Desc& desc) { return static_cast<int64_t>(desc.get_size() / dnnl::memory::data_type_size(type_of(desc))); }

/** The layout of the values that their neighbours work on, a blocked one: of several, the first that has it leads. */
Desc common_layout(const Lowering& low, std::span<const Value> values) {
  for (const Value v : values)
    if (grid_of(low.at(v).desc)) return low.at(v).desc;
  return low.at(values.front()).desc;
}

/** out = run(count, bf16, a, b) of a node's first two inputs, number by number; out may be either. */
template <typename Run>
void lower_pair(Lowering& low, int index, std::string_view what, const Run& run) {
  const Node& node = low.node(index);
  const Desc desc = common_layout(low, std::span(node.inputs).first(2));
  const int a = low.as(node.inputs[0], desc).buffer, b = low.as(node.inputs[1], desc).buffer;
  const int out = low.define({index, 0}, desc).buffer;
  low.step({.name = fmt::format("{} · {}", node.name, what),
            .reads = {a, b},
            .writes = {out},
            .in_place = {{out, a}, {out, b}},
            .bind = [=, count = numbers(desc), bf16 = type_of(desc) == Type::bf16](const auto& at) -> Action {
              const void *pa = at(a), *pb = at(b);
              void* po = at(out);
              return [=](const RunContext&) { run(count, bf16, pa, pb, po); };
            }});
}

void lower_add(Lowering& low, int index) { lower_pair(low, index, "add", kernels::add); }

/** (y, a, b) → (a + b) · f'(x), told from y = f(x); b may be missing. */
void lower_activation_backward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Activation f = convscope::as<ActivationBackwardOp>(*node.op)->activation();
  std::vector<Value> values(node.inputs.begin() + 1, node.inputs.end());  // the gradients lead
  values.push_back(node.inputs[0]);
  const Desc desc = common_layout(low, values);
  const int y = low.as(node.inputs[0], desc).buffer, a = low.as(node.inputs[1], desc).buffer;
  const int b = node.inputs.size() > 2 ? low.as(node.inputs[2], desc).buffer : -1;
  const int out = low.define({index, 0}, desc).buffer;
  Step step{.name = node.name + " · activation backward", .reads = {a, y}, .writes = {out}, .in_place = {{out, a}}, .bind = {}};
  if (b >= 0) {
    step.reads.push_back(b);
    step.in_place.emplace_back(out, b);
  }
  step.bind = [=, count = numbers(desc), bf16 = type_of(desc) == Type::bf16](const auto& at) -> Action {
    const void *va = at(a), *vb = b >= 0 ? at(b) : nullptr, *vy = at(y);
    void* vo = at(out);
    return [=](const RunContext&) { kernels::activation_backward(f, count, bf16, vy, va, vb, vo); };
  };
  low.step(std::move(step));
}

/** The kernels add two gradients at most. */
bool two_upstreams(const Lowering&, const Node& node) { return node.inputs.size() <= 3; }

/** Channels behind the last one become 0 again, as all who read a blocked layout expect. */
void clear_padding(const kernels::Grid& g, std::byte* y) {
  const size_t bytes = g.bf16 ? 2 : 4, real = static_cast<size_t>(g.channels - (g.blocks - 1) * g.lanes);
  for (int64_t n = 0; n < g.images; ++n)
    for (int64_t p = 0; p < g.points; ++p) {
      const size_t pixel = static_cast<size_t>(((n * g.blocks + g.blocks - 1) * g.points + p) * g.lanes);
      std::memset(y + (pixel + real) * bytes, 0, (static_cast<size_t>(g.lanes) - real) * bytes);
    }
}

void lower_activation(Lowering& low, int index) {
  const Node& node = low.node(index);
  lower_activation_of(low, index, dynamic_cast<const HasActivation&>(*node.op).activation(), low.at(node.inputs[0]));
}

/** Pictures on a grid: as they lie, or in channel blocks. */
Desc on_grid(const Lowering& low, Value x) {
  const Desc& lies = low.at(x).desc;
  return grid_of(lies) ? lies : channel_blocks(dims_of(low.graph().shape(x)), type_of(lies));
}

bool pictures(const Lowering& low, const Node& node) { return low.graph().shape(node.inputs[0]).rank() == 4; }

void lower_prelu(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Desc desc = on_grid(low, node.inputs[0]);
  const int x = low.as(node.inputs[0], desc).buffer, slope = low.plain(node.inputs[1]).buffer;
  const int64_t slope_step = low.graph().shape(node.inputs[1]).size() == 1 ? 0 : 1;
  const int y = low.define({index, 0}, desc).buffer;
  low.step({.name = node.name + " · prelu",
            .reads = {x, slope},
            .writes = {y},
            .in_place = {{y, x}},
            .bind = [=, grid = *grid_of(desc)](const auto& at) -> Action {
              const void* px = at(x);
              const float* ps = static_cast<float*>(at(slope));
              void* py = at(y);
              return [=](const RunContext&) { kernels::prelu(grid, px, ps, slope_step, py); };
            }});
}

void lower_prelu_backward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Desc desc = on_grid(low, node.inputs[0]);
  const kernels::Grid grid = *grid_of(desc);
  const int x = low.as(node.inputs[0], desc).buffer, slope = low.plain(node.inputs[1]).buffer, dy = low.as(node.inputs[2], desc).buffer;
  const int64_t slope_step = node.shapes[1].size() == 1 ? 0 : 1;
  const int dx = low.define({index, 0}, desc).buffer, dslope = low.define({index, 1}, row_major(dims_of(node.shapes[1]), Type::f32)).buffer;
  const int sums = low.scratch_bytes(static_cast<size_t>(kernels::prelu_partials(grid)) * sizeof(double));
  low.step({.name = node.name + " · prelu",
            .reads = {x, slope, dy},
            .writes = {dx, dslope, sums},
            .in_place = {{dx, dy}, {dx, x}},
            .bind = [=](const auto& at) -> Action {
              const void *px = at(x), *pdy = at(dy);
              const float* ps = static_cast<float*>(at(slope));
              void* pdx = at(dx);
              float* pds = static_cast<float*>(at(dslope));
              double* partial = static_cast<double*>(at(sums));
              return [=](const RunContext&) { kernels::prelu_backward(grid, px, ps, slope_step, pdy, pdx, pds, partial); };
            }});
}

bool alike(const Lowering& low, const Node& node) { return low.graph().shape(node.inputs[0]) == low.graph().shape(node.inputs[1]); }

void lower_multiply(Lowering& low, int index) { lower_pair(low, index, "multiply", kernels::multiply); }

/** A number for each image and channel, [N, C, 1, 1]. */
void lower_gates(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Desc desc = on_grid(low, node.inputs[0]);
  const int x = low.as(node.inputs[0], desc).buffer, gates = low.plain(node.inputs[1]).buffer;
  const int y = low.define({index, 0}, desc).buffer;
  low.step({.name = node.name + " · multiply by channel",
            .reads = {x, gates},
            .writes = {y},
            .in_place = {{y, x}},
            .bind = [=, grid = *grid_of(desc)](const auto& at) -> Action {
              const void* px = at(x);
              const float* pg = static_cast<float*>(at(gates));
              void* py = at(y);
              return [=](const RunContext&) { kernels::multiply_by_channel(grid, px, pg, py); };
            }});
}

void lower_quotient(Lowering& low, int index) {
  const auto epsilon = static_cast<float>(convscope::as<QuotientOp>(*low.node(index).op)->get().epsilon);
  lower_pair(low, index, "quotient", [epsilon](int64_t count, bool bf16, const void* r, const void* z, void* out) {
    kernels::quotient(count, bf16, r, z, epsilon, out);
  });
}

void lower_absorbed(Lowering& low, int index) {
  const Node& node = low.node(index);
  const AbsorbedOptions& o = convscope::as<AbsorbedOp>(*node.op)->get();
  const Shape& shape = low.graph().shape(node.inputs[0]);
  const bool everywhere = o.bias && low.graph().shape(node.inputs[2]) == shape, by_channel = o.bias && !everywhere;
  const bool on_a_grid = shape.rank() == 4;
  const Desc desc = on_a_grid ? on_grid(low, node.inputs[1]) : row_major(dims_of(shape), type_of(low.at(node.inputs[1]).desc));
  const kernels::Grid grid =
      on_a_grid ? *grid_of(desc)
                : kernels::Grid{.images = shape[0], .lanes = shape.inner(), .channels = shape.inner(), .bf16 = type_of(desc) == Type::bf16};
  const int s = low.as(node.inputs[0], desc).buffer, z = low.as(node.inputs[1], desc).buffer;
  const int bias = !o.bias ? -1 : everywhere ? low.as(node.inputs[2], desc).buffer : low.plain(node.inputs[2]).buffer;
  const int sum = low.define({index, 0}, row_major(dims_of(node.shapes[0]), Type::f32)).buffer;
  Step step{.name = node.name + " · absorbed", .reads = {s, z}, .writes = {sum}, .in_place = {}, .bind = {}};
  if (bias >= 0) step.reads.push_back(bias);
  step.bind = [=, epsilon = static_cast<float>(o.epsilon), factor = o.factor](const auto& at) -> Action {
    const void *ps = at(s), *pz = at(z), *pb = bias >= 0 ? at(bias) : nullptr;
    float* out = static_cast<float*>(at(sum));
    return [=](const RunContext&) {
      kernels::absorbed(grid, ps, pz, by_channel ? static_cast<const float*>(pb) : nullptr, everywhere ? pb : nullptr, epsilon, factor,
                        out);
    };
  };
  low.step(std::move(step));
}

/** Pictures, or rows: by channel a bias means nothing else. */
bool on_grid_or_rows(const Lowering& low, const Node& node) {
  const int64_t rank = low.graph().shape(node.inputs[0]).rank();
  return rank == 4 || rank == 2;
}

/** GELU itself, not its approximation. */
bool is_gelu(const Lowering&, const Node& node) {
  if (const auto* gelu = convscope::as<GeluOp>(*node.op)) return !gelu->get().tanh;
  const UnaryBackwardOptions& o = convscope::as<UnaryBackwardOp>(*node.op)->get();
  return o.of == GeluOp::kKind && o.tuning == 0;
}

void lower_gelu(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Located& x = low.at(node.inputs[0]);
  const int from = x.buffer, to = low.define({index, 0}, x.desc).buffer;  // of 0 it is 0: padding stays
  low.step({.name = node.name + " · gelu",
            .reads = {from},
            .writes = {to},
            .in_place = {{to, from}},
            .bind = [=, count = numbers(x.desc), bf16 = type_of(x.desc) == Type::bf16](const auto& at) -> Action {
              const void* px = at(from);
              void* py = at(to);
              return [=](const RunContext&) { kernels::gelu(count, bf16, px, py); };
            }});
}

void lower_gelu_backward(Lowering& low, int index) { lower_pair(low, index, "gelu backward", kernels::gelu_backward); }

/** Over the channels at each point, which fill their blocks. */
template <typename T>
bool over_whole_blocks(const Lowering& low, const Node& node) {
  const Shape& x = low.graph().shape(node.inputs[0]);
  return convscope::as<T>(*node.op)->get().over == "channels" && x.rank() == 4 && x[1] % kernels::block_lanes() == 0;
}

void lower_standardize(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Desc desc = on_grid(low, node.inputs[0]);
  const int x = low.as(node.inputs[0], desc).buffer, y = low.define({index, 0}, desc).buffer;
  low.step({.name = node.name + " · standardize",
            .reads = {x},
            .writes = {y},
            .in_place = {{y, x}},
            .bind = [=, grid = *grid_of(desc), eps = convscope::as<StandardizeOp>(*node.op)->get().eps](const auto& at) -> Action {
              const void* px = at(x);
              void* py = at(y);
              return [=](const RunContext&) { kernels::standardize_channels(grid, eps, px, py); };
            }});
}

void lower_standardize_backward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Desc desc = on_grid(low, node.inputs[0]);
  const int x = low.as(node.inputs[0], desc).buffer, dy = low.as(node.inputs[1], desc).buffer, dx = low.define({index, 0}, desc).buffer;
  low.step({.name = node.name + " · standardize",
            .reads = {x, dy},
            .writes = {dx},
            .in_place = {{dx, dy}, {dx, x}},
            .bind = [=, grid = *grid_of(desc), eps = convscope::as<StandardizeBackwardOp>(*node.op)->get().eps](const auto& at) -> Action {
              const void *px = at(x), *pdy = at(dy);
              void* pdx = at(dx);
              return [=](const RunContext&) { kernels::standardize_channels_backward(grid, eps, px, pdy, pdx); };
            }});
}

/** Four points of a plane share a block of random words. */
bool planes_of_fours(const Lowering& low, const Node& node) {
  const Shape& x = low.graph().shape(node.inputs[0]);
  return x.rank() == 4 && x[2] * x[3] % 4 == 0 && x.inner() < (int64_t{1} << 32);
}

/** The parts of the stream that the images of a run read. */
void set_parts(const RunContext& context, std::vector<uint64_t>& parts) {
  for (size_t n = 0; n < parts.size(); ++n) parts[n] = DropoutOp::part(context, static_cast<int64_t>(n));
}

void lower_dropout(Lowering& low, int index) {
  const Node& node = low.node(index);
  const DropoutOptions& o = convscope::as<DropoutOp>(*node.op)->get();
  const Desc desc = on_grid(low, node.inputs[0]);
  const int x = low.as(node.inputs[0], desc).buffer;
  const int y = low.define({index, 0}, desc).buffer;
  const uint32_t threshold =
      static_cast<uint32_t>(std::ceil(static_cast<double>(static_cast<float>(o.rate)) * 0x1p24));  // u ≥ rate, in whole steps of u
  low.step({.name = node.name + " · dropout",
            .reads = {x},
            .writes = {y},
            .in_place = {{y, x}},
            .bind = [=, o = o, grid = *grid_of(desc)](const auto& at) -> Action {
              const void* px = at(x);
              void* py = at(y);
              std::vector<uint64_t> parts(static_cast<size_t>(grid.images));
              return [=](const RunContext& context) mutable {
                const RandomStream random(context.seed, o.stream);
                set_parts(context, parts);
                kernels::dropout(grid, px, random.key(), parts.data(), threshold, static_cast<float>(1 / (1 - o.rate)), py);
              };
            }});
}

/** (x) → y and (y, dy) → dx: the first input tells the sign, the last one is multiplied. */
template <typename T>
void lower_rrelu(Lowering& low, int index) {
  const Node& node = low.node(index);
  const RReluOptions& o = convscope::as<T>(*node.op)->get();
  const Desc desc = on_grid(low, node.inputs[0]);
  const int sign = low.as(node.inputs[0], desc).buffer, from = low.as(node.inputs.back(), desc).buffer;
  const int to = low.define({index, 0}, desc).buffer;
  low.step({.name = node.name + " · rrelu",
            .reads = {sign, from},
            .writes = {to},
            .in_place = {{to, from}},
            .bind = [=, o = o, grid = *grid_of(desc)](const auto& at) -> Action {
              const void *ps = at(sign), *px = at(from);
              void* py = at(to);
              std::vector<uint64_t> parts(static_cast<size_t>(grid.images));
              return [=](const RunContext& context) mutable {
                const RandomStream random(context.seed, o.stream);
                set_parts(context, parts);
                kernels::random_slope(grid, ps, px, random.key(), parts.data(), static_cast<float>(o.lower), static_cast<float>(o.upper),
                                      py);
              };
            }});
}

}  // namespace

Located place_before_activation(Lowering& low, int index, const Desc& desc, bool apart) {
  return apart ? low.scratch(desc) : low.define({index, 0}, desc);
}

void lower_activation_of(Lowering& low, int index, const Activation& f, const Located& x) {
  const Node& node = low.node(index);
  const bool padded = numbers(x.desc) != node.shapes[0].size() && f.value(0) != 0;
  const Desc desc = padded && !grid_of(x.desc) ? row_major(dims_of(node.shapes[0]), type_of(x.desc)) : x.desc;
  const auto grid = padded ? grid_of(desc) : std::nullopt;
  const int from = low.as(x, desc).buffer, to = low.define({index, 0}, desc).buffer;
  low.step({.name = fmt::format("{} · {}", node.name, f.name()),
            .reads = {from},
            .writes = {to},
            .in_place = {{to, from}},
            .bind = [=, count = numbers(desc), bf16 = type_of(desc) == Type::bf16](const auto& at) -> Action {
              const void* px = at(from);
              void* py = at(to);
              return [=](const RunContext&) {
                kernels::activation(f, count, bf16, px, py);
                if (grid) clear_padding(*grid, static_cast<std::byte*>(py));
              };
            }});
}

std::span<const Implementation> elementwise_implementations() {
  static const std::vector<Implementation> rows = [] {
    std::vector<Implementation> all{
        {AddOp::kKind, "convscope", always, lower_add},
        {MultiplyOp::kKind, "convscope", alike, lower_multiply},
        {MultiplyOp::kKind, "convscope", pictures, lower_gates},
        {QuotientOp::kKind, "convscope", always, lower_quotient},
        {StandardizeOp::kKind, "convscope", over_whole_blocks<StandardizeOp>, lower_standardize},
        {StandardizeBackwardOp::kKind, "convscope", over_whole_blocks<StandardizeBackwardOp>, lower_standardize_backward},
        {GeluOp::kKind, "convscope", is_gelu, lower_gelu},
        {UnaryBackwardOp::kKind, "convscope", is_gelu, lower_gelu_backward},
        {AbsorbedOp::kKind, "convscope", on_grid_or_rows, lower_absorbed},
        {ClampOp::kKind, "convscope", always, lower_activation},
        {ActivationBackwardOp::kKind, "convscope", two_upstreams, lower_activation_backward},
        {PReluOp::kKind, "convscope", pictures, lower_prelu},
        {PReluBackwardOp::kKind, "convscope", pictures, lower_prelu_backward},
        {RReluOp::kKind, "convscope", planes_of_fours, lower_rrelu<RReluOp>},
        {RReluBackwardOp::kKind, "convscope", planes_of_fours, lower_rrelu<RReluBackwardOp>},
        {DropoutOp::kKind, "convscope", planes_of_fours, lower_dropout},
    };
    each_activation([&]<typename T>() { all.push_back({T::kKind, "convscope", always, lower_activation}); });
    return all;
  }();
  return rows;
}

}  // namespace convscope::onednn
