#include <algorithm>
#include <array>
#include <numeric>

#include "convscope/base/join.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/gather_channels.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

void import_identity(OnnxSite& site) { site.give(site.seen(0)); }

void import_dropout(OnnxSite& site) {
  if (site.has(2))
    require(site.constant(2, "training mode").size() == 1 && site.constant(2, "training mode").at(0) == 0,
            "it is in training mode; export the network for inference");
  site.give(site.computed(0));
}

void import_cast(OnnxSite& site) {
  const int64_t to = site.integer("to", 1);
  require(to == 1 || to == 10 || to == 11 || to == 16, "what is computed becomes data type {}; real numbers are computed with", to);
  site.give(site.computed(0));
}

/** To the kind of numbers that another tensor has: real ones, where that is computed. */
void import_cast_like(OnnxSite& site) {
  require(!site.is_constant(1) || !site.constant(1, "kind").whole, "what is computed becomes whole numbers; real ones are computed with");
  site.give(site.computed(0));
}

void import_shape(OnnxSite& site) {
  const std::vector<int64_t> dims = site.dims(site.seen(0));
  const int64_t rank = static_cast<int64_t>(dims.size());
  const OnnxSlice part = onnx_slice(site.integer("start", 0), site.integer("end", rank), 1, rank);
  OnnxTensor shape;
  shape.whole = true;
  shape.dims = {part.count};
  for (int64_t i = 0; i < part.count; ++i) shape.integers.push_back(dims[static_cast<size_t>(part.from + i)]);
  site.give(std::move(shape));
}

void import_flatten(OnnxSite& site) {
  const OnnxThing x = site.seen(0);
  const std::vector<int64_t> dims = site.dims(x);
  const int64_t axis = site.integer("axis", 1);
  const int64_t rank = static_cast<int64_t>(dims.size());
  require(axis >= -rank && axis <= rank, "axis {} of {}", axis, rank);
  require((axis < 0 ? axis + rank : axis) == 1 && rank >= 1, "axis {}: images of a batch would be mixed", axis);
  give_reshaped(site, x, {site.batch(), site.shape(x.value).inner()});
}

void import_reshape(OnnxSite& site) {
  const OnnxThing x = site.seen(0);
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

/** [N, G, C / G, H, W] → [N, C / G, G, H, W]: the channels of each group are dealt out to all, as in ShuffleNet. */
void give_shuffled(OnnxSite& site, const OnnxThing& x) {
  const int64_t channels = site.shape(x.value)[1], each = channels / x.groups;
  std::vector<int64_t> from;
  for (int64_t c = 0; c < each; ++c)
    for (int64_t g = 0; g < x.groups; ++g) from.push_back(g * each + c);
  site.give({nullptr, site.add<GatherChannelsOp>("", {std::move(from)}, {x.value}), OnnxThing::grouped, each});
}

/** Whether a transpose moves extents of 1 alone, so that the numbers stay in their order. */
bool keeps_order(const std::vector<int64_t>& dims, const std::vector<int64_t>& perm) {
  int64_t last = 0;
  for (const int64_t axis : perm) {
    if (axis < 0 || axis >= static_cast<int64_t>(dims.size())) return false;
    if (dims[static_cast<size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return perm[0] == 0;
}

void import_transpose(OnnxSite& site) {
  const OnnxThing x = site.seen(0);
  const std::vector<int64_t> dims = site.dims(x);
  std::vector<int64_t> perm(dims.size());
  std::iota(perm.rbegin(), perm.rend(), 0);
  perm = onnx_integers(site.node(), "perm", perm);
  require(perm.size() == dims.size(), "perm [{}] of {} axes", join(perm, ", "), dims.size());
  std::vector<int64_t> same(dims.size());
  std::iota(same.begin(), same.end(), 0);
  using Axes = std::vector<int64_t>;
  if (perm == same) return site.give(x);
  if (x.order == OnnxThing::plain && perm == Axes{0, 2, 3, 1}) return site.give(x.value, OnnxThing::channels_last);
  if (x.order == OnnxThing::channels_last && perm == Axes{0, 3, 1, 2}) return site.give(x.value);
  if (x.order == OnnxThing::grouped && perm == Axes{0, 2, 1, 3, 4}) return give_shuffled(site, x);
  if (x.order == OnnxThing::plain && keeps_order(dims, perm) && std::is_permutation(perm.begin(), perm.end(), same.begin(), same.end())) {
    std::vector<int64_t> moved;
    for (const int64_t axis : perm) moved.push_back(dims[static_cast<size_t>(axis)]);
    return give_reshaped(site, x, moved);
  }
  fail("perm [{}] of [{}]; the transposes between [N, C, H, W] and [N, H, W, C], and those that shuffle channels, are read",
       join(perm, ", "), join(dims, ", "));
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

/** A part of the axis: channels, rows or columns. */
Value part_of(OnnxSite& site, std::string_view suffix, Value x, int64_t axis, int64_t first, int64_t count) {
  if (axis == 1) return site.add<TakeChannelsOp>(suffix, {first, count}, {x});
  const Shape s = site.shape(x);
  CropOptions window{.top = 0, .left = 0, .rows = s[2], .columns = s[3]};
  (axis == 2 ? window.top : window.left) = first;
  (axis == 2 ? window.rows : window.columns) = count;
  return site.add<CropOp>(suffix, window, {x});
}

void import_split(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const Shape like = site.shape(x.value);
  const int64_t axis = our_axis(x, onnx_axis(site.integer("axis", 0), site.dims(x).size()));
  require(axis == 1 || (axis > 1 && like.rank() == 4), "axis {}; channels, rows and columns are split", site.integer("axis", 0));
  const int64_t parts = static_cast<int64_t>(site.node().outputs.size()), extent = like[static_cast<int>(axis)];
  require(site.integer("num_outputs", parts) == parts, "{} parts of which {} are named", site.integer("num_outputs", parts), parts);
  const OnnxTensor* sizes = site.constant_if_given(1, "sizes");
  std::vector<int64_t> counts = sizes ? whole_numbers(*sizes) : site.integers("split");
  if (counts.empty()) {
    const int64_t each = (extent + parts - 1) / parts;
    for (int64_t left = extent; left > 0; left -= each) counts.push_back(std::min(each, left));
  }
  require(static_cast<int64_t>(counts.size()) == parts, "{} sizes for {} parts", counts.size(), parts);
  const Value from = like.rank() == 2 ? x.value : as_images(site, x.value);
  int64_t begin = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    require(counts[i] > 0 && begin <= extent - counts[i], "a part of {} of {}", counts[i], extent);
    const Value part = part_of(site, fmt::format("{}", i), from, axis, begin, counts[i]);
    begin += counts[i];
    if (axis == 1)
      give_channels(site, part, like, x.order, i);
    else
      site.give(part, x.order, i);
  }
}

/** Which ones a slice takes. */
std::vector<int64_t> taken_by(const OnnxSlice& slice) { return places(slice.from, slice.step, slice.count); }

void import_slice(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  const auto theirs = onnx_slices(site.node(), dims, [&](size_t i) { return site.constant_if_given(i, "range"); });
  const Shape s = site.shape(x.value);
  require(s.rank() == 4 || s.rank() == 2, "a slice of {}", s);
  std::array<OnnxSlice, 4> ours{};
  for (size_t i = 0; i < dims.size(); ++i) ours[static_cast<size_t>(our_axis(x, static_cast<int64_t>(i)))] = theirs[i];
  for (size_t i = 0; i < dims.size(); ++i)
    require(theirs[i].count > 0, "a slice of nothing from {} in steps of {}", theirs[i].from, theirs[i].step);
  require(ours[0].count == site.batch() && ours[0].step == 1, "a slice of the batch");
  Value y = x.value;
  const std::string_view channels = s.rank() == 2 ? "" : "channels";
  if (ours[1].step != 1 && ours[1].count > 1)
    y = site.add<GatherChannelsOp>(channels, {taken_by(ours[1])}, {y});
  else if (ours[1].count != s[1])
    y = site.add<TakeChannelsOp>(channels, {ours[1].from, ours[1].count}, {y});
  const auto alike = [&] { return ours[2].step == ours[3].step || ours[2].count == 1 || ours[3].count == 1; };
  const auto forwards = [](const OnnxSlice& slice) { return slice.step > 0 || slice.count == 1; };
  if (s.rank() == 4 && !(alike() && forwards(ours[2]) && forwards(ours[3]))) {
    y = picked_places(site, "", y, taken_by(ours[2]), taken_by(ours[3]));
  } else if (s.rank() == 4) {
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

/** [F] by places [1, …] of it: what PyTorch makes of as_strided in a file for one image. */
void import_gather_of_row(OnnxSite& site) {
  const OnnxThing x = site.seen(0);
  const OnnxTensor& which = site.constant(1, "indices");
  const int64_t features = site.shape(x.value).inner();
  require(which.dims.size() >= 2 && which.dims[0] == 1 && which.size() > 0, "places [{}] of a row; [1, …] was wanted",
          join(which.dims, ", "));
  std::vector<int64_t> taken = whole_numbers(which);
  for (int64_t& i : taken) {
    require(i >= -features && i < features, "index {} of {}", i, features);
    if (i < 0) i += features;
  }
  site.charge(Shape{static_cast<int64_t>(taken.size())});
  OnnxThing y = x;
  y.order = OnnxThing::plain;
  if (taken != places(0, 1, features)) y.value = site.add<GatherChannelsOp>("taken", {std::move(taken)}, {x.value});
  give_reshaped(site, y, which.dims);
}

/** Channels, features, rows or columns by their numbers. */
void import_gather(OnnxSite& site) {
  if (site.seen(0).order == OnnxThing::one_row) return import_gather_of_row(site);
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  const OnnxTensor& which = site.constant(1, "indices");
  const size_t theirs = static_cast<size_t>(onnx_axis(site.integer("axis", 0), dims.size()));
  const int64_t axis = our_axis(x, static_cast<int64_t>(theirs));
  const Shape s = site.shape(x.value);
  require(which.dims.size() <= 1 && which.size() > 0, "indices [{}]; a number or a row of them was wanted", join(which.dims, ", "));
  require(axis > 0 && (s.rank() == 4 || s.rank() == 2), "it takes some of [{}] along axis {}; channels, rows and columns are taken",
          join(dims, ", "), theirs);
  std::vector<int64_t> taken = whole_numbers(which);
  for (int64_t& i : taken) {
    require(i >= -dims[theirs] && i < dims[theirs], "index {} of {}", i, dims[theirs]);
    if (i < 0) i += dims[theirs];
  }
  site.charge(Shape{static_cast<int64_t>(taken.size())});
  const bool alone = which.dims.empty();
  const std::string_view name = alone ? "taken" : "";
  OnnxThing y = x;
  if (axis == 1)
    y.value =
        taken.size() == 1 ? site.add<TakeChannelsOp>(name, {taken[0], 1}, {x.value}) : site.add<GatherChannelsOp>(name, {taken}, {x.value});
  else
    y.value = picked_places(site, name, x.value, axis == 2 ? taken : std::vector<int64_t>{}, axis == 3 ? taken : std::vector<int64_t>{});
  if (!alone) return site.give(y);
  std::vector<int64_t> left = dims;
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(theirs));
  give_reshaped(site, y, left);
}

void import_expand(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::vector<int64_t> dims = site.dims(x);
  std::vector<int64_t> wanted = whole_numbers(site.constant(1, "shape"));
  require(wanted.size() <= dims.size(), "[{}] becomes [{}]", join(dims, ", "), join(wanted, ", "));
  wanted.insert(wanted.begin(), dims.size() - wanted.size(), 1);
  for (size_t i = 0; i < dims.size(); ++i) {
    require(wanted[i] == 1 || dims[i] == 1 || wanted[i] == dims[i], "[{}] becomes [{}]", join(dims, ", "), join(wanted, ", "));
    wanted[i] = std::max(wanted[i], dims[i]);
  }
  site.give(repeated(site, "expanded", x, wanted));
}

/** Channels of each block of points: [N, C, H, W] → [N, b² C, H / b, W / b]. */
void import_space_to_depth(OnnxSite& site) {
  const Value x = site.images(0);
  const Shape s = site.shape(x);
  const int64_t block = site.integer("blocksize", 0);
  require(block >= 1 && block <= 64 && s[2] % block == 0 && s[3] % block == 0, "blocks of {} in {}", block, s);
  std::vector<Value> parts;
  for (int64_t i = 0; i < block; ++i)
    for (int64_t j = 0; j < block; ++j)
      parts.push_back(picked_places(site, fmt::format("{}-{}", i, j), x, places(i, block, s[2] / block), places(j, block, s[3] / block)));
  site.give(site.add<ConcatOp>("", {block * block}, parts));
}

}  // namespace

std::span<const OnnxOperator> onnx_shapes() {
  static constexpr OnnxOperator rows[] = {
      {"Identity", import_identity},   {"Dropout", import_dropout},
      {"Cast", import_cast},           {"CastLike", import_cast_like},
      {"Shape", import_shape},         {"Flatten", import_flatten},
      {"Reshape", import_reshape},     {"Squeeze", import_squeeze},
      {"Unsqueeze", import_unsqueeze}, {"Transpose", import_transpose},
      {"Concat", import_concat},       {"Split", import_split},
      {"Slice", import_slice},         {"Gather", import_gather},
      {"Expand", import_expand},       {"SpaceToDepth", import_space_to_depth},
  };
  return rows;
}

}  // namespace convscope
