#include "convscope/graph/ops/reshape.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

/** Extents behind the batch. */
std::vector<int64_t> features(const Shape& x) { return {x.extents().begin() + 1, x.extents().end()}; }

void copy(const Tensor& from, Tensor& to) { std::copy_n(from.data(), from.size(), to.data()); }

int64_t subsampled(int64_t extent, int64_t rate) { return (extent + rate - 1) / rate; }

Shape subsampled_shape(const Shape& x, int64_t rate) {
  require_images(x);
  require_count("rate", rate, 1);
  return {x[0], x[1], subsampled(x[2], rate), subsampled(x[3], rate)};
}

/** body(place in the full plane, place in the small one) for every sample that stays. */
void each_sample(const Shape& full, const Shape& small, int64_t rate, auto&& body) {
  for (int64_t p = 0; p < full[0] * full[1]; ++p)
    for (int64_t i = 0; i < small[2]; ++i)
      for (int64_t j = 0; j < small[3]; ++j) body((p * full[2] + i * rate) * full[3] + j * rate, (p * small[2] + i) * small[3] + j);
}

Shape with_channels(Shape x, int64_t channels) {
  x[1] = channels;
  return Shape(x.extents());  // asked anew whether its size is sane
}

/** Channels from `first_from` on of each image go to `first_to` on. */
void copy_channels(const Tensor& from, int64_t first_from, Tensor& to, int64_t first_to, int64_t count) {
  const int64_t plane = from.shape().inner() / from.shape()[1];
  for (int64_t n = 0; n < from.shape()[0]; ++n)
    std::copy_n(from.row(n).data() + first_from * plane, count * plane, to.row(n).data() + first_to * plane);
}

}  // namespace

std::vector<Shape> FlattenOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require(in[0].rank() >= 2, "input {} has nothing to flatten; [N, …] was wanted", in[0]);
  int64_t f = 1;
  for (const int64_t extent : features(in[0])) f *= extent;
  return {{in[0][0], f}};
}

void FlattenOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const { copy(*in[0], *out[0]); }

void FlattenOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  site.give(0, site.add("backward", std::make_shared<UnflattenOp>(UnflattenOptions{features(site.shape(site.in(0)))}), {site.upstream()}));
}

std::vector<Shape> UnflattenOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require(in[0].rank() == 2, "input {} is not flat; [N, F] was wanted", in[0]);
  std::vector<int64_t> extents = {in[0][0]};
  extents.insert(extents.end(), options_.features.begin(), options_.features.end());
  require(!options_.features.empty() && Shape(options_.features).size() == in[0][1],
          "input {} cannot become [N, {}]; extents whose product is {} were wanted", in[0], join(options_.features, ", "), in[0][1]);
  return {Shape(extents)};
}

void UnflattenOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const { copy(*in[0], *out[0]); }

void UnflattenOp::gradient(GradientSite& site) const {
  if (site.wanted(0)) site.give(0, site.add("backward", std::make_shared<FlattenOp>(NoOptions{}), {site.upstream()}));
}

std::vector<Shape> SubsampleOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  return {subsampled_shape(in[0], options_.rate)};
}

void SubsampleOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  each_sample(in[0]->shape(), out[0]->shape(), options_.rate, [&](int64_t full, int64_t small) { (*out[0])[small] = (*in[0])[full]; });
}

void SubsampleOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  const SubsampleBackwardOptions options{options_, x[2], x[3]};
  site.give(0, site.add("backward", std::make_shared<SubsampleBackwardOp>(options), {site.upstream()}));
}

std::vector<Shape> SubsampleBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_images(in[0]);
  require_count("rows", options_.rows, 1);
  require_count("columns", options_.columns, 1);
  const Shape x = {in[0][0], in[0][1], options_.rows, options_.columns};
  require_shape("the gradient", in[0], subsampled_shape(x, options_.rate));
  return {x};
}

void SubsampleBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  fill(*out[0], 0);
  each_sample(out[0]->shape(), in[0]->shape(), options_.rate, [&](int64_t full, int64_t small) { (*out[0])[full] = (*in[0])[small]; });
}

std::vector<Shape> ZeroPadChannelsOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const Shape& x = in[0];
  require_channels(x);
  require_count("before", options_.before, 0);
  require_count("after", options_.after, 0);
  return {with_channels(x, options_.before + x[1] + options_.after)};
}

void ZeroPadChannelsOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  fill(*out[0], 0);
  copy_channels(*in[0], 0, *out[0], options_.before, in[0]->shape()[1]);
}

void ZeroPadChannelsOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const TakeChannelsOptions options{options_.before, site.shape(site.in(0))[1]};
  site.give(0, site.add("backward", std::make_shared<TakeChannelsOp>(options), {site.upstream()}));
}

std::vector<Shape> TakeChannelsOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const Shape& x = in[0];
  require_channels(x);
  require_count("first", options_.first, 0);
  require_count("count", options_.count, 1);
  require(options_.first + options_.count <= x[1], "input {} has {} channels; channels {} to {} were wanted", x, x[1], options_.first,
          options_.first + options_.count - 1);
  return {with_channels(x, options_.count)};
}

void TakeChannelsOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  copy_channels(*in[0], options_.first, *out[0], 0, options_.count);
}

void TakeChannelsOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const ZeroPadChannelsOptions options{options_.first, site.shape(site.in(0))[1] - options_.first - options_.count};
  site.give(0, site.add("backward", std::make_shared<ZeroPadChannelsOp>(options), {site.upstream()}));
}

}  // namespace convscope
