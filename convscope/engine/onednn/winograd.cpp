#include "convscope/engine/onednn/winograd.h"

#include <algorithm>
#include <limits>

#include "convscope/base/machine.h"
#include "convscope/engine/kernels/channel_sums.h"
#include "convscope/engine/kernels/winograd.h"
#include "convscope/graph/ops/conv2d.h"

namespace convscope::onednn {

namespace {

/** The convolution with these options from x to y, if its kind is the kernels'. */
template <typename Options>
std::optional<kernels::Convolution3x3> convolution_3x3(const Options& o, const Shape& x, const Shape& weight, const Shape& y) {
  const bool plain = o.stride == 1 && o.dilation == 1 && o.groups == 1 && o.pad <= 2 && weight[2] == 3 && weight[3] == 3;
  if (!plain) return std::nullopt;
  return kernels::Convolution3x3{.images = x[0], .in = x[1], .out = y[1], .height = x[2], .width = x[3], .pad = o.pad};
}

auto of_forward(const Lowering& low, const Node& node) {
  return convolution_3x3(convscope::as<Conv2dOp>(*node.op)->get(), low.graph().shape(node.inputs[0]), low.graph().shape(node.inputs[1]),
                         node.shapes[0]);
}
/** The forward one, of which this is the gradient. */
auto of_backward_data(const Lowering& low, const Node& node) {
  return convolution_3x3(convscope::as<Conv2dBackwardDataOp>(*node.op)->get(), node.shapes[0], low.graph().shape(node.inputs[1]),
                         low.graph().shape(node.inputs[0]));
}
auto of_backward_weights(const Lowering& low, const Node& node) {
  return convolution_3x3(convscope::as<Conv2dBackwardWeightsOp>(*node.op)->get(), low.graph().shape(node.inputs[0]), node.shapes[0],
                         low.graph().shape(node.inputs[1]));
}

enum class Direction { forward, backward_data, backward_weights };

/**
 * The written rule: from which size on the kernels were faster than oneDNN's direct convolution, by bench/convolutions.cpp; what it gave is
 * bench/convolutions.csv. Few tiles do not pay for 36 / 9 times the weights; on maps of 3 × 3 a tile is half empty.
 */
struct Rule {
  Precision precision;
  Direction direction;
  int64_t channels;         // of the side that has fewer
  int64_t tiles;            // of 4 × 4 results, of the whole batch
  int64_t channels_on_3x3;  // likewise where a side of the map is 3 or less
  int64_t tiles_on_3x3;
};
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr Rule kRules[] = {
    {Precision::fp32, Direction::forward, 16, 4, 128, 16},
    {Precision::fp32, Direction::backward_data, 16, 4, 128, 16},
    {Precision::fp32, Direction::backward_weights, 16, 16, 16, 64},
    {Precision::bf16, Direction::forward, 32, 16, kNever, kNever},
    {Precision::bf16, Direction::backward_data, 32, 16, kNever, kNever},
    {Precision::bf16, Direction::backward_weights, 16, 64, 32, 128},
};

bool faster(const kernels::Convolution3x3& s, Precision precision, Direction direction) {
  const auto is_it = [&](const Rule& r) { return r.precision == precision && r.direction == direction; };
  const Rule& rule = *std::find_if(std::begin(kRules), std::end(kRules), is_it);
  const int64_t height = s.out_height(), width = s.out_width(), side = std::min(height, width);
  const int64_t channels = std::min(s.in, s.out), tiles = s.images * ((height + 3) / 4) * ((width + 3) / 4);
  if (side <= 2 || tiles < s.in * s.out / (1 << 15)) return false;
  if (side == 3) return channels >= rule.channels_on_3x3 && tiles >= rule.tiles_on_3x3;
  return channels >= rule.channels && tiles >= rule.tiles;
}

bool suits(const Lowering& low, const std::optional<kernels::Convolution3x3>& s, Direction direction) {
  return s && low.winograd() && faster(*s, low.precision(), direction);
}

/** Weights as the kernels multiply them: made in the step where they change with every step, once for a version of the weights otherwise.
 */
struct TransformedWeights {
  int buffer;
  int made_from;  // -1: ready
};
TransformedWeights transformed(Lowering& low, const kernels::Convolution3x3& s, const Located& weights, bool turned,
                               const std::string& name) {
  const int to = low.scratch_bytes(static_cast<size_t>(kernels::winograd_weights_size(s)) * sizeof(float));
  if (low.training()) return {to, weights.buffer};
  low.step({.name = name + " · winograd weights",
            .reads = {weights.buffer},
            .writes = {to},
            .in_place = {},
            .bind = [=, from = weights.buffer](const auto& at) -> Action {
              const float* w = static_cast<float*>(at(from));
              float* u = static_cast<float*>(at(to));
              return [=](const RunContext&) { kernels::winograd_weights(s, w, turned, u); };
            }});
  return {to, -1};
}

/** y = relu(x ∗ weights + bias + residual) by a step; bias and residual may be null. turned: the weights are those of s.reversed(). */
struct Operands {
  int x, bias = -1, residual = -1;
  bool relu = false;
};
void convolve(Lowering& low, const std::string& name, const kernels::Convolution3x3& s, const Operands& in, const Located& weights,
              bool turned, int y) {
  const TransformedWeights u = transformed(low, s, weights, turned, name);
  const int scratch = low.scratch_bytes(static_cast<size_t>(kernels::winograd_scratch(s)) * sizeof(float));
  Step step{.name = name + " · winograd", .reads = {in.x}, .writes = {y, scratch}, .in_place = {}, .bind = {}};
  if (u.made_from >= 0) {
    step.reads.push_back(u.made_from);
    step.writes.push_back(u.buffer);
  } else {
    step.reads.push_back(u.buffer);
  }
  if (in.bias >= 0) step.reads.push_back(in.bias);
  if (in.residual >= 0) {
    step.reads.push_back(in.residual);
    if (in.residual != in.x) step.in_place.emplace_back(y, in.residual);  // neighbours' tiles still read x
  }
  step.bind = [=, bf16 = low.type() == Type::bf16](const auto& at) -> Action {
    const auto numbers = [&](int buffer) -> void* { return buffer >= 0 ? at(buffer) : nullptr; };
    const void* x = numbers(in.x);
    void* py = numbers(y);
    const auto* w = static_cast<const float*>(numbers(u.made_from));
    const kernels::Epilogue epilogue{
        .bias = static_cast<const float*>(numbers(in.bias)), .residual = numbers(in.residual), .relu = in.relu};
    auto *pu = static_cast<float*>(numbers(u.buffer)), *ps = static_cast<float*>(numbers(scratch));
    return [=](const RunContext&) {
      if (w) kernels::winograd_weights(s, w, turned, pu);
      kernels::winograd_convolve(s, bf16, x, pu, epilogue, py, ps);
    };
  };
  low.step(std::move(step));
}

}  // namespace

bool winograd_is_used(const OneDnnEngine::Options& options, Precision precision) {
  // AMX multiplies bf16 faster than this algorithm, in fp32, saves multiplications.
  return options.winograd && kernels::winograd_runs() && (precision == Precision::fp32 || !machine().amx);
}

bool winograd_suits_forward(const Lowering& low, const Node& node) { return suits(low, of_forward(low, node), Direction::forward); }
bool winograd_suits_backward_data(const Lowering& low, const Node& node) {
  return suits(low, of_backward_data(low, node), Direction::backward_data);
}
bool winograd_suits_backward_weights(const Lowering& low, const Node& node) {
  return suits(low, of_backward_weights(low, node), Direction::backward_weights);
}

Desc winograd_weights_desc(const Dims& weight) {
  return Desc(weight, Type::f32, kernels::block_lanes() == 16 ? Tag::OIhw16i16o : Tag::OIhw8i8o);
}

void lower_winograd_forward(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Conv2dOptions& o = convscope::as<Conv2dOp>(*node.op)->get();
  const kernels::Convolution3x3 s = *of_forward(low, node);
  const Desc y_desc = channel_blocks(dims_of(node.shapes[0]), low.type());
  const bool relu = o.activation && o.activation->kind == Activation::kRelu, behind = o.activation && !relu;
  const auto blocks = [&](Value v) { return low.as(v, channel_blocks(dims_of(low.graph().shape(v)), low.type())).buffer; };

  Operands in{.x = blocks(node.inputs[0]), .relu = relu};
  if (o.bias) in.bias = low.plain(node.inputs[2]).buffer;
  if (o.residual) in.residual = blocks(node.inputs.back());
  const Located weights = low.as(node.inputs[1], winograd_weights_desc(dims_of(low.graph().shape(node.inputs[1]))));
  const Located y = place_before_activation(low, index, y_desc, behind);
  convolve(low, node.name, s, in, weights, false, y.buffer);
  if (behind) lower_activation_of(low, index, *o.activation, y);
}

void lower_winograd_backward_data(Lowering& low, int index) {
  const Node& node = low.node(index);
  const kernels::Convolution3x3 s = of_backward_data(low, node)->reversed();
  const Located dy = low.as(node.inputs[0], channel_blocks(dims_of(low.graph().shape(node.inputs[0])), low.type()));
  const Located weights = low.as(node.inputs[1], winograd_weights_desc(dims_of(low.graph().shape(node.inputs[1]))));
  const Located dx = low.define({index, 0}, channel_blocks(dims_of(node.shapes[0]), low.type()));
  convolve(low, node.name, s, {.x = dy.buffer}, weights, true, dx.buffer);
}

void lower_winograd_backward_weights(Lowering& low, int index) {
  const Node& node = low.node(index);
  const kernels::Convolution3x3 s = *of_backward_weights(low, node);
  const Desc dy_desc = channel_blocks(dims_of(low.graph().shape(node.inputs[1])), low.type());
  const int x = low.as(node.inputs[0], channel_blocks(dims_of(low.graph().shape(node.inputs[0])), low.type())).buffer;
  const int dy = low.as(node.inputs[1], dy_desc).buffer;
  const int dw = low.define({index, 0}, winograd_weights_desc(dims_of(node.shapes[0]))).buffer;
  const int scratch = low.scratch_bytes(static_cast<size_t>(kernels::winograd_gradient_scratch(s)) * sizeof(float));
  low.step({.name = node.name + " · winograd",
            .reads = {x, dy},
            .writes = {dw, scratch},
            .in_place = {},
            .bind = [=, bf16 = low.type() == Type::bf16](const auto& at) -> Action {
              const void *px = at(x), *pdy = at(dy);
              float *pdw = static_cast<float*>(at(dw)), *ps = static_cast<float*>(at(scratch));
              return [=](const RunContext&) { kernels::winograd_weight_gradient(s, bf16, px, pdy, pdw, ps); };
            }});
  if (node.shapes.size() == 1) return;
  const kernels::Grid grid = *grid_of(dy_desc);
  const int dbias = low.define({index, 1}, row_major(dims_of(node.shapes[1]), Type::f32)).buffer;
  const int partial = low.scratch_bytes(static_cast<size_t>(kernels::channel_sum_partials(grid)) * sizeof(double));
  low.step({.name = node.name + " · sums of channels",
            .reads = {dy},
            .writes = {dbias, partial},
            .in_place = {},
            .bind = [=](const auto& at) -> Action {
              const void* pdy = at(dy);
              float* sum = static_cast<float*>(at(dbias));
              double* ps = static_cast<double*>(at(partial));
              return [=](const RunContext&) { kernels::channel_sums(grid, pdy, sum, ps); };
            }});
}

}  // namespace convscope::onednn
