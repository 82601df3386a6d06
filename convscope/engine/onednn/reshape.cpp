#include "convscope/graph/ops/reshape.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "convscope/base/threads.h"
#include "convscope/engine/onednn/lowering.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/pad.h"

namespace convscope::onednn {

namespace {

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

/** Pictures in channel blocks, rows of numbers as they are. */
Desc channel_layout(const Shape& shape, Type type) {
  return shape.rank() == 4 ? channel_blocks(dims_of(shape), type) : row_major(dims_of(shape), type);
}

kernels::Grid channel_grid(const Desc& desc) {
  if (const auto grid = grid_of(desc)) return *grid;
  const Dims d = dims_of(desc);
  return {.images = d[0], .blocks = 1, .points = 1, .lanes = d[1], .channels = d[1], .bf16 = type_of(desc) == Type::bf16};
}

/** One of the things that channels of the result come from. */
struct Source {
  int buffer = -1;
  kernels::Grid grid;
  int64_t first = 0;     // its first channel that is taken
  int64_t first_to = 0;  // where that one goes
  int64_t count = 0;
};

/** Channels of image n of x go where the source says: in runs of lanes that lie in one block on both sides. */
template <typename T>
void copy_channels(const Source& source, const T* x, const kernels::Grid& grid, T* y, int64_t n) {
  const kernels::Grid& from = source.grid;
  for (int64_t done = 0; done < source.count;) {
    const int64_t c = source.first + done, c_to = source.first_to + done;
    const int64_t lane = c % from.lanes, lane_to = c_to % grid.lanes;
    const int64_t run = std::min({from.lanes - lane, grid.lanes - lane_to, source.count - done});
    const T* in = x + (n * from.blocks + c / from.lanes) * from.points * from.lanes + lane;
    T* out = y + (n * grid.blocks + c_to / grid.lanes) * grid.points * grid.lanes + lane_to;
    if (run == from.lanes && run == grid.lanes) {
      std::copy_n(in, run * grid.points, out);
    } else {
      for (int64_t p = 0; p < grid.points; ++p) std::copy_n(in + p * from.lanes, run, out + p * grid.lanes);
    }
    done += run;
  }
}

/** Image by image: what comes from nowhere, padding among it, becomes 0, the rest is copied. */
template <typename T>
void gather_channels(const std::vector<Source>& sources, const std::vector<const void*>& from, const kernels::Grid& grid, bool gaps, T* y) {
  parallel(grid.images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      if (gaps) std::fill_n(y + n * grid.image_size(), grid.image_size(), T{0});
      for (size_t i = 0; i < sources.size(); ++i) copy_channels(sources[i], static_cast<const T*>(from[i]), grid, y, n);
    }
  });
}

void lower_channels(Lowering& low, int index, std::vector<Source> sources, std::string_view what) {
  const Node& node = low.node(index);
  const Desc desc = channel_layout(node.shapes[0], type_of(low.at(node.inputs[0]).desc));
  const kernels::Grid grid = channel_grid(desc);
  int64_t covered = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    const Value x = node.inputs[i];
    const Desc& lies = low.at(x).desc;
    const bool as_it_lies = grid_of(lies) && type_of(lies) == type_of(desc);
    const Desc wanted = as_it_lies ? lies : channel_layout(low.graph().shape(x), type_of(desc));
    sources[i].buffer = low.as(x, wanted).buffer;
    sources[i].grid = channel_grid(wanted);
    covered += sources[i].count;
  }
  Step step{.name = fmt::format("{} · {}", node.name, what), .reads = {}, .writes = {}, .in_place = {}, .bind = {}};
  for (const Source& s : sources) step.reads.push_back(s.buffer);
  const int to = low.define({index, 0}, desc).buffer;
  step.writes.push_back(to);
  step.bind = [=, gaps = covered < grid.padded_channels()](const auto& at) -> Action {
    std::vector<const void*> from;
    for (const Source& s : sources) from.push_back(at(s.buffer));
    void* y = at(to);
    if (grid.bf16) return [=](const RunContext&) { gather_channels(sources, from, grid, gaps, static_cast<uint16_t*>(y)); };
    return [=](const RunContext&) { gather_channels(sources, from, grid, gaps, static_cast<float*>(y)); };
  };
  low.step(std::move(step));
}

void lower_zero_pad_channels(Lowering& low, int index) {
  const Node& node = low.node(index);
  Source x;
  x.first_to = convscope::as<ZeroPadChannelsOp>(*node.op)->get().before;
  x.count = low.graph().shape(node.inputs[0])[1];
  lower_channels(low, index, {x}, "channels");
}

void lower_take_channels(Lowering& low, int index) {
  const TakeChannelsOptions& o = convscope::as<TakeChannelsOp>(*low.node(index).op)->get();
  Source x;
  x.first = o.first;
  x.count = o.count;
  lower_channels(low, index, {x}, "channels");
}

void lower_concat(Lowering& low, int index) {
  std::vector<Source> sources;
  int64_t first = 0;
  for (const Value v : low.node(index).inputs) {
    Source x;
    x.first_to = first;
    x.count = low.graph().shape(v)[1];
    first += x.count;
    sources.push_back(x);
  }
  lower_channels(low, index, std::move(sources), "concat");
}

/** Rows × columns pixels of one plane become those of another from other corners. */
struct Cut {
  int64_t rows, columns;
  int64_t from_top, from_left, to_top, to_left;
};

/** Moves whole pixels (all lanes of a block); the plane around the window becomes `value` where `fill` says so. */
template <typename T>
void copy_window(const kernels::Grid& grid, const Cut& w, int64_t from_rows, int64_t from_columns, int64_t to_rows, int64_t to_columns,
                 bool fill, T value, const T* x, T* y) {
  parallel(grid.images * grid.blocks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const T* in = x + plane * from_rows * from_columns * grid.lanes;
      T* out = y + plane * to_rows * to_columns * grid.lanes;
      if (fill) {
        const int64_t real = std::min(grid.lanes, grid.channels - plane % grid.blocks * grid.lanes);  // padded channels stay zero
        for (int64_t p = 0; p < to_rows * to_columns; ++p) {
          std::fill_n(out + p * grid.lanes, real, value);
          std::fill_n(out + p * grid.lanes + real, grid.lanes - real, T{0});
        }
      }
      for (int64_t r = 0; r < w.rows; ++r)
        std::copy_n(in + ((w.from_top + r) * from_columns + w.from_left) * grid.lanes, w.columns * grid.lanes,
                    out + ((w.to_top + r) * to_columns + w.to_left) * grid.lanes);
    }
  });
}

/** Rounded to nearest, ties to even, as the kernels do. */
uint16_t bf16_bits(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void lower_window(Lowering& low, int index, const Cut& window, bool fill, float value, std::string_view what) {
  const Node& node = low.node(index);
  const Value x = node.inputs[0];
  const Shape from_shape = low.graph().shape(x), to_shape = node.shapes[0];
  const Type type = type_of(low.at(x).desc);
  const Desc from_desc = channel_blocks(dims_of(from_shape), type), to_desc = channel_blocks(dims_of(to_shape), type);
  const int from = low.as(x, from_desc).buffer, to = low.define({index, 0}, to_desc).buffer;
  low.step({.name = fmt::format("{} · {}", node.name, what),
            .reads = {from},
            .writes = {to},
            .in_place = {},
            .bind = [=, grid = *grid_of(from_desc)](const auto& at) -> Action {
              const void* px = at(from);
              void* py = at(to);
              return [=](const RunContext&) {
                const auto copy = [&](auto number) {
                  using T = decltype(number);
                  copy_window(grid, window, from_shape[2], from_shape[3], to_shape[2], to_shape[3], fill, number, static_cast<const T*>(px),
                              static_cast<T*>(py));
                };
                if (grid.bf16) return copy(bf16_bits(value));
                copy(value);
              };
            }});
}

void lower_pad(Lowering& low, int index) {
  const Node& node = low.node(index);
  const PadOptions& o = convscope::as<PadOp>(*node.op)->get();
  const Shape& x = low.graph().shape(node.inputs[0]);
  lower_window(low, index, {x[2], x[3], 0, 0, o.top, o.left}, true, static_cast<float>(o.value), "pad");
}

void lower_crop(Lowering& low, int index) {
  const CropOptions& o = convscope::as<CropOp>(*low.node(index).op)->get();
  lower_window(low, index, {o.rows, o.columns, o.top, o.left, 0, 0}, false, 0, "crop");
}

void lower_identity(Lowering& low, int index) { low.view({index, 0}, low.at(low.node(index).inputs[0])); }

}  // namespace

std::span<const Implementation> reshape_implementations() {
  static constexpr Implementation rows[] = {
      {IdentityOp::kKind, "view", always, lower_identity},
      {FlattenOp::kKind, "view", always, lower_reshape},
      {UnflattenOp::kKind, "view", always, lower_reshape},
      {SubsampleOp::kKind, "convscope", always, lower_subsample},
      {SubsampleBackwardOp::kKind, "convscope", always, lower_subsample},
      {ZeroPadChannelsOp::kKind, "convscope", always, lower_zero_pad_channels},
      {TakeChannelsOp::kKind, "convscope", always, lower_take_channels},
      {ConcatOp::kKind, "convscope", always, lower_concat},
      {PadOp::kKind, "convscope", always, lower_pad},
      {CropOp::kKind, "convscope", always, lower_crop},
  };
  return rows;
}

}  // namespace convscope::onednn
