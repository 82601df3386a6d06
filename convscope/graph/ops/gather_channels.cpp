#include "convscope/graph/ops/gather_channels.h"

#include <algorithm>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

Shape with_channels(Shape x, int64_t channels) {
  x[1] = channels;
  return Shape(x.extents());  // asked anew whether its size is sane
}

void require_known(const std::vector<int64_t>& channels, int64_t count) {
  require(!channels.empty(), "no channels are taken");
  for (const int64_t c : channels) require(c >= 0 && c < count, "channel {} of {}", c, count);
}

/** Numbers of one channel of one image. */
int64_t plane_of(const Shape& x) { return x.inner() / x[1]; }

}  // namespace

std::vector<Shape> GatherChannelsOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_channels(in[0]);
  require_known(options_.channels, in[0][1]);
  return {with_channels(in[0], static_cast<int64_t>(options_.channels.size()))};
}

void GatherChannelsOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[0];
  const int64_t plane = plane_of(x.shape()), taken = static_cast<int64_t>(options_.channels.size());
  parallel(x.shape()[0] * taken, 4, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t from = p / taken * x.shape()[1] + options_.channels[static_cast<size_t>(p % taken)];
      std::copy_n(x.data() + from * plane, plane, out[0]->data() + p * plane);
    }
  });
}

void GatherChannelsOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const GatherChannelsBackwardOptions options{options_, site.shape(site.in(0))[1]};
  site.give(0, site.add("backward", std::make_shared<GatherChannelsBackwardOp>(options), {site.upstream()}));
}

std::vector<Shape> GatherChannelsBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_channels(in[0]);
  require_count("count", options_.count, 1);
  require_known(options_.channels, options_.count);
  require(in[0][1] == static_cast<int64_t>(options_.channels.size()), "the gradient is {}; {} channels were wanted", in[0],
          options_.channels.size());
  return {with_channels(in[0], options_.count)};
}

void GatherChannelsBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& dy = *in[0];
  const int64_t plane = plane_of(dy.shape()), taken = dy.shape()[1];
  std::vector<std::vector<int64_t>> sources(static_cast<size_t>(options_.count));
  for (size_t k = 0; k < options_.channels.size(); ++k)
    sources[static_cast<size_t>(options_.channels[k])].push_back(static_cast<int64_t>(k));
  parallel(dy.shape()[0] * options_.count, 4, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      float* to = out[0]->data() + p * plane;
      std::fill_n(to, plane, 0.0f);
      for (const int64_t k : sources[static_cast<size_t>(p % options_.count)]) {
        const float* from = dy.data() + (p / options_.count * taken + k) * plane;
        for (int64_t i = 0; i < plane; ++i) to[i] += from[i];
      }
    }
  });
}

}  // namespace convscope
