#include "convscope/graph/ops/perturb.h"

#include <optional>
#include <utility>

#include "convscope/base/threads.h"
#include "convscope/engine/kernels/perturb.h"
#include "convscope/engine/onednn/lowering.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope::onednn {

namespace {

using kernels::PerturbMix;

int64_t block() { return kernels::block_lanes(); }

bool unique_masks(const Lowering& low, const Node& node) { return low.graph().shape(node.inputs[PerturbMixOp::kMasks])[0] != 1; }

/** A pixel's masks of a block of channels stand together; shared masks lie plainly. */
Desc mask_layout(const Shape& masks) {
  if (masks[0] == 1) return row_major(dims_of(masks), Type::f32);
  return Desc(dims_of(masks), Type::f32, block() == 16 ? Tag::Acdb16a : Tag::Acdb8a);
}

/** Not rrelu, whose random numbers each perturbed map has of its own. */
template <typename T>
bool no_random_slopes(const Lowering&, const Node& node) {
  return !convscope::as<T>(*node.op)->get().random();
}

Desc on_blocks(const Shape& images) { return channel_blocks(dims_of(images), Type::f32); }

/** What forward and backward share: options, sizes and layouts. */
PerturbMix described(const Lowering& low, const Node& node, const PerturbMixOptions& o, const Shape& y) {
  PerturbMix mix;
  mix.x = *grid_of(on_blocks(low.graph().shape(node.inputs[PerturbMixOp::kX])));
  mix.y = *grid_of(on_blocks(y));
  mix.nmasks = low.graph().shape(node.inputs[PerturbMixOp::kMasks])[1];
  mix.mask_lanes = unique_masks(low, node) ? block() : 0;
  mix.activation = o.activation();
  mix.learned = o.learned();
  mix.level = static_cast<float>(o.level);
  mix.team = threads();
  return mix;
}

int scratch_of(Lowering& low, const PerturbMix& mix) {
  return low.scratch_bytes(static_cast<size_t>(kernels::perturb_mix_scratch(mix)) * sizeof(float));
}

int masks_of(Lowering& low, const Node& node) {
  const Value masks = node.inputs[PerturbMixOp::kMasks];
  return low.as(masks, mask_layout(low.graph().shape(masks))).buffer;
}

void lower_forward(Lowering& low, int index) {
  using Op = PerturbMixOp;
  const Node& node = low.node(index);
  const PerturbMix mix = described(low, node, convscope::as<Op>(*node.op)->get(), node.shapes[0]);
  const int x = low.as(node.inputs[Op::kX], on_blocks(low.graph().shape(node.inputs[Op::kX]))).buffer;
  const int masks = masks_of(low, node);
  const int weight = low.plain(node.inputs[Op::kWeight]).buffer, bias = low.plain(node.inputs[Op::kBias]).buffer;
  const int slope = node.inputs.size() > Op::kSlope ? low.plain(node.inputs[Op::kSlope]).buffer : -1;
  const int y = low.define({index, 0}, on_blocks(node.shapes[0])).buffer;
  const int scratch = scratch_of(low, mix);
  Step step{.name = node.name + " · perturb", .reads = {x, masks, weight, bias}, .writes = {y, scratch}, .in_place = {}, .bind = {}};
  if (slope >= 0) step.reads.push_back(slope);
  step.bind = [=](const auto& at) -> Action {
    PerturbMix a = mix;
    a.from = static_cast<float*>(at(x));
    a.masks = static_cast<float*>(at(masks));
    a.weight = static_cast<float*>(at(weight));
    a.bias = static_cast<float*>(at(bias));
    a.slope = slope >= 0 ? static_cast<float*>(at(slope)) : nullptr;
    a.to = static_cast<float*>(at(y));
    float* sums = static_cast<float*>(at(scratch));
    return [=](const RunContext&) { kernels::perturb_mix(a, sums); };
  };
  low.step(std::move(step));
}

void lower_backward(Lowering& low, int index) {
  using Op = PerturbMixBackwardOp;
  const Node& node = low.node(index);
  const PerturbMixBackwardOptions& o = convscope::as<Op>(*node.op)->get();
  const Shape x_shape = low.graph().shape(node.inputs[Op::kX]), y_shape = low.graph().shape(node.inputs[Op::kUpstream]);
  PerturbMix mix = described(low, node, o, y_shape);
  const int x = low.as(node.inputs[Op::kX], on_blocks(x_shape)).buffer, dy = low.as(node.inputs[Op::kUpstream], on_blocks(y_shape)).buffer;
  const int masks = masks_of(low, node), weight = low.plain(node.inputs[Op::kWeight]).buffer;
  const bool learned = node.inputs.size() > Op::kSlope;
  const int slope = learned ? low.plain(node.inputs[Op::kSlope]).buffer : -1;

  const auto flat = [&](int output) {
    return low.define({index, output}, row_major(dims_of(node.shapes[static_cast<size_t>(output)]), Type::f32)).buffer;
  };
  const int dx = low.define({index, Op::kDx}, on_blocks(x_shape)).buffer, dweight = flat(Op::kDweight), dbias = flat(Op::kDbias);
  const int dmasks = o.masks ? low.define({index, Op::kDmasks}, mask_layout(node.shapes[Op::kDmasks])).buffer : -1;
  const int dslope = learned ? flat(static_cast<int>(node.shapes.size()) - 1) : -1;
  mix.masks_learn = o.masks;
  const int scratch = scratch_of(low, mix);

  Step step{.name = node.name + " · perturb",
            .reads = {x, masks, weight, dy},
            .writes = {dx, dweight, dbias, scratch},
            .in_place = {},
            .bind = {}};
  if (slope >= 0) step.reads.push_back(slope);
  for (const int written : {dmasks, dslope})
    if (written >= 0) step.writes.push_back(written);
  step.bind = [=](const auto& at) -> Action {
    const auto numbers = [&](int buffer) { return buffer >= 0 ? static_cast<float*>(at(buffer)) : nullptr; };
    PerturbMix a = mix;
    a.from = numbers(x);
    a.masks = numbers(masks);
    a.weight = numbers(weight);
    a.slope = numbers(slope);
    a.upstream = numbers(dy);
    a.to = numbers(dx);
    a.dweight = numbers(dweight);
    a.dbias = numbers(dbias);
    a.dmasks = numbers(dmasks);
    a.dslope = numbers(dslope);
    float* sums = numbers(scratch);
    return [=](const RunContext&) { kernels::perturb_mix_backward(a, sums); };
  };
  low.step(std::move(step));
}

bool one_mask(const Lowering& low, const Node& node) { return low.graph().shape(node.inputs[1])[1] == 1; }

void lower_perturb(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Shape shape = node.shapes[0];
  const Desc& lies = low.at(node.inputs[0]).desc;
  const Desc desc = grid_of(lies) ? lies : channel_blocks(dims_of(shape), low.type());
  const kernels::Grid grid = *grid_of(desc);
  const bool shared = !unique_masks(low, node);
  const Dims plane{1, shape[1], shape[2], shape[3]};
  const Desc image = grid.blocks == 1 && grid.lanes == grid.channels ? Desc(plane, Type::f32, Tag::nhwc) : channel_blocks(plane, Type::f32);
  const int x = low.as(node.inputs[0], desc).buffer;
  const int mask = shared ? low.plain(node.inputs[1]).buffer : low.as(node.inputs[1], image).buffer;
  const int y = low.define({index, 0}, desc).buffer;
  low.step({.name = node.name + " · perturb",
            .reads = {x, mask},
            .writes = {y},
            .in_place = {{y, x}},
            .bind = [=, level = static_cast<float>(convscope::as<PerturbOp>(*node.op)->get().level)](const auto& at) -> Action {
              const void* px = at(x);
              const float* pm = static_cast<float*>(at(mask));
              void* py = at(y);
              return [=](const RunContext&) { kernels::perturb(grid, px, pm, shared, level, py); };
            }});
}

}  // namespace

std::optional<std::pair<std::string, Desc>> preferred_masks(const Lowering& low, int index) {
  const Node& node = low.node(index);
  if (!convscope::as<PerturbMixOp>(*node.op) || !no_random_slopes<PerturbMixOp>(low, node) || !unique_masks(low, node)) return std::nullopt;
  const Node& masks = low.graph().node(node.inputs[PerturbMixOp::kMasks]);
  if (!convscope::as<ParameterOp>(*masks.op)) return std::nullopt;
  return std::pair{masks.name, mask_layout(masks.shapes[0])};
}

std::span<const Implementation> perturb_implementations() {
  static constexpr Implementation rows[] = {
      {PerturbMixOp::kKind, "convscope", no_random_slopes<PerturbMixOp>, lower_forward},
      {PerturbMixBackwardOp::kKind, "convscope", no_random_slopes<PerturbMixBackwardOp>, lower_backward},
      {PerturbOp::kKind, "convscope", one_mask, lower_perturb},
  };
  return rows;
}

}  // namespace convscope::onednn
