#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/join.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

/** Number by number: the order of axes stays. */
template <typename T>
void give_activation(OnnxSite& site, typename T::Options options) {
  const OnnxThing x = site.computed(0);
  site.give(site.add<T>("", std::move(options), {x.value}), x.order);
}

void import_gelu(OnnxSite& site) { give_activation<GeluOp>(site, {site.text("approximate", "none") == "tanh"}); }
void import_erf(OnnxSite& site) { give_activation<ErfOp>(site, {}); }
void import_exp(OnnxSite& site) { give_activation<ExpOp>(site, {}); }
void import_log(OnnxSite& site) { give_activation<LogOp>(site, {}); }
void import_abs(OnnxSite& site) { give_activation<AbsOp>(site, {}); }
void import_softplus(OnnxSite& site) { give_activation<SoftplusOp>(site, {}); }
void import_sqrt(OnnxSite& site) { give_activation<PowerOp>(site, {0.5}); }
void import_reciprocal(OnnxSite& site) { give_activation<PowerOp>(site, {-1}); }

void import_pow(OnnxSite& site) {
  const OnnxTensor& exponent = site.constant(1, "exponent");
  require(exponent.size() == 1, "an exponent of extents [{}]; one number was wanted", join(exponent.dims, ", "));
  const OnnxThing x = site.computed(0);
  // A square is one for numbers below 0 too, at no cost.
  if (exponent.at(0) == 2) return site.give(site.add<MultiplyOp>("", {}, {x.value, x.value}), x.order);
  if (exponent.at(0) == 1) return site.give(x);
  give_activation<PowerOp>(site, {exponent.at(0)});
}

/** x · sigmoid(alpha x). */
void import_swish(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const double alpha = site.real("alpha", 1);
  const Value inside = alpha == 1 ? x.value : uniform_affine(site, "scaled", x.value, alpha, 0);
  site.give(site.add<MultiplyOp>("", {}, {x.value, site.add<SigmoidOp>("gate", {}, {inside})}), x.order);
}

/** x · tanh(softplus(x)); Misra 2019. */
void import_mish(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const Value gate = site.add<TanhOp>("gate", {}, {site.add<SoftplusOp>("softplus", {}, {x.value})});
  site.give(site.add<MultiplyOp>("", {}, {x.value, gate}), x.order);
}

void import_relu(OnnxSite& site) { give_activation<ReluOp>(site, {}); }
void import_tanh(OnnxSite& site) { give_activation<TanhOp>(site, {}); }
void import_sigmoid(OnnxSite& site) { give_activation<SigmoidOp>(site, {}); }
void import_leaky_relu(OnnxSite& site) { give_activation<LeakyReluOp>(site, {site.real("alpha", 0.01)}); }
void import_elu(OnnxSite& site) { give_activation<EluOp>(site, {site.real("alpha", 1)}); }
void import_celu(OnnxSite& site) { give_activation<CeluOp>(site, {site.real("alpha", 1)}); }

void import_selu(OnnxSite& site) {
  const double alpha = site.real("alpha", Activation::kSeluAlpha), gamma = site.real("gamma", Activation::kSeluLambda);
  if (std::abs(alpha - Activation::kSeluAlpha) < 1e-6 && std::abs(gamma - Activation::kSeluLambda) < 1e-6)
    return give_activation<SeluOp>(site, {});
  const OnnxThing x = site.computed(0);
  const Value elu = site.add<EluOp>("elu", {alpha}, {x.value});
  site.give(uniform_affine(site, "", elu, gamma, 0), x.order);
}

void import_prelu(OnnxSite& site) {
  const Value x = site.plain(0);
  const OnnxTensor& slope = site.constant(1, "slope");
  require(site.shape(x).rank() >= 2, "it reads {}; there are no channels", site.shape(x));
  const int64_t channels = site.shape(x)[1];
  // [C], [C, 1, 1] or [1, C, 1, 1]; axes are counted from behind, so [C] alone belongs to rows, or to channels as version 6 had it.
  std::vector<int64_t> dims = slope.dims;
  while (dims.size() > 1 && dims.back() == 1) dims.pop_back();
  require(slope.size() == 1 || (slope.size() == channels && (dims.size() == 1 || dims.size() == 2) && dims.back() == channels),
          "its slope is [{}]; one number, or one a channel ({}) was wanted", join(slope.dims, ", "), channels);
  const Shape numbers{slope.size()};
  site.give(site.add<PReluOp>("", {},
                              {x, site.parameter(
                                      1, "slope", numbers, [&] { return tensor_of(slope, numbers); }, true)}));
}

/** min(max(x, low), high): relu and relu6 where they are that. */
Value clipped(OnnxSite& site, std::string_view suffix, Value x, double low, double high) {
  constexpr double kLowest = std::numeric_limits<float>::lowest(), kHighest = std::numeric_limits<float>::max();
  const bool has_low = low > kLowest, has_high = high < kHighest;
  require(!(low > high), "limits {} and {}", low, high);
  if (!has_low && !has_high) return x;
  if (low == 0 && !has_high) return site.add<ReluOp>(suffix, {}, {x});
  if (low == 0 && high == 6) return site.add<Relu6Op>(suffix, {}, {x});
  return site.add<ClampOp>(suffix, {std::clamp(low, kLowest, kHighest), std::clamp(high, kLowest, kHighest)}, {x});
}

double number_alone(const OnnxTensor& t) {
  require(t.size() == 1 && !std::isnan(t.at(0)), "a limit of extents [{}]; one number was wanted", join(t.dims, ", "));
  return t.at(0);
}

void import_clip(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const OnnxTensor *low = site.constant_if_given(1, "lower limit"), *high = site.constant_if_given(2, "upper limit");
  constexpr double kLowest = std::numeric_limits<float>::lowest(), kHighest = std::numeric_limits<float>::max();
  const double from = low ? number_alone(*low) : site.real("min", kLowest), to = high ? number_alone(*high) : site.real("max", kHighest);
  site.give(clipped(site, "", x.value, from, to), x.order);
}

/** Max or Min with one number. */
template <bool lower>
void import_limit(OnnxSite& site) {
  require(site.inputs() == 2 && site.is_constant(0) != site.is_constant(1),
          "only the larger or smaller one of a tensor and one number is read");
  const size_t limit = site.is_constant(0) ? 0 : 1;
  const OnnxThing x = site.computed(1 - limit);
  const double number = number_alone(site.constant(limit, "limit"));
  constexpr double kMost = std::numeric_limits<double>::infinity();
  site.give(clipped(site, "", x.value, lower ? number : -kMost, lower ? kMost : number), x.order);
}

Value hard_sigmoid(OnnxSite& site, std::string_view suffix, Value x, double alpha, double beta) {
  return clipped(site, suffix, uniform_affine(site, "line", x, alpha, beta), 0, 1);
}

void import_hard_sigmoid(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  site.give(hard_sigmoid(site, "", x.value, site.real("alpha", 0.2), site.real("beta", 0.5)), x.order);
}

void import_hard_swish(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  site.give(site.add<MultiplyOp>("", {}, {x.value, hard_sigmoid(site, "gate", x.value, 1.0 / 6, 0.5)}), x.order);
}

/** x · scale + shift, each the constant or one number. */
void with_constant(OnnxSite& site, const OnnxThing& x, const std::vector<float>& c, char sign, bool constant_first) {
  const std::vector<float> ones(c.size(), 1.0f), zeros(c.size(), 0.0f);
  std::vector<float> turned = c;
  switch (sign) {
    case '+':
      return give_affine(site, x, ones, c);
    case '-':
      if (constant_first) return give_affine(site, x, std::vector<float>(c.size(), -1.0f), c);
      for (float& v : turned) v = -v;
      return give_affine(site, x, ones, turned);
    case '*':
      return give_affine(site, x, c, zeros);
    default:
      if (constant_first) {
        OnnxThing inverse = x;
        inverse.value = site.add<PowerOp>("inverse", {-1}, {x.value});
        return give_affine(site, inverse, c, zeros);
      }
      for (float& v : turned) v = 1 / v;
      return give_affine(site, x, turned, zeros);
  }
}

/** Extents of two tensors beside each other, those of 1 repeated. */
std::vector<int64_t> dims_beside(std::vector<int64_t> a, const std::vector<int64_t>& b, char sign) {
  require(a.size() == b.size(), "[{}] {} [{}]; equal counts of axes were wanted", join(a, ", "), sign, join(b, ", "));
  for (size_t i = 0; i < a.size(); ++i) {
    require(a[i] == b[i] || a[i] == 1 || b[i] == 1, "[{}] {} [{}]", join(a, ", "), sign, join(b, ", "));
    a[i] = std::max(a[i], b[i]);
  }
  return a;
}

template <char sign>
void import_binary(OnnxSite& site) {
  require(!site.node().attributes.contains("axis"), "'axis', which version 7 of the operators gave up; convert the network to it");
  const bool first = site.is_constant(0), second = site.is_constant(1);
  if (first || second) {
    const OnnxThing x = site.computed(first ? 1 : 0);
    return with_constant(site, x, spread(site, site.constant(first ? 0 : 1, "constant"), x), sign, first);
  }
  OnnxThing a = site.computed(0), b = site.computed(1);
  const Shape p = site.shape(a.value), q = site.shape(b.value);
  // A number for each channel has its channels first and last.
  if (p.rank() == 4 && q.rank() == 4 && p[2] * p[3] == 1) a.order = b.order;
  if (p.rank() == 4 && q.rank() == 4 && q[2] * q[3] == 1) b.order = a.order;
  require(a.order == b.order, "[{}] {} [{}] with channels first and last beside each other", join(site.dims(a), ", "), sign,
          join(site.dims(b), ", "));
  // Squeeze and excitation.
  if (sign == '*' && p.rank() == 4 && q.rank() == 4 && p[1] == q[1] && p != q) {
    if (q[2] * q[3] == 1) return site.give(site.add<MultiplyOp>("", {}, {a.value, b.value}), a.order);
    if (p[2] * p[3] == 1) return site.give(site.add<MultiplyOp>("", {}, {b.value, a.value}), a.order);
  }
  const std::vector<int64_t> dims = dims_beside(site.dims(a), site.dims(b), sign);
  a = repeated(site, "first", a, dims);
  b = repeated(site, "second", b, dims);
  if (sign == '-') b.value = uniform_affine(site, "negated", b.value, -1, 0);
  if (sign == '/') b.value = site.add<PowerOp>("inverse", {-1}, {b.value});
  const bool sum = sign == '+' || sign == '-';
  site.give(sum ? site.add<AddOp>("", {}, {a.value, b.value}) : site.add<MultiplyOp>("", {}, {a.value, b.value}), a.order);
}

void import_sum(OnnxSite& site) {
  OnnxThing sum = site.computed(0);
  for (size_t i = 1; i < site.inputs(); ++i) {
    const OnnxThing x = site.computed(i);
    require(x.order == sum.order && site.shape(x.value) == site.shape(sum.value), "a sum of [{}] and [{}]", join(site.dims(sum), ", "),
            join(site.dims(x), ", "));
    sum.value = site.add<AddOp>(i + 1 == site.inputs() ? "" : "part", {}, {sum.value, x.value});
  }
  site.give(sum);
}

void import_negative(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  site.give(uniform_affine(site, "", x.value, -1, 0), x.order);
}

void import_softmax(OnnxSite& site) {
  const Value x = site.plain(0);
  const int64_t rank = site.shape(x).rank();
  require(rank == 2 && onnx_axis(site.integer("axis", site.opset() < 13 ? 1 : -1), 2) == 1,
          "a softmax inside the network over {}; [N, classes] is read", site.shape(x));
  site.give(site.add<SoftmaxOp>("", {}, {x}));
}

}  // namespace

std::vector<float> spread(OnnxSite& site, const OnnxTensor& c, const OnnxThing& x) {
  require(!c.whole, "whole numbers beside real ones");
  const std::vector<int64_t> dims = site.dims(x);
  require(x.order != OnnxThing::flat_channels_last, "arithmetic with rows that had their channels last is not read");
  const size_t rank = dims.size();
  require(c.dims.size() <= rank, "a constant [{}] beside [{}]", join(c.dims, ", "), join(dims, ", "));
  std::vector<int64_t> step(rank, 0);
  int64_t next = 1;
  for (size_t i = c.dims.size(); i-- > 0;) {
    const size_t axis = rank - c.dims.size() + i;
    require(c.dims[i] == 1 || (c.dims[i] == dims[axis] && (axis > 0 || c.size() == 1)),
            "a constant [{}] beside [{}]: it must be the same for all images of a batch", join(c.dims, ", "), join(dims, ", "));
    step[axis] = c.dims[i] == 1 ? 0 : next;
    next *= c.dims[i];
  }
  const Shape s = site.shape(x.value);
  require(s.rank() >= 2, "arithmetic with a constant and {}: there are no channels", s);
  // Our axes behind the batch, outermost first, as ONNX counts them.
  std::vector<size_t> axes;
  if (x.order == OnnxThing::channels_last) {
    axes = {3, 1, 2};
  } else {
    for (size_t i = 1; i < rank; ++i) axes.push_back(i);
  }
  if (std::all_of(axes.begin() + 1, axes.end(), [&](size_t axis) { return step[axis] == 0; })) axes.resize(1);
  int64_t count = 1;
  for (const size_t axis : axes) count *= dims[axis];
  site.charge(Shape{count});
  std::vector<float> all(static_cast<size_t>(count));
  for (int64_t k = 0; k < count; ++k) {
    int64_t rest = k, place = 0;
    for (size_t i = axes.size(); i-- > 0;) {
      place += rest % dims[axes[i]] * step[axes[i]];
      rest /= dims[axes[i]];
    }
    all[static_cast<size_t>(k)] = c.reals[static_cast<size_t>(place)];
  }
  return all;
}

void give_affine(OnnxSite& site, const OnnxThing& x, std::vector<float> scale, std::vector<float> shift) {
  const Value images = as_images(site, x.value);
  site.give(as_before(site, affine_of(site, "", images, std::move(scale), std::move(shift)), site.shape(x.value), "rows-out"), x.order);
}

std::span<const OnnxOperator> onnx_arithmetic() {
  static constexpr OnnxOperator rows[] = {
      {"Relu", import_relu},
      {"Clip", import_clip},
      {"Max", import_limit<true>},
      {"Min", import_limit<false>},
      {"LeakyRelu", import_leaky_relu},
      {"PRelu", import_prelu},
      {"Elu", import_elu},
      {"Celu", import_celu},
      {"Selu", import_selu},
      {"Tanh", import_tanh},
      {"Sigmoid", import_sigmoid},
      {"HardSigmoid", import_hard_sigmoid},
      {"HardSwish", import_hard_swish},
      {"Gelu", import_gelu},
      {"Swish", import_swish},
      {"Mish", import_mish},
      {"Softplus", import_softplus},
      {"Erf", import_erf},
      {"Exp", import_exp},
      {"Log", import_log},
      {"Abs", import_abs},
      {"Sqrt", import_sqrt},
      {"Reciprocal", import_reciprocal},
      {"Pow", import_pow},
      {"Add", import_binary<'+'>},
      {"Sub", import_binary<'-'>},
      {"Mul", import_binary<'*'>},
      {"Div", import_binary<'/'>},
      {"Sum", import_sum},
      {"Neg", import_negative},
      {"Softmax", import_softmax},
  };
  return rows;
}

}  // namespace convscope
