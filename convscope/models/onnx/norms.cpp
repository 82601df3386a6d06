#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

/** The thing standardised, and then times a scale plus a bias, which are inputs 1 and 2 where they are given. */
void give_standardized(OnnxSite& site, const OnnxThing& x, const StandardizeOptions& o) {
  const OnnxTensor *scale = site.constant_if_given(1, "scale"), *bias = site.constant_if_given(2, "bias");
  const bool rows = site.shape(x.value).rank() == 2 && o.over == "channels";
  const Value images = rows ? x.value : as_images(site, x.value);
  const Value y = site.add<StandardizeOp>(scale || bias ? "standardized" : "", o, {images});
  OnnxThing flat = x;
  flat.value = as_before(site, y, site.shape(x.value), "standardized-out");
  if (!scale && !bias) return site.give(flat);
  std::vector<float> a = scale ? spread(site, *scale, flat) : std::vector<float>(),
                     b = bias ? spread(site, *bias, flat) : std::vector<float>();
  const auto widened = [&](std::vector<float>& v, size_t count, float otherwise) {
    if (v.empty()) v.assign(count, otherwise);
    if (v.size() == count) return;
    const size_t each = count / v.size();  // one number a channel beside one a point
    std::vector<float> wide(count);
    for (size_t i = 0; i < count; ++i) wide[i] = v[i / each];
    v = std::move(wide);
  };
  const size_t count = std::max(a.size(), b.size());
  widened(a, count, 1);
  widened(b, count, 0);
  give_affine(site, flat, std::move(a), std::move(b));
}

void import_layer_norm(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  const int64_t axis = onnx_axis(site.integer("axis", -1), dims.size());
  StandardizeOptions o{.eps = site.real("epsilon", 1e-5)};
  const Shape s = site.shape(x.value);
  require(axis >= 1, "it normalises the images of a batch together");
  require(x.order == OnnxThing::plain || x.order == OnnxThing::channels_last, "it normalises rows that had their channels last");
  if ((x.order == OnnxThing::channels_last && axis == 3) || s.rank() == 2) {
    o.over = "channels";
  } else if (axis == 2 && x.order == OnnxThing::plain) {
    o.groups = s[1];
  } else {
    require(axis == 1, "axis {} of [{}]; channels at each point, planes and whole images are normalised", axis, join(dims, ", "));
  }
  give_standardized(site, x, o);
}

/** [C] or [G] numbers as [C, 1, 1]: they belong to channels, not to columns. */
std::vector<float> channel_numbers(const OnnxTensor& t, int64_t channels, std::string_view what) {
  require(!t.whole && t.size() > 0 && channels % t.size() == 0, "a {} of [{}] for {} channels", what, join(t.dims, ", "), channels);
  std::vector<float> all;
  for (int64_t c = 0; c < channels; ++c) all.push_back(t.reals[static_cast<size_t>(c / (channels / t.size()))]);
  return all;
}

/** Each group of channels; `groups` 0: each channel. */
void give_group_norm(OnnxSite& site, int64_t groups) {
  const Value x = site.plain(0), images = as_images(site, x);
  const int64_t channels = site.shape(images)[1];
  site.charge(Shape{2 * channels});
  const std::vector<float> scale = channel_numbers(site.constant(1, "scale"), channels, "scale"),
                           bias = channel_numbers(site.constant(2, "bias"), channels, "bias");
  const StandardizeOptions o{.groups = groups == 0 ? channels : groups, .eps = site.real("epsilon", 1e-5)};
  const Value y = site.add<StandardizeOp>("standardized", o, {images});
  site.give(as_before(site, affine_of(site, "", y, scale, bias), site.shape(x), "rows-out"));
}

void import_instance_norm(OnnxSite& site) { give_group_norm(site, 0); }
void import_group_norm(OnnxSite& site) {
  const int64_t groups = site.integer("num_groups", 0);
  require(groups >= 1, "{} groups", groups);
  give_group_norm(site, groups);
}

}  // namespace

std::span<const OnnxOperator> onnx_norms() {
  static constexpr OnnxOperator rows[] = {
      {"LayerNormalization", import_layer_norm},
      {"InstanceNormalization", import_instance_norm},
      {"GroupNormalization", import_group_norm},
  };
  return rows;
}

}  // namespace convscope
