#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "convscope/base/join.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/onnx/blur_pool.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

/** A window that slides over rows and columns, as a node's attributes say. */
struct Sliding {
  struct Axis {
    int64_t extent, kernel, stride = 1, dilation = 1, begin = 0, end = 0, out = 0;
    int64_t reach() const { return dilation * (kernel - 1) + 1; }
    /** Padding behind with which windows at `stride` end exactly. */
    int64_t exact_end() const { return std::max<int64_t>(0, (out - 1) * stride + reach() - extent - begin); }
    bool one_window() const { return extent + begin + end == reach(); }
  };
  std::array<Axis, 2> axes;
  bool ceil = false;

  const Axis& rows() const { return axes[0]; }
  const Axis& columns() const { return axes[1]; }
  /** The step that both axes go in: where theirs differ, some of what it gives is left out again (`every`). */
  int64_t stride() const { return std::gcd(rows().stride, columns().stride); }
  bool oblong_steps() const { return rows().stride != columns().stride; }
  /** The same padding on all sides: the ops' own. */
  bool even() const { return rows().begin == rows().end && columns().begin == columns().end && rows().begin == columns().begin; }
};

constexpr int64_t kMostExtent = int64_t{1} << 30;

int64_t sane(int64_t value, int64_t least, std::string_view what) {
  require(value >= least && value <= kMostExtent, "{} of {}", what, value);
  return value;
}

Sliding sliding(const OnnxSite& site, const Shape& x, std::array<int64_t, 2> kernel) {
  const auto pair = [&](std::string_view name, std::vector<int64_t> otherwise) {
    std::vector<int64_t> v = onnx_integers(site.node(), name, std::move(otherwise));
    require(v.size() == 2, "'{}' has {} numbers; 2 belong to pictures", name, v.size());
    return v;
  };
  const std::vector<int64_t> strides = pair("strides", {1, 1}), dilations = pair("dilations", {1, 1});
  std::vector<int64_t> pads = onnx_integers(site.node(), "pads", {0, 0, 0, 0});
  require(pads.size() == 4, "'pads' has {} numbers; 4 belong to pictures", pads.size());
  const std::string automatic = site.text("auto_pad", "NOTSET");
  Sliding s;
  s.ceil = site.integer("ceil_mode", 0) != 0;
  for (size_t i = 0; i < 2; ++i) {
    Sliding::Axis& a = s.axes[i];
    a.extent = x[static_cast<int>(i) + 2];
    a.kernel = sane(kernel[i], 1, "a window");
    a.stride = sane(strides[i], 1, "a stride");
    a.dilation = sane(dilations[i], 1, "a dilation");
    a.begin = sane(pads[i], 0, "a pad");
    a.end = sane(pads[i + 2], 0, "a pad");
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      a.out = (a.extent + a.stride - 1) / a.stride;
      const int64_t total = std::max<int64_t>(0, (a.out - 1) * a.stride + a.reach() - a.extent);
      a.begin = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      a.end = total - a.begin;
      continue;
    }
    if (automatic == "VALID") a.begin = a.end = 0;
    require(automatic == "VALID" || automatic == "NOTSET" || automatic.empty(), "auto_pad '{}'", automatic);
    const int64_t room = a.extent + a.begin + a.end - a.reach();
    require(room >= 0, "a window of {} does not fit into {} with pads {} and {}", a.reach(), a.extent, a.begin, a.end);
    a.out = (room + (s.ceil ? a.stride - 1 : 0)) / a.stride + 1;
    if (s.ceil && (a.out - 1) * a.stride >= a.extent + a.begin) --a.out;  // it would begin behind the picture
  }
  // A window that is the whole plane goes nowhere, whatever its stride: it drops no samples.
  if (s.rows().one_window() && s.columns().one_window()) {
    for (Sliding::Axis& a : s.axes) a.stride = 1;
    return s;
  }
  return s;
}

/** Of what was made in the step of both axes, what theirs give. */
Value every(OnnxSite& site, const Sliding& s, Value y) {
  if (!s.oblong_steps()) return y;
  const int64_t step = s.stride();
  site.charge(Shape{s.rows().out + s.columns().out});
  return picked_places(site, "", y, places(0, s.rows().stride / step, s.rows().out), places(0, s.columns().stride / step, s.columns().out));
}
/** The name of what is made before `every`. */
std::string_view before_every(const Sliding& s) { return s.oblong_steps() ? "steps" : ""; }

std::array<int64_t, 2> window(const OnnxSite& site) {
  const std::vector<int64_t> k = site.integers("kernel_shape");
  require(k.size() == 2, "'kernel_shape' has {} numbers; 2 belong to pictures", k.size());
  return {k[0], k[1]};
}

/** Padding behind as given, also where the last window leaves some of it over: the same layer with stride 1 has windows there. */
Value padded(OnnxSite& site, Value x, const Sliding& s, double value) {
  const auto behind = [&](const Sliding::Axis& a) { return s.ceil ? a.exact_end() : a.end; };
  const PadOptions pad{
      .top = s.rows().begin, .bottom = behind(s.rows()), .left = s.columns().begin, .right = behind(s.columns()), .value = value};
  if (pad.top + pad.bottom + pad.left + pad.right == 0) return x;
  return site.add<PadOp>("pad", pad, {x});
}

/** A constant input as it stands. */
Value constant_parameter(OnnxSite& site, size_t input, std::string_view what, const Shape& shape, std::string_view form,
                         bool trained = true) {
  const OnnxTensor& constant = site.constant(input, what);
  return site.parameter(
      input, form, shape, [&] { return tensor_of(constant, shape); }, trained);
}

/** The weight with zeros between its numbers, where rows and columns are dilated differently. */
Value dilated_weight(OnnxSite& site, const OnnxTensor& weight, const Sliding& s) {
  const auto& d = weight.dims;
  const int64_t down = s.rows().dilation, across = s.columns().dilation;
  const Shape shape{d[0], d[1], s.rows().reach(), s.columns().reach()};
  const auto numbers = [&] {
    const Tensor from = tensor_of(weight, Shape(d));
    Tensor to(shape);
    for (int64_t p = 0; p < d[0] * d[1]; ++p)
      for (int64_t i = 0; i < d[2]; ++i)
        for (int64_t j = 0; j < d[3]; ++j) to[(p * shape[2] + i * down) * shape[3] + j * across] = from[(p * d[2] + i) * d[3] + j];
    return to;
  };
  return site.parameter(1, fmt::format("dilated {} {}", down, across), shape, numbers, true);
}

void import_conv(OnnxSite& site) {
  const Value x = site.images(0);
  const OnnxTensor& weight = site.constant(1, "weight");
  require(weight.dims.size() == 4, "its weight is [{}]; [K, C, R, S] was wanted: convolutions over pictures are read",
          join(weight.dims, ", "));
  const Sliding s = sliding(site, site.shape(x), {weight.dims[2], weight.dims[3]});
  const std::vector<int64_t> kernel = onnx_integers(site.node(), "kernel_shape", {weight.dims[2], weight.dims[3]});
  require(kernel == std::vector<int64_t>{weight.dims[2], weight.dims[3]}, "'kernel_shape' [{}] for weight [{}]", join(kernel, ", "),
          join(weight.dims, ", "));
  const bool same_dilation = s.rows().dilation == s.columns().dilation;
  if (!site.has(2) && !s.oblong_steps() && same_dilation && s.rows().dilation == 1 && site.integer("group", 1) == weight.dims[0]) {
    const DepthwiseSteps steps{{s.rows().begin, s.columns().begin}, {s.rows().out, s.columns().out}, s.stride()};
    if (const auto blur = blur_pool(site, x, weight, steps)) return site.give(site.add<DownsampleOp>("", blur->how, {blur->from}));
  }
  Conv2dOptions o{
      .stride = s.stride(), .dilation = same_dilation ? s.rows().dilation : 1, .groups = site.integer("group", 1), .bias = site.has(2)};
  const Value from = s.even() ? x : padded(site, x, s, 0);
  if (s.even()) o.pad = s.rows().begin;
  std::vector<Value> in{from,
                        same_dilation ? constant_parameter(site, 1, "weight", Shape(weight.dims), "") : dilated_weight(site, weight, s)};
  if (o.bias) {
    require(site.constant(2, "bias").size() == weight.dims[0],
            "its bias has {} numbers for {} output channels: batch-norm folding of the exporter has overwritten a bias (pytorch#166797); "
            "export it anew with onnxscript 0.5.7 or later",
            site.constant(2, "bias").size(), weight.dims[0]);
    in.push_back(constant_parameter(site, 2, "bias", {weight.dims[0]}, ""));
  }
  site.give(every(site, s, site.add<Conv2dOp>(before_every(s), o, in)));
}

void import_batch_norm(OnnxSite& site) {
  require(site.integer("training_mode", 0) == 0 && (site.opset() >= 7 || site.integer("is_test", 0) == 1),
          "it is in training mode; export the network for inference");
  require(site.integer("spatial", 1) == 1, "spatial=0 is not read");
  const Value x = site.plain(0), images = as_images(site, x);
  const int64_t channels = site.shape(images)[1];
  std::vector<Value> in{images};
  constexpr std::string_view kNames[] = {"", "scale", "bias", "mean", "variance"};
  for (size_t i = 1; i <= 4; ++i) in.push_back(constant_parameter(site, i, kNames[i], {channels}, kNames[i], i <= 2));
  const BatchNormOptions o{.eps = site.real("epsilon", 1e-5), .momentum = 1 - site.real("momentum", 0.9)};
  site.give(as_before(site, site.add<BatchNormOp>("", o, in), site.shape(x), "rows-out"));
}

void import_max_pool(OnnxSite& site) {
  const Value x = site.images(0);
  const Sliding s = sliding(site, site.shape(x), window(site));
  require(s.rows().dilation == 1 && s.columns().dilation == 1, "dilated windows are not read");
  const int64_t rows = s.rows().kernel, columns = s.columns().kernel, stride = s.stride();
  const bool square = rows == columns && !s.oblong_steps();
  if (square && s.even() && s.rows().begin <= rows / 2 && site.text("auto_pad", "NOTSET") == "NOTSET")
    return site.give(site.add<MaxPoolOp>("", {.kernel = rows, .stride = stride, .pad = s.rows().begin, .ceil = s.ceil}, {x}));
  // Below all numbers: padding never wins.
  const Value from = padded(site, x, s, std::numeric_limits<float>::lowest());
  const MaxPoolOptions o{.kernel = rows, .stride = stride, .kernel_columns = rows == columns ? 0 : columns};
  site.give(every(site, s, site.add<MaxPoolOp>(before_every(s), o, {from})));
}

/** How many numbers each window of an axis is divided by. */
std::vector<double> counts(const Sliding::Axis& a, bool with_padding) {
  std::vector<double> all;
  for (int64_t i = 0; i < a.out; ++i) {
    const int64_t begin = i * a.stride, end = begin + a.kernel;  // counted from the padding on
    const int64_t first = with_padding ? 0 : a.begin, last = a.begin + a.extent + (with_padding ? a.end : 0);
    all.push_back(static_cast<double>(std::max<int64_t>(0, std::min(end, last) - std::max(begin, first))));
  }
  return all;
}

void import_average_pool(OnnxSite& site) {
  const Value x = site.images(0);
  const Shape from_shape = site.shape(x);
  const Sliding s = sliding(site, from_shape, window(site));
  require(s.rows().dilation == 1 && s.columns().dilation == 1, "dilated windows are not read");
  const bool with_padding = site.integer("count_include_pad", 0) != 0;
  const int64_t rows = s.rows().kernel, columns = s.columns().kernel, stride = s.stride();
  if (rows == columns && !s.oblong_steps() && s.even() && s.rows().begin <= rows / 2 && site.text("auto_pad", "NOTSET") == "NOTSET")
    return site.give(site.add<AvgPoolOp>("", {rows, stride, s.rows().begin, s.ceil, with_padding}, {x}));

  // Means of whole windows over zeros, then times what the window holds over what counts.
  const Value from = padded(site, x, s, 0);
  site.charge(Shape{s.rows().out + s.columns().out});
  const std::vector<double> high = counts(s.rows(), with_padding), wide = counts(s.columns(), with_padding);
  const double area = static_cast<double>(rows) * static_cast<double>(columns);
  const bool whole = std::all_of(high.begin(), high.end(), [&](double n) { return n == static_cast<double>(rows); }) &&
                     std::all_of(wide.begin(), wide.end(), [&](double n) { return n == static_cast<double>(columns); });
  const std::string_view last = !whole ? "means" : before_every(s);
  Value y;
  if (rows == columns) {
    y = site.add<AvgPoolOp>(last, {rows, stride, 0, false, true}, {from});
  } else {
    const int64_t channels = from_shape[1];
    const Shape window{channels, 1, rows, columns};
    const Value weight = site.parameter("window", window, [&] {
      Tensor all(window);
      fill(all, static_cast<float>(1 / area));
      return all;
    });
    y = site.add<Conv2dOp>(last, {.stride = stride, .groups = channels}, {from, weight});
  }
  y = every(site, s, y);
  if (whole) return site.give(y);
  std::vector<float> scale;
  site.charge(Shape{from_shape[1], s.rows().out, s.columns().out});
  for (int64_t c = 0; c < from_shape[1]; ++c)
    for (const double h : high)
      for (const double w : wide) scale.push_back(h * w > 0 ? static_cast<float>(area / (h * w)) : 0.0f);
  const std::vector<float> shift(scale.size(), 0.0f);
  site.give(affine_of(site, "", y, scale, shift));
}

void import_global_average(OnnxSite& site) { site.give(site.add<GlobalAvgPoolOp>("", {}, {site.images(0)})); }

void import_global_max(OnnxSite& site) { site.give(plane_max(site, "", site.images(0))); }

void import_lrn(OnnxSite& site) {
  const LrnOptions o{
      .size = site.integer("size", 0), .alpha = site.real("alpha", 1e-4), .beta = site.real("beta", 0.75), .bias = site.real("bias", 1)};
  site.give(site.add<LrnOp>("", o, {site.images(0)}));
}

/** The matrix [F, K], or its transpose, as the [K, F] of a linear layer; columns go where the features of `x` lie. */
Value linear_weight(OnnxSite& site, const OnnxThing& x, bool transposed, double factor, std::string_view form) {
  const OnnxTensor& w = site.constant(1, "matrix");
  require(w.dims.size() == 2 && !w.whole, "its matrix is [{}] of {} numbers; two axes of real ones were wanted", join(w.dims, ", "),
          w.whole ? "whole" : "real");
  const int64_t outputs = w.dims[transposed ? 0 : 1], features = w.dims[transposed ? 1 : 0];
  const Shape s = site.shape(x.value);
  require(s.inner() == features, "its input has {} features, its matrix [{}] wants {}", s.inner(), join(w.dims, ", "), features);
  const Shape shape{outputs, features};
  const auto numbers = [&] {
    Tensor weight(shape);
    for (int64_t k = 0; k < outputs; ++k)
      for (int64_t f = 0; f < features; ++f) {
        int64_t theirs = f;
        if (x.order == OnnxThing::flat_channels_last) {
          const int64_t plane = s[2] * s[3];
          theirs = f % plane * s[1] + f / plane;
        }
        weight[k * features + f] =
            static_cast<float>(w.reals[static_cast<size_t>(transposed ? k * features + theirs : theirs * outputs + k)] * factor);
      }
    return weight;
  };
  // Two inputs of as many features may have them in other planes, so that one matrix becomes two.
  const std::string order = x.order == OnnxThing::plain ? "" : fmt::format(" of {} channels that come last", s[1]);
  return site.parameter(1, fmt::format("{}{}", form, order), shape, numbers, true);
}

/** A summand for each of `outputs`: a number alone, [K] or [1, K]. */
Tensor linear_bias(const OnnxTensor& b, int64_t outputs, double factor) {
  const bool fits = !b.whole && (b.size() == 1 || (b.size() == outputs && !b.dims.empty() && b.dims.back() == outputs));
  require(fits, "its bias is [{}]; [{}] was wanted", join(b.dims, ", "), outputs);
  Tensor bias({outputs});
  for (int64_t k = 0; k < outputs; ++k) bias[k] = static_cast<float>(b.at(b.size() == 1 ? 0 : k) * factor);
  return bias;
}

void require_rows(const OnnxSite& site, const OnnxThing& x) {
  require(x.order != OnnxThing::channels_last && (x.order == OnnxThing::flat_channels_last || site.shape(x.value).rank() == 2),
          "it reads [{}]; [N, features] was wanted", join(site.dims(x), ", "));
}

void import_gemm(OnnxSite& site) {
  const OnnxThing& x = site.computed(0);
  require(site.integer("transA", 0) == 0, "transA: the images of a batch would become features");
  require_rows(site, x);
  const double alpha = site.real("alpha", 1), beta = site.real("beta", 1);
  const bool transposed = site.integer("transB", 0) != 0;
  const Value weight = linear_weight(site, x, transposed, alpha, fmt::format("{} × {}", alpha, transposed));
  const int64_t outputs = site.shape(weight)[0];
  std::vector<Value> in{x.value, weight};
  if (site.has(2)) {
    const OnnxTensor& bias = site.constant(2, "bias");
    in.push_back(site.parameter(
        2, fmt::format("bias × {}", beta), {outputs}, [&] { return linear_bias(bias, outputs, beta); }, true));
  }
  site.give(site.add<LinearOp>("", {.bias = site.has(2)}, in));
}

/** A matrix at each point of [N, H, W, C], as the layers of ConvNeXt have it: a convolution of 1 × 1. */
Value point_weight(OnnxSite& site, int64_t channels) {
  const OnnxTensor& w = site.constant(1, "matrix");
  require(w.dims.size() == 2 && !w.whole && w.dims[0] == channels, "its matrix is [{}]; [{}, K] of real numbers was wanted",
          join(w.dims, ", "), channels);
  const int64_t outputs = w.dims[1];
  const Shape shape{outputs, channels, 1, 1};
  const auto numbers = [&] {
    Tensor weight(shape);
    for (int64_t k = 0; k < outputs; ++k)
      for (int64_t c = 0; c < channels; ++c) weight[k * channels + c] = w.reals[static_cast<size_t>(c * outputs + k)];
    return weight;
  };
  return site.parameter(1, "points", shape, numbers, true);
}

/** With the sum behind it, if there is one: a linear layer. */
void import_matmul(OnnxSite& site) {
  if (site.is_constant(0)) return give_axis_product(site, site.images(1), site.constant(0, "matrix"), true);
  const OnnxThing x = site.computed(0);
  if (x.order == OnnxThing::plain && site.shape(x.value).rank() == 4)
    return give_axis_product(site, x.value, site.constant(1, "matrix"), false);
  const bool points = x.order == OnnxThing::channels_last;
  if (!points) require_rows(site, x);
  const Value weight = points ? point_weight(site, site.shape(x.value)[1]) : linear_weight(site, x, false, 1, "matrix");
  const int64_t outputs = site.shape(weight)[0];
  const auto layer = [&](std::vector<Value> in) {
    const bool bias = in.size() > 2;
    return points ? site.add<Conv2dOp>("", {.bias = bias}, std::move(in)) : site.add<LinearOp>("", {.bias = bias}, std::move(in));
  };
  const OnnxThing::Order order = points ? OnnxThing::channels_last : OnnxThing::plain;
  const OnnxNode* next = site.only_reader();
  if (next && next->op == "Add" && next->domain.empty() && next->inputs.size() == 2 && !next->outputs.empty()) {
    const std::string& other = next->inputs[next->inputs[0] == site.node().outputs[0] ? 1 : 0];
    const OnnxThing* b = site.thing_named(other);
    if (b && b->constant && !b->constant->whole && b->constant->size() == outputs && !b->constant->dims.empty() &&
        b->constant->dims.back() == outputs) {
      const Value bias = site.parameter(
          "bias", {outputs}, [&] { return linear_bias(*b->constant, outputs, 1); }, true);
      site.give_to(next->outputs[0], layer({x.value, weight, bias}), order);
      return;
    }
  }
  site.give(layer({x.value, weight}), order);
}

}  // namespace

std::span<const OnnxOperator> onnx_layers() {
  static constexpr OnnxOperator rows[] = {
      {"Conv", import_conv},
      {"BatchNormalization", import_batch_norm},
      {"MaxPool", import_max_pool},
      {"AveragePool", import_average_pool},
      {"GlobalAveragePool", import_global_average},
      {"GlobalMaxPool", import_global_max},
      {"LRN", import_lrn},
      {"Gemm", import_gemm},
      {"MatMul", import_matmul},
  };
  return rows;
}

}  // namespace convscope
