#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "convscope/models/onnx/constants.h"

namespace convscope {

namespace {

/** The extents of several tensors beside each other, those of 1 repeated. */
std::vector<int64_t> beside(std::vector<int64_t> dims, std::span<const int64_t> others) {
  if (dims.size() < others.size()) dims.insert(dims.begin(), others.size() - dims.size(), 1);
  for (size_t i = 0; i < others.size(); ++i) {
    int64_t& d = dims[dims.size() - others.size() + i];
    require(d == others[i] || d == 1 || others[i] == 1, "extents [{}] and [{}]", join(dims, ", "), join(others, ", "));
    if (d == 1) d = others[i];
  }
  return dims;
}

/** Where the number of `t` lies that belongs to an index of more extents. */
int64_t place_in(const OnnxTensor& t, const std::vector<int64_t>& step, const std::vector<int64_t>& index) {
  int64_t place = 0;
  for (size_t i = 0; i < t.dims.size(); ++i) place += t.dims[i] == 1 ? 0 : index[index.size() - t.dims.size() + i] * step[i];
  return place;
}

int64_t of_whole(std::string_view op, int64_t p, int64_t q) {
  int64_t r = 0;
  const bool over = op == "Add"                  ? __builtin_add_overflow(p, q, &r)
                    : op == "Sub"                ? __builtin_sub_overflow(p, q, &r)
                    : op == "Mul"                ? __builtin_mul_overflow(p, q, &r)
                    : op == "Div" || op == "Mod" ? q == 0 || (q == -1 && p == std::numeric_limits<int64_t>::min())
                                                 : false;
  require(!over, "whole numbers {} and {}", p, q);
  if (op == "Div") r = p / q;
  if (op == "Mod") {
    r = p % q;
    if (r != 0 && (r < 0) != (q < 0)) r += q;
  }
  if (op == "Min") r = std::min(p, q);
  if (op == "Max") r = std::max(p, q);
  if (op == "Pow") {
    const double power = std::pow(static_cast<double>(p), static_cast<double>(q));
    require(std::abs(power) < 0x1p53, "whole numbers {} and {}", p, q);
    r = static_cast<int64_t>(power);
  }
  if (op == "Equal") r = p == q;
  if (op == "Less") r = p < q;
  if (op == "LessOrEqual") r = p <= q;
  if (op == "Greater") r = p > q;
  if (op == "GreaterOrEqual") r = p >= q;
  if (op == "And") r = p != 0 && q != 0;
  if (op == "Or") r = p != 0 || q != 0;
  return r;
}

float of_real(std::string_view op, float p, float q) {
  if (op == "Add") return p + q;
  if (op == "Sub") return p - q;
  if (op == "Mul") return p * q;
  if (op == "Div") return p / q;
  if (op == "Min") return std::min(p, q);
  if (op == "Max") return std::max(p, q);
  if (op == "Mod") return std::fmod(p, q);
  return std::pow(p, q);
}

bool compares(std::string_view op) { return op == "Equal" || op.starts_with("Less") || op.starts_with("Greater"); }

/** a ∘ b with the extents of 1 repeated. */
OnnxTensor combined(std::string_view op, const OnnxTensor& a, const OnnxTensor& b, int64_t& budget) {
  require(a.whole == b.whole || op == "Pow", "real and whole numbers in one");
  const std::vector<int64_t> dims = beside(a.dims, b.dims), step_a = strides(a.dims), step_b = strides(b.dims);
  const bool whole = (a.whole && b.whole) || compares(op);
  OnnxTensor y = made(dims, whole, budget);
  each_index(dims, [&](int64_t k, const std::vector<int64_t>& index) {
    const int64_t i = place_in(a, step_a, index), j = place_in(b, step_b, index);
    const size_t at = static_cast<size_t>(k);
    if (!whole)
      y.reals[at] = of_real(op, static_cast<float>(a.at(i)), static_cast<float>(b.at(j)));
    else if (a.whole)
      y.integers[at] = of_whole(op, a.integers[static_cast<size_t>(i)], b.integers[static_cast<size_t>(j)]);
    else  // two real numbers compared: their order is that of −1, 0 and 1
      y.integers[at] = of_whole(op, a.at(i) < b.at(j) ? -1 : a.at(i) > b.at(j) ? 1 : 0, 0);
  });
  return y;
}

struct Unary {
  std::string_view op;
  double (*of)(double);
};
constexpr Unary kUnary[] = {
    {"Neg", [](double x) { return -x; }},
    {"Abs", [](double x) { return std::abs(x); }},
    {"Sqrt", [](double x) { return std::sqrt(x); }},
    {"Exp", [](double x) { return std::exp(x); }},
    {"Log", [](double x) { return std::log(x); }},
    {"Erf", [](double x) { return std::erf(x); }},
    {"Floor", [](double x) { return std::floor(x); }},
    {"Ceil", [](double x) { return std::ceil(x); }},
    {"Round", [](double x) { return std::nearbyint(x); }},
    {"Reciprocal", [](double x) { return 1 / x; }},
    {"Sign", [](double x) { return x > 0   ? 1.0
                                   : x < 0 ? -1.0
                                           : 0.0; }},
    {"Not", [](double x) { return x == 0 ? 1.0 : 0.0; }},
};

OnnxTensor each_number(const OnnxTensor& x, double (*of)(double), int64_t& budget) {
  OnnxTensor y = made(x.dims, x.whole, budget);
  for (int64_t i = 0; i < x.size(); ++i) {
    const size_t at = static_cast<size_t>(i);
    const double v = of(x.at(i));
    if (!x.whole) {
      y.reals[at] = static_cast<float>(v);
      continue;
    }
    require(std::abs(v) < 0x1p53, "a whole number of absurd size");
    y.integers[at] = static_cast<int64_t>(v);
  }
  return y;
}

OnnxTensor chosen(const OnnxTensor& which, const OnnxTensor& a, const OnnxTensor& b, int64_t& budget) {
  require(a.whole == b.whole, "real and whole numbers in one");
  const std::vector<int64_t> dims = beside(beside(which.dims, a.dims), b.dims);
  const std::vector<int64_t> step = strides(which.dims), step_a = strides(a.dims), step_b = strides(b.dims);
  OnnxTensor y = made(dims, a.whole, budget);
  each_index(dims, [&](int64_t k, const std::vector<int64_t>& index) {
    if (which.at(place_in(which, step, index)) != 0)
      copy_number(a, place_in(a, step_a, index), y, k);
    else
      copy_number(b, place_in(b, step_b, index), y, k);
  });
  return y;
}

OnnxTensor expanded(const OnnxTensor& x, const std::vector<int64_t>& shape, int64_t& budget) {
  const std::vector<int64_t> dims = beside(x.dims, shape), step = strides(x.dims);
  return picked(x, dims, budget, [&](const std::vector<int64_t>& index) { return place_in(x, step, index); });
}

OnnxTensor tiled(const OnnxTensor& x, const std::vector<int64_t>& repeats, int64_t& budget) {
  require(repeats.size() == x.dims.size(), "{} repeats of {} axes", repeats.size(), x.dims.size());
  std::vector<int64_t> dims = x.dims;
  for (size_t i = 0; i < dims.size(); ++i)
    require(repeats[i] >= 0 && !__builtin_mul_overflow(dims[i], repeats[i], &dims[i]), "repeats [{}]", join(repeats, ", "));
  const std::vector<int64_t> step = strides(x.dims);
  return picked(x, dims, budget, [&](const std::vector<int64_t>& index) {
    int64_t place = 0;
    for (size_t i = 0; i < index.size(); ++i) place += index[i] % x.dims[i] * step[i];
    return place;
  });
}

OnnxTensor range(const OnnxTensor& from, const OnnxTensor& to, const OnnxTensor& by, int64_t& budget) {
  require(from.size() == 1 && to.size() == 1 && by.size() == 1 && by.at(0) != 0, "a range that is none");
  const double count = std::max(0.0, std::ceil((to.at(0) - from.at(0)) / by.at(0)));
  require(count < 0x1p40, "a range of {} numbers", count);
  OnnxTensor y = made({static_cast<int64_t>(count)}, from.whole, budget);
  for (int64_t i = 0; i < y.size(); ++i) {
    const double v = from.at(0) + static_cast<double>(i) * by.at(0);
    if (y.whole)
      y.integers[static_cast<size_t>(i)] = static_cast<int64_t>(v);
    else
      y.reals[static_cast<size_t>(i)] = static_cast<float>(v);
  }
  return y;
}

/** Sums, means, products, largest and smallest numbers along axes; all axes where none is named. */
OnnxTensor reduced(const OnnxNode& node, const OnnxTensor& x, std::vector<int64_t> axes, int64_t& budget) {
  if (axes.empty() && onnx_integer(node, "noop_with_empty_axes", 0) != 0) return under(x, x.dims, budget);
  std::vector<bool> gone(x.dims.size(), axes.empty());
  for (const int64_t axis : axes) gone[static_cast<size_t>(onnx_axis(axis, x.dims.size()))] = true;
  std::vector<int64_t> kept = x.dims, dims;
  for (size_t i = 0; i < kept.size(); ++i)
    if (gone[i]) kept[i] = 1;
  const bool keeps = onnx_integer(node, "keepdims", 1) != 0;
  for (size_t i = 0; i < kept.size(); ++i)
    if (keeps || !gone[i]) dims.push_back(kept[i]);
  OnnxTensor y = made(dims, x.whole, budget);
  require(x.size() > 0, "a reduction of no numbers");
  const bool product_of = node.op == "ReduceProd", most = node.op == "ReduceMax", least = node.op == "ReduceMin";
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> sums(static_cast<size_t>(y.size()), product_of ? 1 : most ? -kInfinity : least ? kInfinity : 0);
  const std::vector<int64_t> step = strides(kept);
  each_index(x.dims, [&](int64_t k, const std::vector<int64_t>& index) {
    int64_t place = 0;
    for (size_t i = 0; i < index.size(); ++i) place += gone[i] ? 0 : index[i] * step[i];
    double& sum = sums[static_cast<size_t>(place)];
    const double v = x.at(k);
    sum = product_of ? sum * v : most ? std::max(sum, v) : least ? std::min(sum, v) : sum + v;
  });
  const double share = node.op == "ReduceMean" ? static_cast<double>(y.size()) / static_cast<double>(x.size()) : 1;
  for (size_t i = 0; i < sums.size(); ++i) {
    require(!x.whole || std::abs(sums[i]) < 0x1p53, "a whole number of absurd size");
    if (x.whole)
      y.integers[i] = static_cast<int64_t>(sums[i] * share);
    else
      y.reals[i] = static_cast<float>(sums[i] * share);
  }
  return y;
}

/** (x − zero) · scale: weights of 8 bits as the real numbers that they stand for. */
OnnxTensor dequantized(const OnnxNode& node, const OnnxTensor& x, const OnnxTensor& scale, const OnnxTensor* zero, int64_t& budget) {
  require(onnx_integer(node, "block_size", 0) == 0, "weights quantised in blocks are not read; export the network in float32");
  require(x.whole && !scale.whole && scale.dims.size() <= 1 && (!zero || zero->size() == scale.size()), "a scale of extents [{}] for [{}]",
          join(scale.dims, ", "), join(x.dims, ", "));
  const bool alone = scale.size() == 1;
  const size_t axis = alone ? 0 : static_cast<size_t>(onnx_axis(onnx_integer(node, "axis", 1), x.dims.size()));
  require(alone || x.dims[axis] == scale.size(), "{} scales for [{}]", scale.size(), join(x.dims, ", "));
  OnnxTensor y = made(x.dims, false, budget);
  each_index(x.dims, [&](int64_t k, const std::vector<int64_t>& index) {
    const int64_t i = alone ? 0 : index[axis];
    y.reals[static_cast<size_t>(k)] = static_cast<float>((x.at(k) - (zero ? zero->at(i) : 0)) * scale.at(i));
  });
  return y;
}

}  // namespace

std::optional<OnnxTensor> fold_arithmetic(const OnnxNode& node, int64_t, const std::vector<const OnnxTensor*>& in, int64_t& budget) {
  const auto input = [&](size_t i) { return i < in.size() ? in[i] : nullptr; };
  const OnnxTensor& x = *in[0];
  constexpr std::string_view kBinary[] = {"Add", "Sub",   "Mul",  "Div",     "Pow",         "Min",           "Max",
                                          "Mod", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"};
  constexpr std::string_view kLogical[] = {"And", "Or"};
  const auto is_one_of = [&](const auto& list) { return std::find(std::begin(list), std::end(list), node.op) != std::end(list); };
  if ((is_one_of(kBinary) || is_one_of(kLogical)) && input(1)) {
    OnnxTensor y = combined(node.op, x, *in[1], budget);
    for (size_t i = 2; i < in.size(); ++i) {
      require(in[i] != nullptr, "input {} is missing", i);
      y = combined(node.op, y, *in[i], budget);
    }
    return y;
  }
  for (const Unary& row : kUnary)
    if (node.op == row.op) return each_number(x, row.of, budget);
  if (node.op == "Where" && input(1) && input(2)) return chosen(x, *in[1], *in[2], budget);
  if (node.op == "Expand" && input(1)) return expanded(x, whole_numbers(*in[1]), budget);
  if (node.op == "Tile" && input(1)) return tiled(x, whole_numbers(*in[1]), budget);
  if (node.op == "Range" && input(1) && input(2)) return range(x, *in[1], *in[2], budget);
  if (node.op == "Size") {
    OnnxTensor y = made({}, true, budget);
    y.integers[0] = x.size();
    return y;
  }
  if (node.op == "DequantizeLinear" && input(1)) return dequantized(node, x, *in[1], input(2), budget);
  constexpr std::string_view kReductions[] = {"ReduceMean", "ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"};
  if (is_one_of(kReductions)) return reduced(node, x, onnx_axes(node, input(1)), budget);
  return std::nullopt;
}

}  // namespace convscope
