#include "convscope/engine/kernels/separable.h"

#include <utility>

#include "convscope/engine/onednn/lowering.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/resample.h"

namespace convscope::onednn {

namespace {

using kernels::Taps;

Taps taps_of(const LineMatrix& matrix) {
  return {matrix.columns, matrix.begins, matrix.places, {matrix.weights.begin(), matrix.weights.end()}};
}

/** An axis of a resample as a matrix. */
LineMatrix matrix_of(int64_t taps, const std::vector<int64_t>& places, const std::vector<double>& weights, int64_t extent) {
  LineMatrix m;
  m.columns = extent;
  m.places = places;
  m.weights = weights.empty() ? std::vector<double>(places.size(), 1.0) : weights;
  for (int64_t end = taps; end <= std::ssize(places); end += taps) m.begins.push_back(end);
  return m;
}

std::pair<LineMatrix, LineMatrix> matrices_of(const ResampleOptions& o, int64_t height, int64_t width) {
  return {matrix_of(o.taps, o.rows, o.row_weights, height), matrix_of(o.taps, o.columns, o.column_weights, width)};
}

/** What stands on both sides of a plane. */
std::pair<LineMatrix, LineMatrix> matrices_of(const Op& op, const Shape& x) {
  if (const auto* resample = convscope::as<ResampleOp>(op)) return matrices_of(resample->get(), x[2], x[3]);
  if (const auto* back = convscope::as<ResampleBackwardOp>(op)) {
    const auto [down, across] = matrices_of(back->get(), back->get().height, back->get().width);
    return {down.transposed(), across.transposed()};
  }
  if (const auto* back = convscope::as<DownsampleBackwardOp>(op))
    return {line_matrix(back->get(), back->get().rows).transposed(), line_matrix(back->get(), back->get().columns).transposed()};
  const auto& o = convscope::as<DownsampleOp>(op)->get();
  return {line_matrix(o, x[2]), line_matrix(o, x[3])};
}

void lower_separable(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Value x = node.inputs[0];
  const Shape& shape = low.graph().shape(x);
  const Type type = type_of(low.at(x).desc);
  const Desc from_desc = channel_blocks(dims_of(shape), type);
  const int from = low.as(x, from_desc).buffer, to = low.define({index, 0}, channel_blocks(dims_of(node.shapes[0]), type)).buffer;
  const auto [rows, columns] = matrices_of(*node.op, shape);
  low.step({.name = node.name + " · separable",
            .reads = {from},
            .writes = {to},
            .in_place = {},
            .bind = [from, to, grid = *grid_of(from_desc), down = taps_of(rows), across = taps_of(columns)](const auto& at) -> Action {
              return [=, x = at(from), y = at(to)](const RunContext&) { kernels::separable(grid, down, across, x, y); };
            }});
}

}  // namespace

std::span<const Implementation> separable_implementations() {
  static constexpr Implementation rows[] = {
      {DownsampleOp::kKind, "convscope", always, lower_separable},
      {DownsampleBackwardOp::kKind, "convscope", always, lower_separable},
      {ResampleOp::kKind, "convscope", always, lower_separable},
      {ResampleBackwardOp::kKind, "convscope", always, lower_separable},
  };
  return rows;
}

}  // namespace convscope::onednn
