#include "convscope/graph/ops/pad.h"

#include <algorithm>
#include <cmath>

#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

/** body(place in the large plane, place in the small one, numbers) for each row of a small plane that lies in a large one. */
void each_row(const Shape& large, const Shape& small, int64_t top, int64_t left, auto&& body) {
  for (int64_t p = 0; p < small[0] * small[1]; ++p)
    for (int64_t i = 0; i < small[2]; ++i) body((p * large[2] + top + i) * large[3] + left, (p * small[2] + i) * small[3], small[3]);
}

}  // namespace

std::vector<Shape> PadOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const Shape& x = in[0];
  require_images(x);
  require_count("top", options_.top, 0);
  require_count("bottom", options_.bottom, 0);
  require_count("left", options_.left, 0);
  require_count("right", options_.right, 0);
  require(std::isfinite(options_.value), "value is {}; a finite number was wanted", options_.value);
  return {{x[0], x[1], options_.top + x[2] + options_.bottom, options_.left + x[3] + options_.right}};
}

void PadOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  fill(*out[0], static_cast<float>(options_.value));
  each_row(out[0]->shape(), in[0]->shape(), options_.top, options_.left,
           [&](int64_t large, int64_t small, int64_t count) { std::copy_n(in[0]->data() + small, count, out[0]->data() + large); });
}

void PadOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  const CropOptions options{options_.top, options_.left, x[2], x[3]};
  site.give(0, site.add("backward", std::make_shared<CropOp>(options), {site.upstream()}));
}

std::vector<Shape> CropOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const Shape& x = in[0];
  require_images(x);
  require_count("top", options_.top, 0);
  require_count("left", options_.left, 0);
  require_count("rows", options_.rows, 1);
  require_count("columns", options_.columns, 1);
  require(options_.top + options_.rows <= x[2] && options_.left + options_.columns <= x[3],
          "a window of {} rows from {} and {} columns from {} does not lie in input {}", options_.rows, options_.top, options_.columns,
          options_.left, x);
  return {{x[0], x[1], options_.rows, options_.columns}};
}

void CropOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  each_row(in[0]->shape(), out[0]->shape(), options_.top, options_.left,
           [&](int64_t large, int64_t small, int64_t count) { std::copy_n(in[0]->data() + large, count, out[0]->data() + small); });
}

void CropOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  const PadOptions options{.top = options_.top,
                           .bottom = x[2] - options_.top - options_.rows,
                           .left = options_.left,
                           .right = x[3] - options_.left - options_.columns};
  site.give(0, site.add("backward", std::make_shared<PadOp>(options), {site.upstream()}));
}

}  // namespace convscope
