#include "convscope/graph/ops/drop_images.h"

#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"

namespace convscope {

std::vector<Shape> DropImagesOp::shapes(std::span<const Shape> in) const { return DropoutOp(options_).shapes(in); }

void DropImagesOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const RandomStream random(context.seed, options_.stream);
  const DropoutOp one(options_);
  const float scale = static_cast<float>(1 / (1 - options_.rate));
  const int64_t images = in[0]->shape()[0];
  parallel(images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const float factor = one.keeps(random.uniform(0, DropoutOp::part(context, n))) ? scale : 0;
      const auto from = in[0]->row(n);
      const auto to = out[0]->row(n);
      for (size_t i = 0; i < from.size(); ++i) to[i] = factor == 0 ? 0 : from[i] * factor;
    }
  });
}

void DropImagesOp::gradient(GradientSite& site) const {
  if (site.wanted(0)) site.give(0, site.add("backward", std::make_shared<DropImagesOp>(options_), {site.upstream()}));
}

}  // namespace convscope
