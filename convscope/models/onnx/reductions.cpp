#include <algorithm>
#include <limits>
#include <set>

#include "convscope/base/join.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

/** What goes: some of channels, rows and columns of [N, C, H, W]. */
struct Reduced {
  bool channels = false, rows = false, columns = false;
};

Reduced reduced_axes(OnnxSite& site, const OnnxThing& x, const std::vector<int64_t>& axes) {
  const std::vector<int64_t> dims = site.dims(x);
  require(!axes.empty(), "[{}] is reduced to one number; some of its axes were wanted", join(dims, ", "));
  Reduced r;
  std::set<int64_t> named;
  for (const int64_t axis : axes) {
    require(named.insert(onnx_axis(axis, dims.size())).second, "axis {} is named twice", axis);
    const int64_t ours = our_axis(x, onnx_axis(axis, dims.size()));
    require(ours > 0, "it reduces the images of a batch to one");
    (ours == 1 ? r.channels : ours == 2 ? r.rows : r.columns) = true;
  }
  if (site.shape(x.value).rank() == 3 && r.rows) r.columns = true;  // [N, C, L] goes as [N, C, L, 1]
  return r;
}

/** A convolution with the same weight everywhere, which has a gradient for means along one axis already. */
Value mean_by_weights(OnnxSite& site, std::string_view suffix, Value x, const Shape& weight, int64_t groups) {
  const Value share = site.parameter(fmt::format("{}-share", suffix), weight, [&] {
    Tensor all(weight);
    fill(all, 1 / static_cast<float>(weight.inner()));
    return all;
  });
  return site.add<Conv2dOp>(suffix, {.groups = groups}, {x, share});
}

Value mean_of(OnnxSite& site, Value x, const Reduced& r, std::string_view planes) {
  const Shape s = site.shape(x);
  if (r.rows && r.columns)
    x = site.add<GlobalAvgPoolOp>(r.channels ? "planes" : planes, {}, {x});
  else if (r.rows || r.columns)
    x = mean_by_weights(site, r.rows ? "rows" : "columns", x, {s[1], 1, r.rows ? s[2] : 1, r.columns ? s[3] : 1}, s[1]);
  return r.channels ? mean_by_weights(site, "channels", x, {1, s[1], 1, 1}, 1) : x;
}

double count_of(const Shape& s, const Reduced& r) {
  return static_cast<double>((r.channels ? s[1] : 1) * (r.rows ? s[2] : 1) * (r.columns ? s[3] : 1));
}

/** [N, C, H, W] with 1 where an axis is gone, as the node gives it. */
void give_reduced(OnnxSite& site, const OnnxThing& x, Value y, const std::vector<int64_t>& axes) {
  OnnxThing kept = x;
  const Shape before = site.shape(x.value);
  if (before.rank() < 4) {
    const Shape now = site.shape(y);
    y = as_before(site, y, before.rank() == 3 ? Shape{now[0], now[1], now[2]} : Shape{now[0], now[1]}, "rows-out");
  }
  kept.value = y;
  if (site.integer("keepdims", 1) != 0) return site.give(kept);
  std::vector<int64_t> left = site.dims(x);
  std::vector<int64_t> gone;
  for (const int64_t axis : axes) gone.push_back(onnx_axis(axis, left.size()));
  std::sort(gone.rbegin(), gone.rend());
  for (const int64_t axis : gone) left.erase(left.begin() + static_cast<std::ptrdiff_t>(axis));
  give_reshaped(site, kept, left);
}

std::vector<int64_t> axes_of(OnnxSite& site) { return onnx_axes(site.node(), site.constant_if_given(1, "axes")); }

/** Means, sums of numbers or of squares, and the roots of these. */
template <bool sum, bool squares, bool root>
void import_mean(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> axes = axes_of(site);
  if (axes.empty() && site.integer("noop_with_empty_axes", 0) != 0) return site.give(x);
  const Shape s = site.shape(x.value);
  require(s.rank() >= 2 && s.rank() <= 4, "[{}] is reduced; channels, rows and columns of pictures are", join(site.dims(x), ", "));
  const Reduced r = reduced_axes(site, x, axes);
  Value y = as_images(site, x.value);
  const double count = count_of(site.shape(y), r);
  if (squares) y = site.add<MultiplyOp>("squares", {}, {y, y});
  const bool last = !sum && !root && site.integer("keepdims", 1) != 0;
  y = mean_of(site, y, r, last ? "" : "mean");
  if (sum) y = uniform_affine(site, "sum", y, count, 0);
  if (root) y = site.add<PowerOp>("root", {0.5}, {y});
  give_reduced(site, x, y, axes);
}

void import_reduce_max(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> axes = axes_of(site);
  const Reduced r = reduced_axes(site, x, axes);
  require(r.rows && r.columns && !r.channels, "the largest of [{}] over other axes than rows and columns", join(site.dims(x), ", "));
  give_reduced(site, x, plane_max(site, "largest", as_images(site, x.value)), axes);
}

}  // namespace

Value plane_max(OnnxSite& site, std::string_view suffix, Value x) {
  const Shape s = site.shape(x);
  const int64_t kernel = std::max(s[2], s[3]);
  const PadOptions pad{.bottom = kernel - s[2], .right = kernel - s[3], .value = std::numeric_limits<float>::lowest()};
  const Value square = s[2] == s[3] ? x : site.add<PadOp>("square", pad, {x});
  return site.add<MaxPoolOp>(suffix, {.kernel = kernel, .stride = 1}, {square});  // one window: it drops no samples
}

std::span<const OnnxOperator> onnx_reductions() {
  static constexpr OnnxOperator rows[] = {
      {"ReduceMean", import_mean<false, false, false>},
      {"ReduceSum", import_mean<true, false, false>},
      {"ReduceSumSquare", import_mean<true, true, false>},
      {"ReduceL2", import_mean<true, true, true>},
      {"ReduceMax", import_reduce_max},
  };
  return rows;
}

}  // namespace convscope
