#include "convscope/models/onnx/site.h"

#include <algorithm>
#include <array>

#include "convscope/base/join.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/gather_channels.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

namespace {
Json in_quotes(std::string_view name) { return Json(std::string(name)); }
}  // namespace

std::string onnx_name(std::string_view name) {
  constexpr size_t kLongest = 200;
  std::string ours(name.substr(0, kLongest));
  for (char& c : ours)
    if (static_cast<unsigned char>(c) <= 32 || static_cast<unsigned char>(c) >= 127 || c == ':' || c == '"' || c == '\\') c = '_';
  while (ours.starts_with('/')) ours.erase(0, 1);
  // What the trainer keeps, and what losses read, have names of their own.
  if (ours.empty() || ours == kLabels || ours.starts_with("state/")) ours = "onnx." + ours;
  return ours;
}

Tensor tensor_of(const OnnxTensor& constant, const Shape& shape) {
  require(!constant.whole, "whole numbers where real ones were wanted");
  require(shape.size() == constant.size(), "constant [{}] where {} was wanted", join(constant.dims, ", "), shape);
  return Tensor(shape, constant.reals);
}

const OnnxThing& OnnxSite::thing(size_t i) const {
  require(has(i), "input {} is missing", i);
  const auto it = building_.things.find(node_.inputs[i]);
  require(it != building_.things.end(), "it reads {}, which nothing before it makes", shown(in_quotes(node_.inputs[i])));
  return it->second;
}

const OnnxThing* OnnxSite::thing_named(std::string_view name) const {
  const auto it = building_.things.find(name);
  return it == building_.things.end() ? nullptr : &it->second;
}

const OnnxTensor& OnnxSite::constant(size_t i, std::string_view what) const {
  const OnnxThing& t = thing(i);
  require(t.constant != nullptr, "its {} ({}) is computed from the pictures; it must be a constant", what,
          shown(in_quotes(node_.inputs[i])));
  return *t.constant;
}

const OnnxThing& OnnxSite::seen(size_t i) const {
  const OnnxThing& t = thing(i);
  require(t.constant == nullptr, "input {} ({}) is a constant; something computed from the pictures was wanted", i,
          shown(in_quotes(node_.inputs[i])));
  return t;
}

const OnnxThing& OnnxSite::computed(size_t i) {
  const OnnxThing& t = seen(i);
  require(t.order != OnnxThing::one_row, "it reads [{}], where the images of a batch have no axis of their own", join(dims(t), ", "));
  if (t.order != OnnxThing::grouped) return t;
  return building_.things[node_.inputs[i]] = ungrouped(building_.graph, name(), t);
}

Value OnnxSite::plain(size_t i) {
  const OnnxThing& t = computed(i);
  require(t.order == OnnxThing::plain,
          "it reads [{}] with channels last; convscope follows that through elementwise steps, pads, "
          "concatenations and means up to a transpose or a matrix",
          join(dims(t), ", "));
  return t.value;
}

Value OnnxSite::images(size_t i) {
  const Value v = plain(i);
  require(shape(v).rank() == 4, "it reads {}; pictures [N, C, H, W] are what convscope computes with", shape(v));
  return v;
}

std::vector<int64_t> OnnxSite::dims(const OnnxThing& t) const {
  if (t.constant) return t.constant->dims;
  const Shape& s = shape(t.value);
  if (t.order == OnnxThing::channels_last) return {batch(), s[2], s[3], s[1]};
  if (t.order == OnnxThing::flat_channels_last) return {batch(), s.inner()};
  if (t.order == OnnxThing::one_row) return {s.inner()};
  if (t.order == OnnxThing::grouped) return {batch(), t.groups, s[1] / t.groups, s[2], s[3]};
  std::vector<int64_t> d(s.extents().begin(), s.extents().end());
  if (!d.empty()) d[0] = batch();
  return d;
}

std::string OnnxSite::name() const {
  if (!node_.name.empty()) return onnx_name(node_.name);
  return onnx_name(node_.outputs.empty() ? node_.op : node_.outputs[0]);
}

Value OnnxSite::add_op(std::string_view suffix, std::shared_ptr<const Op> op, std::vector<Value> inputs) {
  const std::string full = suffix.empty() ? name() : fmt::format("{}/{}", name(), suffix);
  return building_.graph.add(free_name(full), std::move(op), std::move(inputs));
}

std::string OnnxSite::free_name(const std::string& name) {
  const int times = ++building_.times[name];
  return building_.graph.free_name(times == 1 ? name : fmt::format("{}.{}", name, times));
}

Value OnnxSite::make_parameter(const std::string& name, const Shape& shape, const Numbers& numbers, bool trained) {
  const auto extents = shape.extents();
  require(shape.size() > 0, "weight {} has no numbers", shown(in_quotes(name)));
  charge(shape);  // a weight of the file may be taken again and again, each time otherwise
  const std::string free = free_name(name);
  const ParameterOptions options{{extents.begin(), extents.end()}, "zeros", trained};
  const Value v = building_.graph.add(free, std::make_shared<ParameterOp>(options), {});
  building_.tensors.emplace(free, numbers());
  return v;
}

Value OnnxSite::parameter(size_t input, std::string_view form, const Shape& shape, const Numbers& numbers, bool trained) {
  const std::string key = fmt::format("{} {} {}", form, shape, node_.inputs[input]);
  if (const auto it = building_.shared.find(key); it != building_.shared.end()) return it->second;
  return building_.shared[key] = make_parameter(onnx_name(node_.inputs[input]), shape, numbers, trained);
}

Value OnnxSite::parameter(std::string_view suffix, const Shape& shape, const Numbers& numbers, bool trained) {
  return make_parameter(fmt::format("{}/{}", name(), suffix), shape, numbers, trained);
}

void OnnxSite::give(OnnxThing thing, size_t output) {
  if (output < node_.outputs.size() && !node_.outputs[output].empty()) building_.things[node_.outputs[output]] = std::move(thing);
}

void OnnxSite::give(OnnxTensor constant) { give({std::make_shared<OnnxTensor>(std::move(constant)), {}, OnnxThing::plain}); }

const OnnxNode* OnnxSite::only_reader() const {
  const auto it = building_.only_reader.find(node_.outputs[0]);
  return it == building_.only_reader.end() ? nullptr : it->second;
}

Value as_images(OnnxSite& site, Value x) {
  const Shape s = site.shape(x);
  if (s.rank() == 4) return x;
  require(s.rank() >= 2, "it reads {}; there are no channels to count", s);
  const int64_t rows = s.rank() == 5 ? s[2] * s[3] : s.rank() == 3 ? s[2] : 1;
  const Value flat = s.rank() == 2 ? x : site.add<FlattenOp>("flat", {}, {x});
  return site.add<UnflattenOp>("images", {{s[1], rows, s.rank() == 5 ? s[4] : 1}}, {flat});
}

Value as_before(OnnxSite& site, Value images, const Shape& like, std::string_view suffix) {
  if (site.shape(images) == like) return images;
  if (like.rank() == 2) return site.add<FlattenOp>(suffix, {}, {images});
  const Value flat = site.add<FlattenOp>("rows", {}, {images});
  return site.add<UnflattenOp>(suffix, {{like.extents().begin() + 1, like.extents().end()}}, {flat});
}

Value affine_of(OnnxSite& site, std::string_view suffix, Value x, std::vector<float> scale, std::vector<float> shift) {
  const Shape s = site.shape(x);
  const size_t plane = static_cast<size_t>(s[2] * s[3]);
  // One number a channel where a plane's are all alike.
  const auto flat = [&](const std::vector<float>& f) {
    for (size_t i = 0; i < f.size(); ++i)
      if (f[i] != f[i / plane * plane]) return false;
    return true;
  };
  const bool planes = scale.size() == static_cast<size_t>(s.inner()) && plane > 1;
  if (planes && flat(scale) && flat(shift)) {
    for (std::vector<float>* f : {&scale, &shift}) {
      for (size_t c = 0; c < static_cast<size_t>(s[1]); ++c) (*f)[c] = (*f)[c * plane];
      f->resize(static_cast<size_t>(s[1]));
    }
  }
  const Shape of = scale.size() == static_cast<size_t>(s[1]) ? Shape{s[1]} : Shape{s[1], s[2], s[3]};
  const std::string before = suffix.empty() ? "" : fmt::format("{}-", suffix);
  const Value a = site.parameter(before + "scale", of, [&] { return Tensor(of, scale); });
  const Value b = site.parameter(before + "shift", of, [&] { return Tensor(of, shift); });
  return site.add<AffineOp>(suffix, {}, {x, a, b});
}

Value uniform_affine(OnnxSite& site, std::string_view suffix, Value x, double scale, double shift) {
  const Value images = as_images(site, x);
  const size_t channels = static_cast<size_t>(site.shape(images)[1]);
  const Value y = affine_of(site, suffix, images, std::vector<float>(channels, static_cast<float>(scale)),
                            std::vector<float>(channels, static_cast<float>(shift)));
  return as_before(site, y, site.shape(x), suffix);
}

int64_t our_axis(const OnnxThing& x, int64_t axis) {
  constexpr int64_t kLast[] = {0, 2, 3, 1};
  require(x.order != OnnxThing::flat_channels_last || axis == 0, "rows that had their channels last are for a matrix alone");
  return x.order == OnnxThing::channels_last ? kLast[axis] : axis;
}

std::vector<int64_t> places(int64_t from, int64_t step, int64_t count) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(from + i * step);
  return all;
}

Value picked_places(OnnxSite& site, std::string_view suffix, Value x, std::vector<int64_t> rows, std::vector<int64_t> columns) {
  const Shape s = site.shape(x);
  if (rows.empty()) rows = places(0, 1, s[2]);
  if (columns.empty()) columns = places(0, 1, s[3]);
  if (rows == places(0, 1, s[2]) && columns == places(0, 1, s[3])) return x;
  return site.add<ResampleOp>(suffix, {.rows = std::move(rows), .columns = std::move(columns)}, {x});
}

OnnxThing repeated(OnnxSite& site, std::string_view suffix, const OnnxThing& x, const std::vector<int64_t>& dims) {
  const std::vector<int64_t> own = site.dims(x);
  if (own == dims) return x;
  const Shape s = site.shape(x.value);
  require(own.size() == dims.size() && (s.rank() == 4 || s.rank() == 2) && own[0] == dims[0],
          "extents [{}] become [{}]; rows, columns and channels of 1 are repeated", join(own, ", "), join(dims, ", "));
  std::array<int64_t, 4> ours{};
  for (size_t i = 0; i < dims.size(); ++i) {
    require(own[i] == dims[i] || own[i] == 1, "extents [{}] become [{}]", join(own, ", "), join(dims, ", "));
    ours[static_cast<size_t>(our_axis(x, static_cast<int64_t>(i)))] = dims[i];
  }
  site.charge(Shape{ours[1], std::max<int64_t>(1, ours[2]), std::max<int64_t>(1, ours[3])});
  OnnxThing y = x;
  if (ours[1] != s[1])
    y.value =
        site.add<GatherChannelsOp>(fmt::format("{}-channels", suffix), {std::vector<int64_t>(static_cast<size_t>(ours[1]), 0)}, {y.value});
  if (s.rank() == 2) return y;
  const auto along = [](int64_t from, int64_t to) { return places(0, from == to ? 1 : 0, to); };
  y.value = picked_places(site, suffix, y.value, along(s[2], ours[2]), along(s[3], ours[3]));
  return y;
}

OnnxThing ungrouped(Graph& graph, std::string_view name, const OnnxThing& x) {
  if (x.order != OnnxThing::grouped) return x;
  const Shape s = graph.shape(x.value);
  const Value flat = graph.add(graph.free_name(fmt::format("{}/flat", name)), std::make_shared<FlattenOp>(NoOptions{}), {x.value});
  const UnflattenOptions groups{{x.groups, s[1] / x.groups, s[2], s[3]}};
  return {nullptr, graph.add(graph.free_name(fmt::format("{}/groups", name)), std::make_shared<UnflattenOp>(groups), {flat}),
          OnnxThing::plain};
}

void give_reshaped(OnnxSite& site, const OnnxThing& x, std::vector<int64_t> dims) {
  const Shape s = site.shape(x.value);
  const int64_t images = site.batch();
  if (x.order == OnnxThing::one_row) {
    if (dims.size() == 1) return site.give(x);
    OnnxThing row = x;
    row.order = OnnxThing::plain;
    return give_reshaped(site, row, dims);
  }
  // Where the order of axes does not matter.
  const bool alone = x.order == OnnxThing::plain || x.order == OnnxThing::grouped || s[2] * s[3] == 1 || s[1] == 1;
  if (images == 1 && alone && dims == std::vector<int64_t>{s.inner()}) {
    const Value flat = s.rank() == 2 ? x.value : site.add<FlattenOp>("", {}, {x.value});
    return site.give(flat, OnnxThing::one_row);
  }
  require(!dims.empty() && dims[0] == images, "extents [{}] become [{}]: that moves numbers between the images of a batch",
          join(site.dims(x), ", "), join(dims, ", "));
  if (dims == site.dims(x)) return site.give(x);
  if (s.rank() == 4 && alone) {
    if (dims == std::vector<int64_t>{images, s[1], s[2], s[3]}) return site.give(x.value);
    if (dims.size() == 5 && dims[3] == s[2] && dims[4] == s[3] && dims[1] * dims[2] == s[1])
      return site.give({nullptr, x.value, OnnxThing::grouped, dims[1]});
  }
  if (!alone) {
    require(dims.size() == 2 && dims[1] == s.inner(), "[{}] with channels last become [{}]; only [N, features] is read",
            join(site.dims(x), ", "), join(dims, ", "));
    return site.give(x.value, OnnxThing::flat_channels_last);
  }
  require(dims.size() >= 2 && dims.size() <= 5, "extents [{}]; two to five axes are read", join(dims, ", "));
  if (dims.size() == 2) return site.give(s.rank() == 2 ? x.value : site.add<FlattenOp>("", {}, {x.value}));
  const Value flat = s.rank() == 2 ? x.value : site.add<FlattenOp>("flat", {}, {x.value});
  site.give(site.add<UnflattenOp>("", {{dims.begin() + 1, dims.end()}}, {flat}));
}

}  // namespace convscope
