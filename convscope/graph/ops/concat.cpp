#include "convscope/graph/ops/concat.h"

#include <algorithm>

#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

std::vector<Shape> ConcatOp::shapes(std::span<const Shape> in) const {
  require_count("inputs", options_.inputs, 1);
  const size_t inputs = static_cast<size_t>(options_.inputs);
  require_inputs(kKind, in.size(), inputs, inputs);
  Shape y = in[0];
  require_channels(y);
  for (const Shape& x : in.subspan(1)) {
    Shape alike = x;
    if (x.rank() == y.rank()) alike[1] = in[0][1];
    require(alike == in[0], "inputs {} and {} cannot stand one behind the other; they may differ in their channels alone", in[0], x);
    y[1] += x[1];
  }
  return {Shape(y.extents())};
}

void ConcatOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  for (int64_t n = 0; n < out[0]->shape()[0]; ++n) {
    float* to = out[0]->row(n).data();
    for (const Tensor* x : in) to = std::copy_n(x->row(n).data(), x->shape().inner(), to);
  }
}

void ConcatOp::gradient(GradientSite& site) const {
  int64_t first = 0;
  for (size_t i = 0; i < site.inputs(); ++i) {
    const int64_t count = site.shape(site.in(i))[1];
    if (site.wanted(i))
      site.give(i, site.add("backward", std::make_shared<TakeChannelsOp>(TakeChannelsOptions{first, count}), {site.upstream()}));
    first += count;
  }
}

}  // namespace convscope
