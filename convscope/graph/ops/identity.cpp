#include "convscope/graph/ops/identity.h"

#include <algorithm>

#include "convscope/graph/gradient.h"

namespace convscope {

std::vector<Shape> IdentityOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  return {in[0]};
}

void IdentityOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  std::copy_n(in[0]->data(), in[0]->size(), out[0]->data());
}

void IdentityOp::gradient(GradientSite& site) const {
  if (site.wanted(0)) site.give(0, site.upstream());
}

}  // namespace convscope
