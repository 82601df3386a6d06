#include "convscope/inspect/attribution/positions.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/split.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

namespace {

/** Which nodes lie between the pixels and a value, both ends included. */
std::vector<bool> between(const Graph& graph, Value of) {
  const size_t count = static_cast<size_t>(of.node) + 1;
  std::vector<bool> from(count, false), to(count, false);
  for (size_t i = 0; i < count; ++i) {
    const Node& node = graph.nodes()[i];
    from[i] = node.name == kPixels;
    for (const Value v : node.inputs) from[i] = from[i] || from[static_cast<size_t>(v.node)];
  }
  to[count - 1] = true;
  for (size_t i = count; i-- > 0;)
    if (to[i])
      for (const Value v : graph.nodes()[i].inputs) to[static_cast<size_t>(v.node)] = true;
  for (size_t i = 0; i < count; ++i) to[i] = to[i] && from[i];
  return to;
}

bool passes_on(const Op& op) {
  return as<MaxPoolOp>(op) || as<AvgPoolOp>(op) || as<GlobalAvgPoolOp>(op) || as<ResampleOp>(op) || as<PadOp>(op) || as<CropOp>(op) ||
         as<IdentityOp>(op) || as<DropoutOp>(op) || as<UnflattenOp>(op);
}

/** Where along an axis number `i` of `to` lies among `from` numbers: between two of them, by a share. */
struct Between {
  size_t low, high;
  double share;
};
Between place(int64_t i, int64_t to, int64_t from) {
  const double at = std::clamp((static_cast<double>(i) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5, 0.0,
                               static_cast<double>(from - 1));
  const auto low = static_cast<int64_t>(at);
  return {static_cast<size_t>(low), static_cast<size_t>(std::min(low + 1, from - 1)), at - static_cast<double>(low)};
}

}  // namespace

bool has_positions(const Shape& shape) { return shape.rank() == 4 && shape[2] * shape[3] > 1; }

std::string last_with_positions(const Graph& graph, Value of) {
  const std::vector<bool> wanted = between(graph, of);
  for (int i = of.node; i >= 0; --i) {
    const Node& node = graph.node(i);
    if (wanted[static_cast<size_t>(i)] && node.name != kPixels && has_positions(node.shapes[0]) && !passes_on(*node.op)) return node.name;
  }
  return "";
}

std::vector<std::string> nodes_with_positions(const Graph& graph, Value of, std::string_view asked, std::string_view method) {
  const std::string last = last_with_positions(graph, of);
  if (asked.empty()) {
    require(!last.empty(), "{}: no node of this network has positions: it needs a convolution's maps; gradient and its kin do not", method);
    return {last};
  }
  const std::vector<bool> wanted = between(graph, of);
  std::vector<std::string> names;
  for (const std::string_view name : split(asked, '+')) {
    const Value v = graph.at(name);
    const Shape& shape = graph.shape(v);
    require(has_positions(shape), "{}: node '{}' gives {} and has no positions{}", method, name, Shape(shape.extents().subspan(1)),
            last.empty() ? "; no node of this network has" : fmt::format("; the last one that has is '{}'", last));
    require(v.node <= of.node && wanted[static_cast<size_t>(v.node)], "{}: node '{}' is not between the pixels and '{}'", method, name,
            graph.name(of));
    names.emplace_back(name);
  }
  return names;
}

std::vector<double> upsampled(std::span<const double> map, int64_t h, int64_t w, int64_t rows, int64_t columns) {
  std::vector<double> out;
  out.reserve(static_cast<size_t>(rows * columns));
  for (int64_t i = 0; i < rows; ++i) {
    const Between y = place(i, rows, h);
    for (int64_t j = 0; j < columns; ++j) {
      const Between x = place(j, columns, w);
      const double* low = map.data() + y.low * static_cast<size_t>(w);
      const double* high = map.data() + y.high * static_cast<size_t>(w);
      out.push_back((1 - y.share) * ((1 - x.share) * low[x.low] + x.share * low[x.high]) +
                    y.share * ((1 - x.share) * high[x.low] + x.share * high[x.high]));
    }
  }
  return out;
}

}  // namespace convscope
