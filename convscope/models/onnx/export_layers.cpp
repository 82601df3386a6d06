#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/gather_channels.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/models/onnx/blur_pool.h"
#include "convscope/models/onnx/export_site.h"

namespace convscope {

namespace {

constexpr int64_t kToTheEnd = std::numeric_limits<int64_t>::max();

template <typename T>
const typename T::Options& options(const OnnxExportSite& site) {
  return as<T>(*site.node().op)->get();
}

std::vector<int64_t> dims_of(const Shape& s) { return {s.extents().begin(), s.extents().end()}; }
std::vector<float> numbers_of(const Tensor& t) { return {t.span().begin(), t.span().end()}; }
std::vector<float> widened(const Tensor& t, int64_t count) {
  return t.size() == 1 ? std::vector<float>(static_cast<size_t>(count), t[0]) : numbers_of(t);
}

/** [C] or [C, H, W] numbers as they stand beside [N, C, H, W]. */
std::vector<int64_t> beside_images(const Shape& x, int64_t count) {
  if (x.rank() == 2) return {count};
  return count == x[1] || count == 1 ? std::vector<int64_t>{count, 1, 1} : std::vector<int64_t>{x[1], x[2], x[3]};
}

/** What is done in passing behind a layer: a sum, an activation. */
std::string in_passing(OnnxExportSite& site, std::string y, const std::optional<size_t>& residual, const std::optional<Activation>& f) {
  if (residual) y = site.add(f ? "sum" : "with-residual", "Add", {y, site.in(*residual)});
  if (f) y = write_activation(site, "activation", *f, y);
  return y;
}

/** Factor and summand of each channel that a batch norm is at inference. */
struct Line {
  std::vector<double> scale, shift;
};
Line line_of(const OnnxExportSite& norm) {
  using Norm = BatchNormOp;
  const Tensor &gamma = norm.tensor(Norm::kGamma), &beta = norm.tensor(Norm::kBeta), &mean = norm.tensor(Norm::kRunningMean),
               &variance = norm.tensor(Norm::kRunningVariance);
  Line line;
  for (int64_t i = 0; i < mean.size(); ++i) {
    const double scale = gamma[gamma.size() == 1 ? 0 : i] / std::sqrt(static_cast<double>(variance[i]) + options<BatchNormOp>(norm).eps);
    line.scale.push_back(scale);
    line.shift.push_back(beta[beta.size() == 1 ? 0 : i] - mean[i] * scale);
  }
  return line;
}

/** Names of a layer's weight and bias (inputs 1 and 2); with a batch norm in them where one is folded. */
std::vector<std::string> weights_of(OnnxExportSite& site, bool bias) {
  const auto norm = site.folded();
  if (!norm) return bias ? std::vector<std::string>{site.in(1), site.in(2)} : std::vector<std::string>{site.in(1)};
  const Line line = line_of(*norm);
  const Tensor& weight = site.tensor(1);
  std::vector<float> scaled = numbers_of(weight), summands;
  const int64_t each = weight.size() / weight.shape()[0];
  for (int64_t i = 0; i < weight.size(); ++i)
    scaled[static_cast<size_t>(i)] = static_cast<float>(weight[i] * line.scale[static_cast<size_t>(i / each)]);
  for (size_t k = 0; k < line.scale.size(); ++k)
    summands.push_back(static_cast<float>((bias ? site.tensor(2)[static_cast<int64_t>(k)] : 0) * line.scale[k] + line.shift[k]));
  return {site.constant("weight", dims_of(weight.shape()), std::move(scaled)),
          site.constant("bias", {weight.shape()[0]}, std::move(summands))};
}

void write_conv(OnnxExportSite& site) {
  const auto& o = options<Conv2dOp>(site);
  const Shape& weight = site.shape(1);
  std::vector<std::string> in{site.in(0)};
  for (std::string& name : weights_of(site, o.bias)) in.push_back(std::move(name));
  const std::string y = site.add(o.residual || o.activation ? "conv" : "", "Conv", in,
                                 {{"kernel_shape", onnx_attribute(std::vector<int64_t>{weight[2], weight[3]})},
                                  {"strides", onnx_attribute(std::vector<int64_t>{o.stride, o.stride})},
                                  {"pads", onnx_attribute(std::vector<int64_t>{o.pad, o.pad, o.pad, o.pad})},
                                  {"dilations", onnx_attribute(std::vector<int64_t>{o.dilation, o.dilation})},
                                  {"group", onnx_attribute(o.groups)}});
  site.give(in_passing(site, y, o.residual ? std::optional(site.inputs() - 1) : std::nullopt, o.activation));
}

void write_linear(OnnxExportSite& site) {
  const auto& o = options<LinearOp>(site);
  const std::string x =
      site.shape(0).rank() == 2 ? site.in(0) : site.add("flat", "Flatten", {site.in(0)}, {{"axis", onnx_attribute(int64_t{1})}});
  std::vector<std::string> in{x};
  for (std::string& name : weights_of(site, o.bias)) in.push_back(std::move(name));
  const std::string y = site.add(o.activation ? "gemm" : "", "Gemm", in, {{"transB", onnx_attribute(int64_t{1})}});
  site.give(in_passing(site, y, std::nullopt, o.activation));
}

/** x · scale + shift with constants of the file. */
std::string write_line(OnnxExportSite& site, std::string_view suffix, const std::string& x, const std::vector<int64_t>& dims,
                       std::vector<float> scale, std::vector<float> shift) {
  const std::string product =
      site.add(fmt::format("{}scaled", suffix), "Mul", {x, site.constant(fmt::format("{}scale", suffix), dims, std::move(scale))});
  return site.add(suffix.empty() ? "" : suffix.substr(0, suffix.size() - 1), "Add",
                  {product, site.constant(fmt::format("{}shift", suffix), dims, std::move(shift))});
}

void write_batch_norm(OnnxExportSite& site) {
  const auto& o = options<BatchNormOp>(site);
  const Shape& x = site.shape(0);
  const bool passing = o.residual || o.activation;
  std::string y;
  if (site.is_in_the_layer_before()) {
    y = site.in(0);
  } else if (o.per_activation) {
    const Line line = line_of(site);
    y = write_line(site, passing ? "norm-" : "", site.in(0), {x[1], x[2], x[3]}, {line.scale.begin(), line.scale.end()},
                   {line.shift.begin(), line.shift.end()});
  } else {
    std::vector<std::string> in{site.in(0)};
    for (size_t i = 1; i <= 4; ++i) {
      const Tensor& t = site.tensor(i);
      in.push_back(t.size() == x[1] ? site.in(i) : site.constant(fmt::format("input-{}", i), {x[1]}, widened(t, x[1])));
    }
    y = site.add(passing ? "norm" : "", "BatchNormalization", in,
                 {{"epsilon", onnx_attribute(o.eps)}, {"momentum", onnx_attribute(1 - o.momentum)}});
  }
  site.give(in_passing(site, y, o.residual ? std::optional<size_t>(BatchNormOp::kResidual) : std::nullopt, o.activation));
}

void write_affine(OnnxExportSite& site) {
  const auto& o = options<AffineOp>(site);
  const Shape& x = site.shape(0);
  const Tensor &scale = site.tensor(1), &shift = site.tensor(2);
  const std::string y = write_line(site, o.residual || o.activation ? "line-" : "", site.in(0), beside_images(x, scale.size()),
                                   numbers_of(scale), numbers_of(shift));
  site.give(in_passing(site, y, o.residual ? std::optional<size_t>(3) : std::nullopt, o.activation));
}

void write_normalize(OnnxExportSite& site) {
  const auto& o = options<NormalizeOp>(site);
  const auto list = [&](std::string_view suffix, const std::vector<double>& v) {
    return site.constant(suffix, {static_cast<int64_t>(v.size()), 1, 1}, {v.begin(), v.end()});
  };
  site.give(site.add("", "Div", {site.add("centred", "Sub", {site.in(0), list("mean", o.mean)}), list("std", o.std)}));
}

void write_activation_op(OnnxExportSite& site) {
  site.give(write_activation(site, "", dynamic_cast<const HasActivation&>(*site.node().op).activation(), site.in(0)));
}

void write_rrelu(OnnxExportSite& site) {
  site.give(write_activation(site, "", {Activation::kLeakyRelu, as<RReluOp>(*site.node().op)->mean_slope()}, site.in(0)));
}

void write_prelu(OnnxExportSite& site) {
  const Tensor& slope = site.tensor(1);
  site.give(site.add("", "PRelu", {site.in(0), site.constant("slope", beside_images(site.shape(0), slope.size()), numbers_of(slope))}));
}

template <const char* op>
void write_plain(OnnxExportSite& site) {
  std::vector<std::string> in;
  for (size_t i = 0; i < site.inputs(); ++i) in.push_back(site.in(i));
  site.give(site.add("", op, in));
}
constexpr char kAdd[] = "Add", kMul[] = "Mul", kGlobalAverage[] = "GlobalAveragePool", kErf[] = "Erf", kExp[] = "Exp", kLog[] = "Log",
               kAbs[] = "Abs", kSoftplus[] = "Softplus";

void write_identity(OnnxExportSite& site) { site.give(site.in(0)); }
void write_softmax(OnnxExportSite& site) { site.give(site.add("", "Softmax", {site.in(0)}, {{"axis", onnx_attribute(int64_t{1})}})); }
void write_concat(OnnxExportSite& site) {
  std::vector<std::string> in;
  for (size_t i = 0; i < site.inputs(); ++i) in.push_back(site.in(i));
  site.give(site.add("", "Concat", in, {{"axis", onnx_attribute(int64_t{1})}}));
}

void write_lrn(OnnxExportSite& site) {
  const auto& o = options<LrnOp>(site);
  site.give(site.add("", "LRN", {site.in(0)},
                     {{"size", onnx_attribute(o.size)},
                      {"alpha", onnx_attribute(o.alpha)},
                      {"beta", onnx_attribute(o.beta)},
                      {"bias", onnx_attribute(o.bias)}}));
}

OnnxAttributes window(int64_t rows, int64_t columns, int64_t stride, int64_t pad) {
  return {{"kernel_shape", onnx_attribute(std::vector<int64_t>{rows, columns})},
          {"strides", onnx_attribute(std::vector<int64_t>{stride, stride})},
          {"pads", onnx_attribute(std::vector<int64_t>{pad, pad, pad, pad})}};
}

void write_max_pool(OnnxExportSite& site) {
  const auto& o = options<MaxPoolOp>(site);
  OnnxAttributes all = window(o.kernel, o.kernel_columns > 0 ? o.kernel_columns : o.kernel, o.stride, o.pad);
  all["ceil_mode"] = onnx_attribute(int64_t{o.ceil});
  site.give(site.add("", "MaxPool", {site.in(0)}, all));
}

std::string padded(OnnxExportSite& site, std::string_view suffix, const std::string& x, std::vector<int64_t> pads, double value) {
  return site.add(suffix, "Pad",
                  {x, site.integers(fmt::format("{}-pads", suffix), std::move(pads)), site.number(fmt::format("{}-value", suffix), value)},
                  {{"mode", onnx_attribute(std::string("constant"))}});
}

void write_avg_pool(OnnxExportSite& site) {
  const auto& o = options<AvgPoolOp>(site);
  const Shape &x = site.shape(0), &y = site.node().shapes[0];
  const auto over = [&](int axis) { return (y[axis] - 1) * o.stride + o.kernel - x[axis] - 2 * o.pad; };
  if (over(2) <= 0 && over(3) <= 0) {
    OnnxAttributes all = window(o.kernel, o.kernel, o.stride, o.pad);
    all["count_include_pad"] = onnx_attribute(int64_t{o.count_include_pad});
    return site.give(site.add("", "AveragePool", {site.in(0)}, all));
  }
  // Programs divide the windows that hang over the edge by different counts: sums over zeros, divided by what counts here.
  const int64_t down = std::max<int64_t>(0, over(2)), across = std::max<int64_t>(0, over(3));
  const std::string wide = padded(site, "wide", site.in(0), {0, 0, o.pad, o.pad, 0, 0, o.pad + down, o.pad + across}, 0);
  const std::string means = site.add("means", "AveragePool", {wide}, window(o.kernel, o.kernel, o.stride, 0));
  const auto count = [&](int64_t place, int64_t extent) {
    const int64_t begin = place * o.stride - o.pad, end = begin + o.kernel;
    return o.count_include_pad ? std::min(end, extent + o.pad) - begin : std::min(end, extent) - std::max<int64_t>(begin, 0);
  };
  std::vector<float> factors;
  for (int64_t i = 0; i < y[2]; ++i)
    for (int64_t j = 0; j < y[3]; ++j)
      factors.push_back(
          static_cast<float>(static_cast<double>(o.kernel * o.kernel) / static_cast<double>(count(i, x[2]) * count(j, x[3]))));
  site.give(site.add("", "Mul", {means, site.constant("factors", {1, y[2], y[3]}, std::move(factors))}));
}

void write_flatten(OnnxExportSite& site) { site.give(site.add("", "Flatten", {site.in(0)}, {{"axis", onnx_attribute(int64_t{1})}})); }

void write_unflatten(OnnxExportSite& site) {
  std::vector<int64_t> shape{0};  // the batch, whatever it is
  for (const int64_t extent : options<UnflattenOp>(site).features) shape.push_back(extent);
  site.give(site.add("", "Reshape", {site.in(0), site.integers("shape", shape)}));
}

std::string sliced(OnnxExportSite& site, std::string_view suffix, const std::string& x, std::vector<int64_t> from, std::vector<int64_t> to,
                   std::vector<int64_t> axes, std::vector<int64_t> steps) {
  const auto list = [&](std::string_view what, std::vector<int64_t> v) {
    return site.integers(fmt::format("{}{}", suffix, what), std::move(v));
  };
  return site.add(
      suffix, "Slice",
      {x, list("starts", std::move(from)), list("ends", std::move(to)), list("axes", std::move(axes)), list("steps", std::move(steps))});
}

void write_subsample(OnnxExportSite& site) {
  const int64_t rate = options<SubsampleOp>(site).rate;
  site.give(sliced(site, "", site.in(0), {0, 0}, {kToTheEnd, kToTheEnd}, {2, 3}, {rate, rate}));
}
void write_take_channels(OnnxExportSite& site) {
  const auto& o = options<TakeChannelsOp>(site);
  site.give(sliced(site, "", site.in(0), {o.first}, {o.first + o.count}, {1}, {1}));
}
void write_crop(OnnxExportSite& site) {
  const auto& o = options<CropOp>(site);
  site.give(sliced(site, "", site.in(0), {o.top, o.left}, {o.top + o.rows, o.left + o.columns}, {2, 3}, {1, 1}));
}
void write_zero_pad_channels(OnnxExportSite& site) {
  const auto& o = options<ZeroPadChannelsOp>(site);
  if (site.shape(0).rank() == 2) return site.give(padded(site, "", site.in(0), {0, o.before, 0, o.after}, 0));
  site.give(padded(site, "", site.in(0), {0, o.before, 0, 0, 0, o.after, 0, 0}, 0));
}
void write_pad(OnnxExportSite& site) {
  const auto& o = options<PadOp>(site);
  site.give(padded(site, "", site.in(0), {0, 0, o.top, o.left, 0, 0, o.bottom, o.right}, o.value));
}

std::string gathered(OnnxExportSite& site, std::string_view suffix, const std::string& x, std::vector<int64_t> which, int64_t axis) {
  return site.add(suffix, "Gather", {x, site.integers(fmt::format("{}-places", suffix), std::move(which))},
                  {{"axis", onnx_attribute(axis)}});
}
void write_gather_channels(OnnxExportSite& site) { site.give(gathered(site, "", site.in(0), options<GatherChannelsOp>(site).channels, 1)); }

/** The weights of an axis as a matrix [to, from], or its transpose. */
std::string axis_matrix(OnnxExportSite& site, std::string_view suffix, const std::vector<int64_t>& places,
                        const std::vector<double>& weights, int64_t taps, int64_t from, bool transposed) {
  const int64_t to = static_cast<int64_t>(places.size()) / taps;
  std::vector<float> matrix(static_cast<size_t>(to * from), 0.0f);
  for (size_t i = 0; i < places.size(); ++i) {
    const int64_t row = static_cast<int64_t>(i) / taps, at = transposed ? places[i] * to + row : row * from + places[i];
    matrix[static_cast<size_t>(at)] += static_cast<float>(weights.empty() ? 1 : weights[i]);
  }
  return site.constant(suffix, transposed ? std::vector<int64_t>{from, to} : std::vector<int64_t>{to, from}, std::move(matrix));
}

void write_resample(OnnxExportSite& site) {
  const auto& o = options<ResampleOp>(site);
  const Shape& x = site.shape(0);
  if (o.taps == 1 && o.row_weights.empty() && o.column_weights.empty())
    return site.give(gathered(site, "", gathered(site, "rows", site.in(0), o.rows, 2), o.columns, 3));
  const std::string down = axis_matrix(site, "down", o.rows, o.row_weights, o.taps, x[2], false),
                    across = axis_matrix(site, "across", o.columns, o.column_weights, o.taps, x[3], true);
  site.give(site.add("", "MatMul", {site.add("rows", "MatMul", {down, site.in(0)}), across}));
}

std::string constant_matrix(OnnxExportSite& site, std::string_view suffix, const LineMatrix& matrix) {
  const std::vector<double> numbers = matrix.dense();
  return site.constant(suffix, {matrix.rows(), matrix.columns}, {numbers.begin(), numbers.end()});
}

/** As other programs write BlurPool, and read it: a padding and a depthwise convolution. */
void write_blur(OnnxExportSite& site, const LineFilterOptions& o) {
  const int64_t channels = site.shape(0)[1], before = (o.size - 1) / 2, behind = o.size - 1 - before;
  const std::map<std::string_view, std::string> kModes{{"reflect", "reflect"}, {"replicate", "edge"}, {"zero", "constant"}};
  const std::string pads = site.integers("pads", {0, 0, before, before, 0, 0, behind, behind});
  const std::string x = site.add("pad", "Pad", {site.in(0), pads}, {{"mode", onnx_attribute(kModes.at(o.edge))}});
  std::vector<float> weight;
  const std::vector<double> line = blur_weights(o.size);
  for (int64_t c = 0; c < channels; ++c)
    for (const double down : line)
      for (const double across : line) weight.push_back(static_cast<float>(down * across));
  site.give(site.add("", "Conv", {x, site.constant("weight", {channels, 1, o.size, o.size}, std::move(weight))},
                     {{"kernel_shape", onnx_attribute(std::vector<int64_t>{o.size, o.size})},
                      {"strides", onnx_attribute(std::vector<int64_t>{o.rate, o.rate})},
                      {"group", onnx_attribute(channels)}}));
}

/** y = D x Dᵀ. */
void write_downsample(OnnxExportSite& site) {
  const auto& o = options<DownsampleOp>(site);
  const Shape& x = site.shape(0);
  // In the versions that are written Pad cannot go round, nor reflect farther than the plane.
  const bool fits = o.size / 2 < std::min(x[2], x[3]) && o.edge != "circular";
  if (o.filter == "blur" && o.size > 1 && !o.dense && fits) return write_blur(site, o);
  const std::string down = constant_matrix(site, "down", line_matrix(o, x[2])),
                    across = constant_matrix(site, "across", line_matrix(o, x[3]).transposed());
  site.give(site.add("", "MatMul", {site.add("rows", "MatMul", {down, site.in(0)}), across}));
}

void write_standardize(OnnxExportSite& site) {
  const auto& o = options<StandardizeOp>(site);
  const Shape& x = site.shape(0);
  const OnnxAttributes eps{{"epsilon", onnx_attribute(o.eps)}};
  const auto ones = [&](int64_t count) { return site.constant("ones", {count}, std::vector<float>(static_cast<size_t>(count), 1.0f)); };
  const auto zeros = [&](int64_t count) { return site.constant("zeros", {count}, std::vector<float>(static_cast<size_t>(count), 0.0f)); };
  if (o.over == "groups") {
    const std::string rows = site.add("groups", "Reshape", {site.in(0), site.integers("group-shape", {0, o.groups, -1})});
    const std::string y = site.add("instances", "InstanceNormalization", {rows, ones(o.groups), zeros(o.groups)}, eps);
    std::vector<int64_t> shape = dims_of(x);
    shape[0] = 0;
    return site.give(site.add("", "Reshape", {y, site.integers("shape", shape)}));
  }
  if ((site.opset() >= 17) && x.rank() == 2)
    return site.give(site.add("", "LayerNormalization", {site.in(0), ones(x[1]), zeros(x[1])}, eps));
  if ((site.opset() >= 17)) {
    const auto turned = [&](std::string_view suffix, const std::string& from, std::vector<int64_t> perm) {
      return site.add(suffix, "Transpose", {from}, {{"perm", onnx_attribute(std::move(perm))}});
    };
    const std::string last = turned("channels-last", site.in(0), {0, 2, 3, 1});
    return site.give(turned("", site.add("layer-norm", "LayerNormalization", {last, ones(x[1]), zeros(x[1])}, eps), {0, 3, 1, 2}));
  }
  const auto mean = [&](std::string_view suffix, const std::string& of) {
    return site.add(suffix, "ReduceMean", {of},
                    {{"axes", onnx_attribute(std::vector<int64_t>{1})}, {"keepdims", onnx_attribute(int64_t{1})}});
  };
  const std::string centred = site.add("centred", "Sub", {site.in(0), mean("mean", site.in(0))});
  const std::string variance = mean("variance", site.add("squares", "Mul", {centred, centred}));
  const std::string deviation = site.add("deviation", "Sqrt", {site.add("safe", "Add", {variance, site.number("eps", o.eps)})});
  site.give(site.add("", "Div", {centred, deviation}));
}

void write_gelu(OnnxExportSite& site) {
  const std::string x = site.in(0);
  std::string inside;
  if (options<GeluOp>(site).tanh) {
    const std::string cube = site.add("cube", "Mul", {site.add("square", "Mul", {x, x}), x});
    const std::string sum = site.add("sum", "Add", {x, site.add("small-cube", "Mul", {cube, site.number("share", 0.044715)})});
    inside = site.add("tanh", "Tanh", {site.add("scaled", "Mul", {sum, site.number("root", 0.7978845608028654)})});
  } else {
    inside = site.add("erf", "Erf", {site.add("scaled", "Mul", {x, site.number("root", 0.7071067811865476)})});
  }
  const std::string gate = site.add("gate", "Add", {inside, site.number("one", 1)});
  site.give(site.add("", "Mul", {site.add("gated", "Mul", {x, gate}), site.number("half", 0.5)}));
}

void write_power(OnnxExportSite& site) {
  const double exponent = options<PowerOp>(site).exponent;
  if (exponent == 0.5) return site.give(site.add("", "Sqrt", {site.in(0)}));
  if (exponent == -1) return site.give(site.add("", "Reciprocal", {site.in(0)}));
  site.give(site.add("", "Pow", {site.in(0), site.number("exponent", exponent)}));
}

/** x with each channel repeated, plus level · masks. */
std::string perturbed(OnnxExportSite& site, std::string_view suffix, double level) {
  const Shape& x = site.shape(0);
  const Tensor& masks = site.tensor(1);
  const int64_t each = masks.shape()[1], plane = x[2] * x[3];
  std::vector<int64_t> channels;
  std::vector<float> numbers;
  for (int64_t c = 0; c < x[1]; ++c)
    for (int64_t m = 0; m < each; ++m) {
      channels.push_back(c);
      const int64_t first = ((masks.shape()[0] == 1 ? 0 : c) * each + m) * plane;
      for (int64_t i = 0; i < plane; ++i) numbers.push_back(static_cast<float>(level * masks[first + i]));
    }
  const std::string wide = each == 1 ? site.in(0) : gathered(site, "repeated", site.in(0), std::move(channels), 1);
  return site.add(suffix, "Add", {wide, site.constant("masks", {x[1] * each, x[2], x[3]}, std::move(numbers))});
}

void write_perturb(OnnxExportSite& site) { site.give(perturbed(site, "", options<PerturbOp>(site).level)); }

void write_perturb_mix(OnnxExportSite& site) {
  const auto& o = options<PerturbMixOp>(site);
  std::string y = perturbed(site, "perturbed", o.level);
  if (o.learned()) {
    y = site.add("act", "PRelu", {y, site.constant("slope", {1, 1, 1}, {site.tensor(PerturbMixOp::kSlope)[0]})});
  } else if (o.random()) {
    y = write_activation(site, "act", {Activation::kLeakyRelu, (o.lower + o.upper) / 2}, y);
  } else if (const auto f = o.activation()) {
    y = write_activation(site, "act", *f, y);
  }
  site.give(site.add("", "Conv", {y, site.in(PerturbMixOp::kWeight), site.in(PerturbMixOp::kBias)},
                     {{"kernel_shape", onnx_attribute(std::vector<int64_t>{1, 1})}, {"group", onnx_attribute(site.shape(0)[1])}}));
}

}  // namespace

std::string write_activation(OnnxExportSite& site, std::string_view suffix, const Activation& f, const std::string& x) {
  const auto with_alpha = [&](std::string op) { return site.add(suffix, std::move(op), {x}, {{"alpha", onnx_attribute(f.tuning)}}); };
  const auto clip = [&](double low, double high) {
    return site.add(suffix, "Clip",
                    {x, site.number(fmt::format("{}-low", suffix), low), site.number(fmt::format("{}-high", suffix), high)});
  };
  switch (f.kind) {
    case Activation::kRelu:
      return site.add(suffix, "Relu", {x});
    case Activation::kRelu6:
      return clip(0, 6);
    case Activation::kLeakyRelu:
      return with_alpha("LeakyRelu");
    case Activation::kElu:
      return with_alpha("Elu");
    case Activation::kCelu:
      return with_alpha("Celu");
    case Activation::kSelu:
      return site.add(suffix, "Selu", {x});
    case Activation::kTanh:
      return site.add(suffix, "Tanh", {x});
    case Activation::kSigmoid:
      return site.add(suffix, "Sigmoid", {x});
    case Activation::kClamp:
      return clip(f.tuning, f.high);
  }
  fail("an activation that is not written");
}

std::span<const OnnxExporter> onnx_exporters() {
  static constexpr OnnxExporter rows[] = {
      {"conv2d", write_conv},
      {"linear", write_linear},
      {"batch-norm", write_batch_norm},
      {"affine", write_affine},
      {"normalize", write_normalize},
      {"relu", write_activation_op},
      {"relu6", write_activation_op},
      {"leaky-relu", write_activation_op},
      {"elu", write_activation_op},
      {"celu", write_activation_op},
      {"selu", write_activation_op},
      {"tanh", write_activation_op},
      {"sigmoid", write_activation_op},
      {"clamp", write_activation_op},
      {"rrelu", write_rrelu},
      {"prelu", write_prelu},
      {"add", write_plain<kAdd>},
      {"multiply", write_plain<kMul>},
      {"erf", write_plain<kErf>},
      {"exp", write_plain<kExp>},
      {"log", write_plain<kLog>},
      {"abs", write_plain<kAbs>},
      {"softplus", write_plain<kSoftplus>},
      {"gelu", write_gelu},
      {"power", write_power},
      {"identity", write_identity},
      {"dropout", write_identity},
      {"drop-images", write_identity},
      {"softmax", write_softmax},
      {"concat", write_concat},
      {"lrn", write_lrn},
      {"standardize", write_standardize},
      {"max-pool", write_max_pool},
      {"avg-pool", write_avg_pool},
      {"global-avg-pool", write_plain<kGlobalAverage>},
      {"flatten", write_flatten},
      {"unflatten", write_unflatten},
      {"subsample", write_subsample},
      {"zero-pad-channels", write_zero_pad_channels},
      {"take-channels", write_take_channels},
      {"gather-channels", write_gather_channels},
      {"resample", write_resample},
      {"downsample", write_downsample},
      {"pad", write_pad},
      {"crop", write_crop},
      {"perturb", write_perturb},
      {"perturb-mix", write_perturb_mix},
  };
  return rows;
}

}  // namespace convscope
