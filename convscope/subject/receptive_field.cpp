#include "convscope/subject/receptive_field.h"

#include <algorithm>
#include <cstdlib>

#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/polyphase.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/ops/standardize.h"

namespace convscope {

namespace {

/** A sliding window: position i of its output sees positions `stride` i − `pad` to that + `extent` − 1 of its input. */
struct Sliding {
  int64_t stride = 1, pad = 0, extent = 1;
};

/** Position i sees position i − `rows` or i − `columns` of the input, and what is between them. */
Sliding moved(int64_t rows, int64_t columns) { return {1, std::max(rows, columns), 1 + std::abs(rows - columns)}; }

std::optional<Sliding> sliding(const Graph& graph, const Node& node) {
  if (const auto* conv = as<Conv2dOp>(*node.op)) {
    const Shape& weight = graph.shape(node.inputs[1]);
    const Conv2dOptions& o = conv->get();
    return Sliding{o.stride, o.pad, o.dilation * (std::max(weight[2], weight[3]) - 1) + 1};
  }
  if (const auto* pool = as<MaxPoolOp>(*node.op))
    return Sliding{pool->get().stride, pool->get().pad, std::max(pool->get().kernel, pool->get().kernel_columns)};
  if (const auto* pool = as<AvgPoolOp>(*node.op)) return Sliding{pool->get().stride, pool->get().pad, pool->get().kernel};
  if (const auto* drop = as<SubsampleOp>(*node.op)) return Sliding{drop->get().rate, 0, 1};
  if (const auto* pad = as<PadOp>(*node.op)) return moved(pad->get().top, pad->get().left);
  if (const auto* crop = as<CropOp>(*node.op)) return moved(-crop->get().top, -crop->get().left);
  return std::nullopt;
}

/** Whether each position sees the whole picture, or it is not told which part. */
bool sees_all(const Op& op) {
  const auto* standardize = as<StandardizeOp>(op);
  return as<GlobalAvgPoolOp>(op) || as<ResampleOp>(op) || as<DownsampleOp>(op) || as<PolyphaseTakeOp>(op) ||
         (standardize && standardize->get().over == "groups");
}

}  // namespace

std::optional<ReceptiveField> receptive_field(const Graph& graph, std::string_view name) {
  const int end = graph.at(name).node;
  std::vector<std::optional<ReceptiveField>> fields(graph.nodes().size());
  for (int i = 0; i <= end; ++i) {
    const Node& node = graph.node(i);
    auto& field = fields[static_cast<size_t>(i)];
    if (node.name == kPixels) field = ReceptiveField{};
    if (node.shapes.empty() || node.shapes[0].rank() != 4 || sees_all(*node.op)) continue;
    for (const Value v : node.inputs) {
      const auto& from = fields[static_cast<size_t>(v.node)];
      if (!from) continue;
      ReceptiveField seen = *from;
      if (const auto window = sliding(graph, node)) {
        seen.before = from->before - from->step * window->pad;
        seen.behind = from->behind + from->step * (window->extent - 1 - window->pad);
        seen.step = from->step * window->stride;
      }
      field = field ? ReceptiveField{seen.step, std::min(field->before, seen.before), std::max(field->behind, seen.behind)} : seen;
    }
  }
  return fields[static_cast<size_t>(end)];
}

}  // namespace convscope
