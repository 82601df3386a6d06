#include "convscope/models/onnx/fold.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "convscope/base/join.h"
#include "convscope/models/onnx/constants.h"

namespace convscope {

namespace {

const OnnxAttribute* attribute_of(const OnnxNode& node, std::string_view name, OnnxAttribute::Kind kind) {
  const auto it = node.attributes.find(name);
  if (it == node.attributes.end()) return nullptr;
  require(it->second.kind == kind, "attribute '{}' is of another kind than ONNX gives it", name);
  return &it->second;
}

OnnxTensor transposed(const OnnxNode& node, const OnnxTensor& x, int64_t& budget) {
  std::vector<int64_t> perm(x.dims.size());
  std::iota(perm.rbegin(), perm.rend(), 0);
  perm = onnx_integers(node, "perm", perm);
  std::vector<int64_t> sorted = perm, dims;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) require(sorted[i] == static_cast<int64_t>(i), "perm [{}]", join(perm, ", "));
  require(perm.size() == x.dims.size(), "perm [{}] of {} axes", join(perm, ", "), x.dims.size());
  const std::vector<int64_t> step = strides(x.dims);
  for (const int64_t axis : perm) dims.push_back(x.dims[static_cast<size_t>(axis)]);
  return picked(x, dims, budget, [&](const std::vector<int64_t>& index) {
    int64_t place = 0;
    for (size_t i = 0; i < perm.size(); ++i) place += index[i] * step[static_cast<size_t>(perm[i])];
    return place;
  });
}

OnnxTensor cast(const OnnxTensor& x, int64_t type, int64_t& budget) {
  constexpr int64_t kReal[] = {1, 10, 11, 16}, kBool = 9;
  const bool whole = std::find(std::begin(kReal), std::end(kReal), type) == std::end(kReal);
  OnnxTensor y = made(x.dims, whole, budget);
  y.type = static_cast<int32_t>(type);
  for (int64_t i = 0; i < x.size(); ++i) {
    if (!whole) {
      y.reals[static_cast<size_t>(i)] = static_cast<float>(x.at(i));
      continue;
    }
    const double v = x.at(i);
    if (type == kBool) {
      y.integers[static_cast<size_t>(i)] = v != 0;
      continue;
    }
    require(x.whole || (std::isfinite(v) && std::abs(v) < 0x1p62), "a number {} cannot become a whole one", v);
    y.integers[static_cast<size_t>(i)] = x.whole ? x.integers[static_cast<size_t>(i)] : static_cast<int64_t>(v);
  }
  return y;
}

OnnxTensor gathered(const OnnxNode& node, const OnnxTensor& x, const OnnxTensor& where, int64_t& budget) {
  require(!x.dims.empty(), "a number alone has nothing to gather");
  const size_t axis = static_cast<size_t>(onnx_axis(onnx_integer(node, "axis", 0), x.dims.size()));
  require(where.whole, "real numbers where whole ones were wanted");
  const std::vector<int64_t>& indices = where.integers;
  std::vector<int64_t> dims(x.dims.begin(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), where.dims.begin(), where.dims.end());
  dims.insert(dims.end(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.dims.end());
  const std::vector<int64_t> step = strides(x.dims), where_step = strides(where.dims);
  return picked(x, dims, budget, [&](const std::vector<int64_t>& index) {
    int64_t place = 0, at = 0;
    for (size_t i = 0; i < axis; ++i) place += index[i] * step[i];
    for (size_t i = 0; i < where.dims.size(); ++i) at += index[axis + i] * where_step[i];
    for (size_t i = axis + 1; i < x.dims.size(); ++i) place += index[i - 1 + where.dims.size()] * step[i];
    const int64_t extent = x.dims[axis], taken = indices[static_cast<size_t>(at)];
    require(taken >= -extent && taken < extent, "index {} of {}", taken, extent);
    return place + (taken < 0 ? taken + extent : taken) * step[axis];
  });
}

OnnxTensor concatenated(const OnnxNode& node, const std::vector<const OnnxTensor*>& in, int64_t& budget) {
  const size_t axis = static_cast<size_t>(onnx_axis(onnx_integer(node, "axis", 1), in[0]->dims.size()));
  std::vector<int64_t> dims = in[0]->dims;
  dims[axis] = 0;
  for (const OnnxTensor* x : in) {
    require(x && x->dims.size() == dims.size() && x->whole == in[0]->whole, "constants that cannot stand one behind the other");
    for (size_t i = 0; i < dims.size(); ++i) require(i == axis || x->dims[i] == dims[i], "constants of other extents");
    require(!__builtin_add_overflow(dims[axis], x->dims[axis], &dims[axis]), "extents of absurd size");
  }
  OnnxTensor y = made(dims, in[0]->whole, budget);
  const std::vector<int64_t> step = strides(dims);
  int64_t first = 0;
  for (const OnnxTensor* x : in) {
    each_index(x->dims, [&](int64_t k, const std::vector<int64_t>& index) {
      int64_t place = first * step[axis];
      for (size_t i = 0; i < index.size(); ++i) place += index[i] * step[i];
      copy_number(*x, k, y, place);
    });
    first += x->dims[axis];
  }
  return y;
}

OnnxTensor sliced(const OnnxNode& node, const std::vector<const OnnxTensor*>& in, int64_t& budget) {
  const OnnxTensor& x = *in[0];
  const auto slices = onnx_slices(node, x.dims, [&](size_t i) { return i < in.size() ? in[i] : nullptr; });
  std::vector<int64_t> dims;
  for (const OnnxSlice& s : slices) dims.push_back(s.count);
  const std::vector<int64_t> step = strides(x.dims);
  return picked(x, dims, budget, [&](const std::vector<int64_t>& index) {
    int64_t place = 0;
    for (size_t i = 0; i < index.size(); ++i) place += (slices[i].from + index[i] * slices[i].step) * step[i];
    return place;
  });
}

/** A Constant's numbers: what exactly one of its attributes says, so that extents and numbers cannot come from two. */
OnnxTensor constant_of(const OnnxNode& node, int64_t& budget) {
  const auto values = std::count_if(node.attributes.begin(), node.attributes.end(),
                                    [](const auto& row) { return row.first.starts_with("value") || row.first == "sparse_value"; });
  require(values == 1, "{} values; a constant has one", values);
  OnnxTensor t;
  const OnnxAttribute* a = nullptr;
  if ((a = attribute_of(node, "value", OnnxAttribute::tensor))) return under(a->value, a->value.dims, budget);
  if ((a = attribute_of(node, "value_float", OnnxAttribute::real))) t.reals = {a->number};
  if ((a = attribute_of(node, "value_floats", OnnxAttribute::reals))) t.reals = a->numbers;
  if ((a = attribute_of(node, "value_int", OnnxAttribute::integer))) t.integers = {a->count};
  if ((a = attribute_of(node, "value_ints", OnnxAttribute::integers))) t.integers = a->counts;
  t.whole = t.reals.empty();
  require(t.size() > 0, "a constant that is no tensor of numbers");
  const bool alone = node.attributes.contains("value_float") || node.attributes.contains("value_int");
  return under(t, alone ? std::vector<int64_t>{} : std::vector<int64_t>{t.size()}, budget);
}

}  // namespace

void charge_onnx(int64_t& budget, std::span<const int64_t> dims) {
  const int64_t size = product(dims);
  require(size <= budget, "more constants than are computed beforehand: [{}] where {} numbers are left", join(dims, ", "), budget);
  budget -= size;
}

int64_t onnx_integer(const OnnxNode& node, std::string_view name, int64_t otherwise) {
  const OnnxAttribute* a = attribute_of(node, name, OnnxAttribute::integer);
  return a ? a->count : otherwise;
}

double onnx_real(const OnnxNode& node, std::string_view name, double otherwise) {
  const OnnxAttribute* a = attribute_of(node, name, OnnxAttribute::real);
  return a ? static_cast<double>(a->number) : otherwise;
}

std::string onnx_text(const OnnxNode& node, std::string_view name, std::string_view otherwise) {
  const OnnxAttribute* a = attribute_of(node, name, OnnxAttribute::text);
  return a ? a->words : std::string(otherwise);
}

std::vector<int64_t> onnx_integers(const OnnxNode& node, std::string_view name, std::vector<int64_t> otherwise) {
  const OnnxAttribute* a = attribute_of(node, name, OnnxAttribute::integers);
  return a ? a->counts : otherwise;
}

std::vector<int64_t> whole_numbers(const OnnxTensor& tensor) {
  require(tensor.whole, "real numbers where whole ones were wanted");
  return tensor.integers;
}

int64_t onnx_axis(int64_t axis, size_t rank) {
  const int64_t r = static_cast<int64_t>(rank);
  require(axis >= -r && axis < r, "axis {} of {}", axis, rank);
  return axis < 0 ? axis + r : axis;
}

OnnxSlice onnx_slice(int64_t start, int64_t end, int64_t step, int64_t extent) {
  require(step != 0 && std::abs(static_cast<double>(step)) < 0x1p60, "a slice of step {}", step);
  const auto within = [&](int64_t place) {
    if (place < 0) place = std::max(place, -extent - 1) + extent;
    return step > 0 ? std::clamp<int64_t>(place, 0, extent) : std::clamp<int64_t>(place, -1, extent - 1);
  };
  const int64_t from = within(start), to = end < -extent && step < 0 ? -1 : within(end);
  const int64_t room = step > 0 ? to - from : from - to, stride = step > 0 ? step : -step;
  return {from, step, room <= 0 ? 0 : (room - 1) / stride + 1};
}

std::vector<OnnxSlice> onnx_slices(const OnnxNode& node, std::span<const int64_t> dims,
                                   const std::function<const OnnxTensor*(size_t)>& input) {
  const bool attributes = node.attributes.contains("starts");  // before version 10
  const auto list = [&](std::string_view name, size_t i) {
    if (attributes) return onnx_integers(node, name);
    const OnnxTensor* t = input(i);
    return t ? whole_numbers(*t) : std::vector<int64_t>{};
  };
  const std::vector<int64_t> starts = list("starts", 1), ends = list("ends", 2);
  std::vector<int64_t> axes = list("axes", 3), steps = attributes ? std::vector<int64_t>{} : list("steps", 4);
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  require(starts.size() == ends.size() && starts.size() == axes.size() && starts.size() == steps.size() && !starts.empty(),
          "{} starts, {} ends, {} axes and {} steps", starts.size(), ends.size(), axes.size(), steps.size());
  require(starts.size() <= dims.size(), "slices of {} axes where there are {}", starts.size(), dims.size());
  std::vector<OnnxSlice> all;
  for (const int64_t extent : dims) all.push_back({0, 1, extent});
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t axis = static_cast<size_t>(onnx_axis(axes[i], dims.size()));
    all[axis] = onnx_slice(starts[i], ends[i], steps[i], dims[axis]);
  }
  return all;
}

std::vector<int64_t> reshaped_dims(std::span<const int64_t> dims, std::vector<int64_t> target, bool keeps_zero) {
  require(target.size() <= kMostOnnxRank, "a shape of {} extents; at most {} are read", target.size(), kMostOnnxRank);
  int64_t known = 1;
  std::optional<size_t> open;
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i] == 0 && !keeps_zero) {
      require(i < dims.size(), "extent {} of [{}] is taken over", i, join(dims, ", "));
      target[i] = dims[i];
    }
    if (target[i] == -1) {
      require(!open, "shape [{}] leaves two extents open", join(target, ", "));
      open = i;
      continue;
    }
    require(target[i] >= 0 && !__builtin_mul_overflow(known, target[i], &known), "shape [{}]", join(target, ", "));
  }
  const int64_t size = product(dims);
  if (open) {
    require(known > 0 && size % known == 0, "extents [{}] cannot become [{}]", join(dims, ", "), join(target, ", "));
    target[*open] = size / known;
  }
  require(product(target) == size, "extents [{}] cannot become [{}]", join(dims, ", "), join(target, ", "));
  return target;
}

std::vector<int64_t> squeezed_dims(std::vector<int64_t> dims, std::vector<int64_t> axes) {
  require(axes.size() <= dims.size(), "{} axes of {} are taken out", axes.size(), dims.size());
  for (int64_t& axis : axes) {
    axis = onnx_axis(axis, dims.size());
    require(dims[static_cast<size_t>(axis)] == 1, "axis {} of [{}] is not 1", axis, join(dims, ", "));
  }
  std::vector<int64_t> left;
  for (size_t i = 0; i < dims.size(); ++i)
    if (axes.empty() ? dims[i] != 1 : std::find(axes.begin(), axes.end(), static_cast<int64_t>(i)) == axes.end()) left.push_back(dims[i]);
  return left;
}

std::vector<int64_t> unsqueezed_dims(std::span<const int64_t> dims, std::vector<int64_t> axes) {
  const size_t rank = dims.size() + axes.size();
  require(rank <= kMostOnnxRank, "{} axes; at most {} are read", rank, kMostOnnxRank);
  std::vector<int64_t> all(rank, 0);
  for (const int64_t axis : axes) all[static_cast<size_t>(onnx_axis(axis, rank))] = 1;
  size_t next = 0;
  for (int64_t& d : all) {
    if (d == 1) continue;
    require(next < dims.size(), "an axis named twice");
    d = dims[next++];
  }
  require(next == dims.size(), "an axis named twice");
  return all;
}

std::vector<int64_t> onnx_axes(const OnnxNode& node, const OnnxTensor* input) {
  return input ? whole_numbers(*input) : onnx_integers(node, "axes");
}

std::optional<OnnxTensor> fold(const OnnxNode& node, int64_t opset, const std::vector<const OnnxTensor*>& in, int64_t& budget) {
  if (node.op == "Constant") return constant_of(node, budget);
  if (in.empty() || !in[0]) return std::nullopt;
  const OnnxTensor& x = *in[0];
  const auto input = [&](size_t i) { return i < in.size() ? in[i] : nullptr; };
  if (node.op == "Identity") return under(x, x.dims, budget);
  if (node.op == "Cast") return cast(x, onnx_integer(node, "to", 1), budget);
  if (node.op == "Transpose") return transposed(node, x, budget);
  if (node.op == "Reshape" && input(1)) {
    return under(x, reshaped_dims(x.dims, whole_numbers(*in[1]), opset >= 14 && onnx_integer(node, "allowzero", 0) == 1), budget);
  }
  if (node.op == "Squeeze") return under(x, squeezed_dims(x.dims, onnx_axes(node, input(1))), budget);
  if (node.op == "Unsqueeze") return under(x, unsqueezed_dims(x.dims, onnx_axes(node, input(1))), budget);
  if (node.op == "Gather" && input(1)) return gathered(node, x, *in[1], budget);
  if (node.op == "Concat") return concatenated(node, in, budget);
  if (node.op == "Slice") return sliced(node, in, budget);
  if (node.op == "Shape") {
    OnnxTensor t = made({static_cast<int64_t>(x.dims.size())}, true, budget);
    t.integers = x.dims;
    const auto rank = static_cast<int64_t>(x.dims.size());
    const auto place = [&](int64_t axis) { return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank); };
    const int64_t start = place(onnx_integer(node, "start", 0)), end = std::max(start, place(onnx_integer(node, "end", rank)));
    t.integers = {x.dims.begin() + start, x.dims.begin() + end};
    t.dims = {end - start};
    return t;
  }
  if (node.op == "ConstantOfShape") {
    const OnnxAttribute* a = attribute_of(node, "value", OnnxAttribute::tensor);
    require(!a || a->value.size() == 1, "a filling of {} numbers", a ? a->value.size() : 0);
    OnnxTensor t = made(whole_numbers(x), a && a->value.whole, budget);
    if (a && t.whole) std::fill(t.integers.begin(), t.integers.end(), a->value.integers[0]);
    if (a && !t.whole) std::fill(t.reals.begin(), t.reals.end(), a->value.reals[0]);
    return t;
  }
  return fold_arithmetic(node, opset, in, budget);
}

}  // namespace convscope
