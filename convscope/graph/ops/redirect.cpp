#include "convscope/graph/ops/redirect.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

std::vector<Shape> RedirectOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 3, 3);
  require(std::isfinite(options_.low) && std::isfinite(options_.high) && (!options_.bounded || options_.high >= options_.low),
          "limits {} and {}: the lower one first was wanted", options_.low, options_.high);
  require(in[0].rank() >= 1 && in[0][0] >= 1, "input {} has no images", in[0]);
  require_shape("dy", in[1], in[0]);
  require_shape("dx", in[2], in[0]);
  return {in[0], {in[0][0], 1}};
}

void RedirectOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const auto low = static_cast<float>(options_.low), high = static_cast<float>(options_.high);
  parallel(in[0]->shape()[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const std::span<const float> y = in[0]->row(n), dy = in[1]->row(n), dx = in[2]->row(n);
      const std::span<float> to = out[0]->row(n);
      std::copy(dx.begin(), dx.end(), to.begin());
      if (std::any_of(dx.begin(), dx.end(), [](float v) { return v != 0; })) continue;
      bool opened = false;
      for (size_t i = 0; i < y.size(); ++i)
        if ((y[i] <= low && dy[i] > 0) || (options_.bounded && y[i] >= high && dy[i] < 0)) {
          to[i] = dy[i];
          opened = true;
        }
      (*out[1])[n] = opened ? 1.0f : 0.0f;
    }
  });
}

}  // namespace convscope
