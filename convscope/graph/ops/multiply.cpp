#include "convscope/graph/ops/multiply.h"

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {
constexpr int64_t kPiece = 1 << 14;  // numbers that are worth a thread
}

std::vector<Shape> MultiplyOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  const Shape &a = in[0], &b = in[1];
  const bool gates = a.rank() == 4 && b.rank() == 4 && b[0] == a[0] && b[1] == a[1] && b[2] == 1 && b[3] == 1;
  require(a == b || gates, "{} times {}; equal shapes, or a number for each channel, were wanted", a, b);
  return {a};
}

void MultiplyOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &a = *in[0], &b = *in[1];
  const int64_t repeat = b.size() == 0 ? 1 : a.size() / b.size();
  parallel(a.size(), kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) (*out[0])[i] = a[i] * b[i / repeat];
  });
}

void MultiplyOp::gradient(GradientSite& site) const {
  const Value a = site.in(0), b = site.in(1), dy = site.upstream();
  if (site.wanted(0)) site.give(0, site.add("backward-first", std::make_shared<MultiplyOp>(NoOptions{}), {dy, b}));
  if (!site.wanted(1)) return;
  const Value product = site.add("backward-second", std::make_shared<MultiplyOp>(NoOptions{}), {dy, a});
  site.give(1, site.shape(a) == site.shape(b) ? product : site.add("backward-gate", std::make_shared<PlaneSumOp>(NoOptions{}), {product}));
}

std::vector<Shape> PlaneSumOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_images(in[0]);
  return {{in[0][0], in[0][1], 1, 1}};
}

void PlaneSumOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[0];
  const int64_t plane = x.shape()[2] * x.shape()[3];
  parallel(x.shape()[0] * x.shape()[1], 4, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      double sum = 0;
      for (int64_t i = p * plane; i < (p + 1) * plane; ++i) sum += x[i];
      (*out[0])[p] = static_cast<float>(sum);
    }
  });
}

}  // namespace convscope
