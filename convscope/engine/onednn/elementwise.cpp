#include "convscope/graph/ops/elementwise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/engine/onednn/lowering.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope::onednn {

namespace {

/** Numbers in memory, padding included: elementwise work does not care what they mean. */
int64_t numbers(const Desc& desc) { return static_cast<int64_t>(desc.get_size() / dnnl::memory::data_type_size(type_of(desc))); }

/** out = (a + b) · [y > 0] on the layout of a. */
void combine(Lowering& low, int index, std::optional<Value> y, Value a, std::optional<Value> b, std::string_view what) {
  const Node& node = low.node(index);
  // A blocked layout is what the neighbours work on; of two, the one that has it leads.
  Desc desc = low.at(a).desc;
  for (const std::optional<Value> v : {std::optional(a), b, y}) {
    if (v && grid_of(low.at(*v).desc)) {
      desc = low.at(*v).desc;
      break;
    }
  }
  const int pa = low.as(a, desc).buffer, pb = b ? low.as(*b, desc).buffer : -1, py = y ? low.as(*y, desc).buffer : -1;
  const int out = low.define({index, 0}, desc).buffer;
  Step step{.name = fmt::format("{} · {}", node.name, what), .reads = {pa}, .writes = {out}, .in_place = {{out, pa}}, .bind = {}};
  for (const int p : {pb, py}) {
    if (p < 0) continue;
    step.reads.push_back(p);
    if (p == pb) step.in_place.emplace_back(out, p);
  }
  step.bind = [=, count = numbers(desc), bf16 = type_of(desc) == Type::bf16](const auto& at) -> Action {
    const void *va = at(pa), *vb = pb >= 0 ? at(pb) : nullptr, *vy = py >= 0 ? at(py) : nullptr;
    void* vo = at(out);
    return [=](const RunContext&) { kernels::relu_backward(count, bf16, vy, va, vb, vo); };
  };
  low.step(std::move(step));
}

void lower_add(Lowering& low, int index) {
  const auto& in = low.node(index).inputs;
  combine(low, index, std::nullopt, in[0], in[1], "add");
}

void lower_relu_backward(Lowering& low, int index) {
  const auto& in = low.node(index).inputs;
  combine(low, index, in[0], in[1], in.size() > 2 ? std::optional(in[2]) : std::nullopt, "relu backward");
}

void lower_relu(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Located x = low.at(node.inputs[0]);
  const int y = low.define({index, 0}, x.desc).buffer;
  low.step({.name = node.name + " · relu",
            .reads = {x.buffer},
            .writes = {y},
            .in_place = {{y, x.buffer}},
            .bind = [=, count = numbers(x.desc), bf16 = type_of(x.desc) == Type::bf16](const auto& at) -> Action {
              const void* from = at(x.buffer);
              void* to = at(y);
              return [=](const RunContext&) { kernels::relu(count, bf16, from, to); };
            }});
}

/** Four points of a plane share a block of random words. */
bool planes_of_fours(const Lowering& low, const Node& node) {
  const Shape& x = low.graph().shape(node.inputs[0]);
  return x.rank() == 4 && x[2] * x[3] % 4 == 0 && x.inner() < (int64_t{1} << 32);
}

void lower_dropout(Lowering& low, int index) {
  const Node& node = low.node(index);
  const DropoutOptions& o = convscope::as<DropoutOp>(*node.op)->get();
  const Located& from = low.at(node.inputs[0]);
  const Desc desc = grid_of(from.desc) ? from.desc : channel_blocks(dims_of(node.shapes[0]), type_of(from.desc));
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
                for (int64_t n = 0; n < grid.images; ++n) parts[static_cast<size_t>(n)] = DropoutOp::part(context, n);
                kernels::dropout(grid, px, random.key(), parts.data(), threshold, static_cast<float>(1 / (1 - o.rate)), py);
              };
            }});
}

/** The same numbers in row-major order under other dims. */
void lower_reshape(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Value x = node.inputs[0];
  const Type type = type_of(low.at(x).desc);
  const Located rows = low.as(x, row_major(dims_of(low.graph().shape(x)), type));
  low.view({index, 0}, {row_major(dims_of(node.shapes[0]), type), rows.buffer});
}

/** Moves whole pixels (all lanes of a block) between grids of two sizes. */
void lower_subsample(Lowering& low, int index) {
  const Node& node = low.node(index);
  const bool backward = convscope::as<SubsampleBackwardOp>(*node.op) != nullptr;
  const int64_t rate = node.op->options()["rate"].get<int64_t>();
  const Value x = node.inputs[0];
  const Type type = type_of(low.at(x).desc);
  const Desc from_desc = channel_blocks(dims_of(low.graph().shape(x)), type), to_desc = channel_blocks(dims_of(node.shapes[0]), type);
  const Shape large = backward ? node.shapes[0] : low.graph().shape(x), small = backward ? low.graph().shape(x) : node.shapes[0];
  const int from = low.as(x, from_desc).buffer, to = low.define({index, 0}, to_desc).buffer;
  const kernels::Grid grid = *grid_of(from_desc);
  low.step({.name = node.name + " · subsample", .reads = {from}, .writes = {to}, .in_place = {}, .bind = [=](const auto& at) -> Action {
              const std::byte* source = static_cast<const std::byte*>(at(from));
              std::byte* target = static_cast<std::byte*>(at(to));
              const size_t pixel = static_cast<size_t>(grid.lanes) * (grid.bf16 ? 2 : 4);
              return [=](const RunContext&) {
                const int64_t rows = large[2], columns = large[3], kept_rows = small[2], kept_columns = small[3];
                parallel(grid.images * grid.blocks, 4, [&](int64_t begin, int64_t end) {
                  for (int64_t plane = begin; plane < end; ++plane) {
                    std::byte* l = const_cast<std::byte*>(backward ? target : source) + static_cast<size_t>(plane * rows * columns) * pixel;
                    std::byte* s =
                        const_cast<std::byte*>(backward ? source : target) + static_cast<size_t>(plane * kept_rows * kept_columns) * pixel;
                    if (backward) std::memset(l, 0, static_cast<size_t>(rows * columns) * pixel);
                    for (int64_t r = 0; r < kept_rows; ++r) {
                      for (int64_t c = 0; c < kept_columns; ++c) {
                        std::byte* there = l + static_cast<size_t>(r * rate * columns + c * rate) * pixel;
                        std::byte* here = s + static_cast<size_t>(r * kept_columns + c) * pixel;
                        std::memcpy(backward ? there : here, backward ? here : there, pixel);
                      }
                    }
                  }
                });
              };
            }});
}

/** Channel c of the result is channel c + offset of x, or zero. */
template <typename T>
void shift_channels(const kernels::Grid& from, const kernels::Grid& to, int64_t offset, const T* x, T* y) {
  parallel(to.images * to.blocks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / to.blocks, b = i % to.blocks;
      T* out = y + i * to.points * to.lanes;
      std::fill_n(out, to.points * to.lanes, T{0});
      // Runs of lanes that come from one block of x.
      for (int64_t l = 0; l < to.lanes;) {
        const int64_t c = b * to.lanes + l, source = c + offset;
        if (c >= to.channels) break;
        if (source < 0 || source >= from.channels) {
          ++l;
          continue;
        }
        const int64_t lane = source % from.lanes;
        const int64_t run = std::min({to.lanes - l, from.lanes - lane, from.channels - source, to.channels - c});
        const T* in = x + (n * from.blocks + source / from.lanes) * from.points * from.lanes + lane;
        for (int64_t p = 0; p < to.points; ++p) std::copy_n(in + p * from.lanes, run, out + p * to.lanes + l);
        l += run;
      }
    }
  });
}

void lower_shift_channels(Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto* pad = convscope::as<ZeroPadChannelsOp>(*node.op);
  const int64_t offset = pad ? -pad->get().before : convscope::as<TakeChannelsOp>(*node.op)->get().first;
  const Value x = node.inputs[0];
  const Type type = type_of(low.at(x).desc);
  const Desc from_desc = channel_blocks(dims_of(low.graph().shape(x)), type), to_desc = channel_blocks(dims_of(node.shapes[0]), type);
  const int from = low.as(x, from_desc).buffer, to = low.define({index, 0}, to_desc).buffer;
  low.step({.name = node.name + " · channels",
            .reads = {from},
            .writes = {to},
            .in_place = {},
            .bind = [=, source = *grid_of(from_desc), target = *grid_of(to_desc)](const auto& at) -> Action {
              const void* a = at(from);
              void* b = at(to);
              if (source.bf16)
                return [=](const RunContext&) {
                  shift_channels(source, target, offset, static_cast<const uint16_t*>(a), static_cast<uint16_t*>(b));
                };
              return
                  [=](const RunContext&) { shift_channels(source, target, offset, static_cast<const float*>(a), static_cast<float*>(b)); };
            }});
}

}  // namespace

std::span<const Implementation> elementwise_implementations() {
  static constexpr Implementation rows[] = {
      {AddOp::kKind, "convscope", always, lower_add},
      {ReluOp::kKind, "convscope", always, lower_relu},
      {ReluBackwardOp::kKind, "convscope", always, lower_relu_backward},
      {DropoutOp::kKind, "convscope", planes_of_fours, lower_dropout},
      {FlattenOp::kKind, "view", always, lower_reshape},
      {UnflattenOp::kKind, "view", always, lower_reshape},
      {SubsampleOp::kKind, "convscope", always, lower_subsample},
      {SubsampleBackwardOp::kKind, "convscope", always, lower_subsample},
      {ZeroPadChannelsOp::kKind, "convscope", always, lower_shift_channels},
      {TakeChannelsOp::kKind, "convscope", always, lower_shift_channels},
  };
  return rows;
}

}  // namespace convscope::onednn
