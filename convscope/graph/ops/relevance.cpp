#include "convscope/graph/ops/relevance.h"

#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

constexpr int64_t kPiece = 1 << 14;  // numbers that are worth a thread

void check(const StabiliserOptions& o) {
  require(std::isfinite(o.epsilon) && o.epsilon >= 0, "epsilon is {}; 0 or more was wanted", o.epsilon);
}

double away(float z, double epsilon) { return z >= 0 ? epsilon : -epsilon; }

}  // namespace

std::vector<Shape> QuotientOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  check(options_);
  require_shape("z", in[1], in[0]);
  return {in[0]};
}

void QuotientOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &r = *in[0], &z = *in[1];
  parallel(r.size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) (*out[0])[i] = r[i] == 0 ? 0 : static_cast<float>(r[i] / (z[i] + away(z[i], options_.epsilon)));
  });
}

std::vector<Shape> AbsorbedOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), options_.bias ? 3 : 2, options_.bias ? 3 : 2);
  check(options_);
  require(in[0].rank() >= 2 && in[0][1] >= 1, "input {} has no channels; [N, C, …] was wanted", in[0]);
  require_shape("z", in[1], in[0]);
  if (options_.bias)
    require(in[2] == in[0] || in[2] == Shape{in[0][1]}, "bias {} does not fit {}; [{}] or its shape was wanted", in[2], in[0], in[0][1]);
  return {{in[0][0], 1}};
}

void AbsorbedOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &s = *in[0], &z = *in[1];
  const int64_t inner = s.shape().inner(), plane = inner / s.shape()[1];
  for (int64_t n = 0; n < s.shape()[0]; ++n) {
    double sum = 0;
    for (int64_t i = 0; i < inner; ++i) {
      const int64_t k = n * inner + i;
      const double bias = !options_.bias ? 0 : in[2]->shape() == s.shape() ? (*in[2])[k] : (*in[2])[i / plane];
      sum += s[k] * (bias + away(z[k], options_.epsilon));
    }
    (*out[0])[n] = static_cast<float>(options_.factor * sum);
  }
}

}  // namespace convscope
