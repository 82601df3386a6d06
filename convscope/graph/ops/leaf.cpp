#include "convscope/graph/ops/leaf.h"

#include <algorithm>

#include "convscope/base/join.h"

namespace convscope {

namespace {
/** A shape that somebody wrote: every extent at least 1, and no more numbers than a machine could hold. */
Shape checked(std::string_view kind, const std::vector<int64_t>& extents) {
  constexpr int64_t kMost = int64_t{1} << 40;
  int64_t size = 1;
  for (const int64_t e : extents) {
    require(e >= 1, "the shape [{}] of this {} has the extent {}; extents start at 1", join(extents, ", "), kind, e);
    require(e <= kMost / size, "the shape [{}] of this {} has more than {} numbers", join(extents, ", "), kind, kMost);
    size *= e;
  }
  return Shape(std::span<const int64_t>(extents));
}
}  // namespace

std::vector<Shape> InputOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 0, 0);
  require(!options_.shape.empty(), "an input needs a shape, batch first; it has none");
  return {checked(kKind, options_.shape)};
}
// Inputs and parameters are filled by who runs the graph; there is nothing to compute.
void InputOp::run(std::span<const Tensor* const>, std::span<Tensor* const>, const RunContext&) const {}

std::vector<Shape> ParameterOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 0, 0);
  require(!options_.shape.empty(), "a parameter needs a shape; it has none");
  return {checked(kKind, options_.shape)};
}
void ParameterOp::run(std::span<const Tensor* const>, std::span<Tensor* const>, const RunContext&) const {}

std::vector<Shape> ConstantOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 0, 0);
  return {checked(kKind, options_.shape)};
}
void ConstantOp::run(std::span<const Tensor* const>, std::span<Tensor* const> out, const RunContext&) const {
  fill(*out[0], options_.value);
}

}  // namespace convscope
