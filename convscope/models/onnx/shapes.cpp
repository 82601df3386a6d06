#include <algorithm>
#include <array>
#include <numeric>

#include "convscope/base/join.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

/** Which of our axes is ONNX's `axis` of a thing. */
int64_t our_axis(const OnnxThing& x, int64_t axis) {
  constexpr int64_t kLast[] = {0, 2, 3, 1};
  require(x.order != OnnxThing::flat_channels_last || axis == 0, "rows that had their channels last are for a matrix alone");
  return x.order == OnnxThing::channels_last ? kLast[axis] : axis;
}

void import_identity(OnnxSite& site) { site.give(site.computed(0)); }

void import_dropout(OnnxSite& site) {
  if (site.has(2))
    require(site.constant(2, "training mode").size() == 1 && site.constant(2, "training mode").at(0) == 0,
            "it is in training mode; export the network for inference");
  site.give(site.computed(0));
}

void import_cast(OnnxSite& site) {
  const int64_t to = site.integer("to", 1);
  require(to == 1 || to == 10 || to == 11, "what is computed becomes data type {}; real numbers are computed with", to);
  site.give(site.computed(0));
}

void import_shape(OnnxSite& site) {
  const std::vector<int64_t> dims = site.dims(site.computed(0));
  const int64_t rank = static_cast<int64_t>(dims.size());
  const OnnxSlice part = onnx_slice(site.integer("start", 0), site.integer("end", rank), 1, rank);
  OnnxTensor shape;
  shape.whole = true;
  shape.dims = {part.count};
  for (int64_t i = 0; i < part.count; ++i) shape.integers.push_back(dims[static_cast<size_t>(part.from + i)]);
  site.give(std::move(shape));
}

void import_flatten(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  const int64_t axis = site.integer("axis", 1);
  const int64_t rank = static_cast<int64_t>(dims.size());
  require(axis >= -rank && axis <= rank, "axis {} of {}", axis, rank);
  require((axis < 0 ? axis + rank : axis) == 1 && rank >= 1, "axis {}: images of a batch would be mixed", axis);
  give_reshaped(site, x, {site.batch(), site.shape(x.value).inner()});
}

void import_reshape(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  std::vector<int64_t> target = whole_numbers(site.constant(1, "shape"));
  require(!target.empty(), "a shape without extents");
  const bool keeps_zero = site.opset() >= 14 && site.integer("allowzero", 0) != 0;
  // A file made for a batch of 1 often says 1 where it means any; an open extent in front means the batch as well.
  give_reshaped(site, x, reshaped_dims(site.dims(x), std::move(target), keeps_zero));
}

void import_squeeze(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  std::vector<int64_t> axes = onnx_axes(site.node(), site.constant_if_given(1, "axes"));
  if (axes.empty())
    for (size_t i = 1; i < dims.size(); ++i)
      if (dims[i] == 1) axes.push_back(static_cast<int64_t>(i));
  give_reshaped(site, x, axes.empty() ? dims : squeezed_dims(dims, axes));
}

void import_unsqueeze(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  give_reshaped(site, x, unsqueezed_dims(site.dims(x), onnx_axes(site.node(), site.constant_if_given(1, "axes"))));
}

void import_transpose(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  std::vector<int64_t> perm(dims.size());
  std::iota(perm.rbegin(), perm.rend(), 0);
  perm = onnx_integers(site.node(), "perm", perm);
  std::vector<int64_t> same(dims.size());
  std::iota(same.begin(), same.end(), 0);
  using Axes = std::vector<int64_t>;
  if (perm == same) return site.give(x);
  if (x.order == OnnxThing::plain && perm == Axes{0, 2, 3, 1}) return site.give(x.value, OnnxThing::channels_last);
  if (x.order == OnnxThing::channels_last && perm == Axes{0, 3, 1, 2}) return site.give(x.value);
  fail("perm [{}] of [{}]; only the transposes between [N, C, H, W] and [N, H, W, C] are read", join(perm, ", "), join(dims, ", "));
}

/** [N, C, …] of three or five axes as pictures, since channels are all that matters. */
void give_channels(OnnxSite& site, Value images, const Shape& like, OnnxThing::Order order, size_t output = 0) {
  Shape wanted = like;
  wanted[1] = site.shape(images)[1];
  site.give(as_before(site, images, wanted, "rows-out"), order, output);
}

void import_concat(OnnxSite& site) {
  require(site.inputs() >= 1, "it concatenates nothing");
  const OnnxThing first = site.computed(0);
  const Shape like = site.shape(first.value);
  const int64_t axis = our_axis(first, onnx_axis(site.integer("axis", 1), site.dims(first).size()));
  require(axis == 1, "axis {}; only channels are put one behind the other", site.integer("axis", 1));
  if (site.inputs() == 1) return site.give(first);
  std::vector<Value> in;
  for (size_t i = 0; i < site.inputs(); ++i) {
    const OnnxThing& x = site.computed(i);
    require(x.order == first.order, "tensors with channels first and last beside each other");
    in.push_back(like.rank() == 2 ? x.value : as_images(site, x.value));
  }
  const Value y = site.add<ConcatOp>("", {static_cast<int64_t>(in.size())}, in);
  give_channels(site, y, like, first.order);
}

void import_split(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const Shape like = site.shape(x.value);
  const int64_t axis = our_axis(x, onnx_axis(site.integer("axis", 0), site.dims(x).size()));
  require(axis == 1, "axis {}; only channels are split", site.integer("axis", 0));
  const int64_t parts = static_cast<int64_t>(site.node().outputs.size());
  const OnnxTensor* sizes = site.constant_if_given(1, "sizes");
  std::vector<int64_t> counts = sizes ? whole_numbers(*sizes) : site.integers("split");
  if (counts.empty()) {
    const int64_t each = (like[1] + parts - 1) / parts;
    for (int64_t left = like[1]; left > 0; left -= each) counts.push_back(std::min(each, left));
  }
  require(static_cast<int64_t>(counts.size()) == parts, "{} sizes for {} parts", counts.size(), parts);
  const Value from = like.rank() == 2 ? x.value : as_images(site, x.value);
  int64_t begin = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    require(counts[i] > 0 && begin <= like[1] - counts[i], "a part of {} channels of {}", counts[i], like[1]);
    const Value part = site.add<TakeChannelsOp>(fmt::format("{}", i), {begin, counts[i]}, {from});
    begin += counts[i];
    give_channels(site, part, like, x.order, i);
  }
}

void import_slice(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  const auto theirs = onnx_slices(site.node(), dims, [&](size_t i) { return site.constant_if_given(i, "range"); });
  const Shape s = site.shape(x.value);
  require(s.rank() == 4 || s.rank() == 2, "a slice of {}", s);
  std::array<OnnxSlice, 4> ours{};
  for (size_t i = 0; i < dims.size(); ++i) ours[static_cast<size_t>(our_axis(x, static_cast<int64_t>(i)))] = theirs[i];
  for (size_t i = 0; i < dims.size(); ++i)
    require(theirs[i].count > 0 && theirs[i].step > 0, "a slice of {} from {} in steps of {}: at least one, forwards", theirs[i].count,
            theirs[i].from, theirs[i].step);
  require(ours[0].count == site.batch() && ours[0].step == 1, "a slice of the batch");
  Value y = x.value;
  require(ours[1].step == 1 || ours[1].count == 1, "channels in steps of {}", ours[1].step);
  if (ours[1].count != s[1]) y = site.add<TakeChannelsOp>(s.rank() == 2 ? "" : "channels", {ours[1].from, ours[1].count}, {y});
  if (s.rank() == 4) {
    require(ours[2].step == ours[3].step || ours[2].count == 1 || ours[3].count == 1, "rows in steps of {} and columns of {}", ours[2].step,
            ours[3].step);
    // Of one row or column the step says nothing.
    const int64_t rate = ours[2].count > 1 ? ours[2].step : ours[3].count > 1 ? ours[3].step : 1;
    // Up to the last number that is taken: what lies behind it is left over.
    const auto reach = [&](const OnnxSlice& slice) { return slice.count == 1 ? 1 : (slice.count - 1) * slice.step + 1; };
    const CropOptions crop{ours[2].from, ours[3].from, reach(ours[2]), reach(ours[3])};
    const bool exact =
        crop.top == 0 && crop.left == 0 && (s[2] + rate - 1) / rate == ours[2].count && (s[3] + rate - 1) / rate == ours[3].count;
    if (!exact) y = site.add<CropOp>("window", crop, {y});
    if (rate > 1) y = site.add<SubsampleOp>("", {rate}, {y});
  }
  site.give(y, x.order);
}

void import_pad(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::string mode = site.text("mode", "constant");
  require(mode == "constant", "mode '{}'; padding with one number is read", mode);
  const OnnxTensor* given = site.constant_if_given(1, "pads");
  const std::vector<int64_t> pads = given ? whole_numbers(*given) : site.integers("pads");
  const OnnxTensor* value = site.constant_if_given(2, "value");
  require(!value || value->size() == 1, "a padding of {} numbers", value ? value->size() : 0);
  const double number = value ? value->at(0) : site.real("value", 0);
  const size_t rank = site.dims(x).size();
  const Shape s = site.shape(x.value);
  std::vector<int64_t> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (site.has(3)) axes = whole_numbers(site.constant(3, "axes"));
  require(pads.size() == 2 * axes.size() && s.rank() == 4, "{} pads for {}", pads.size(), s);
  std::array<int64_t, 4> before{}, after{};
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t ours = static_cast<size_t>(our_axis(x, onnx_axis(axes[i], rank)));
    before[ours] = pads[i];
    after[ours] = pads[i + axes.size()];
    require(before[ours] >= 0 && after[ours] >= 0, "pads {} and {}; negative ones are not read", before[ours], after[ours]);
  }
  require(before[0] == 0 && after[0] == 0, "padding of the batch");
  const bool plane = before[2] + after[2] + before[3] + after[3] > 0, channels = before[1] + after[1] > 0;
  Value y = x.value;
  if (channels) {
    require(number == 0, "channels of {} added; channels of zeros are read", number);
    y = site.add<ZeroPadChannelsOp>(plane ? "channels" : "", {before[1], after[1]}, {y});
  }
  if (plane) y = site.add<PadOp>("", {before[2], after[2], before[3], after[3], number}, {y});
  site.give(y, x.order);
}

void import_reduce_mean(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  std::vector<int64_t> ours;
  for (const int64_t axis : onnx_axes(site.node(), site.constant_if_given(1, "axes")))
    ours.push_back(our_axis(x, onnx_axis(axis, dims.size())));
  std::sort(ours.begin(), ours.end());
  require(site.shape(x.value).rank() == 4 && ours == std::vector<int64_t>{2, 3}, "a mean of [{}] over other axes than rows and columns",
          join(dims, ", "));
  const bool keeps = site.integer("keepdims", 1) != 0;
  const Value mean = site.add<GlobalAvgPoolOp>(keeps ? "" : "mean", {}, {x.value});
  if (keeps) return site.give(mean, x.order);
  site.give(site.add<FlattenOp>("", {}, {mean}));
}

}  // namespace

std::span<const OnnxOperator> onnx_shapes() {
  static constexpr OnnxOperator rows[] = {
      {"Identity", import_identity},
      {"Dropout", import_dropout},
      {"Cast", import_cast},
      {"Shape", import_shape},
      {"Flatten", import_flatten},
      {"Reshape", import_reshape},
      {"Squeeze", import_squeeze},
      {"Unsqueeze", import_unsqueeze},
      {"Transpose", import_transpose},
      {"Concat", import_concat},
      {"Split", import_split},
      {"Slice", import_slice},
      {"Pad", import_pad},
      {"ReduceMean", import_reduce_mean},
  };
  return rows;
}

}  // namespace convscope
