#include "convscope/engine/onednn/own_convolution.h"

#include <algorithm>
#include <limits>

#include "convscope/engine/kernels/amx.h"
#include "convscope/engine/kernels/amx_parts.h"
#include "convscope/engine/kernels/channel_sums.h"
#include "convscope/engine/kernels/winograd.h"
#include "convscope/graph/ops/conv2d.h"

namespace convscope::onednn {

namespace {

using kernels::Convolution;
using kernels::Epilogue;

enum class Direction { forward, backward_data, backward_weights };

/** One family of kernels. Activations in `type`, fp32 or bf16; the weights that convolve takes are made of those in blocks. */
struct Family {
  const char* name;
  /** Whether it is faster than what follows in the table; false where it cannot. */
  bool (*suits)(const Lowering& low, const Convolution& s, Direction direction);
  Desc (*activations)(const Dims& dims, Type type);
  size_t (*weights_bytes)(const Convolution& s);
  void (*make_weights)(const Convolution& s, const float* w, bool turned, void* made);
  size_t (*scratch_bytes)(const Convolution& s);
  void (*convolve)(const Convolution& s, Type type, const void* x, const void* made, const Epilogue& epilogue, void* y, void* scratch);
  size_t (*gradient_scratch_bytes)(const Convolution& s);
  void (*gradient)(const Convolution& s, Type type, const void* x, const void* dy, float* dw, void* scratch);
};

/**
 * The written rules: from which size on the kernels were faster than oneDNN's direct convolution, by bench/convolutions.cpp; what it gave
 * is bench/convolutions.csv.
 */
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

/** Of Winograd's. Few tiles do not pay for 36 / 9 times the weights; on maps of 3 × 3 a tile is half empty. */
struct WinogradRule {
  Precision precision;
  Direction direction;
  int64_t channels;         // of the side that has fewer
  int64_t tiles;            // of 4 × 4 results, of the whole batch
  int64_t channels_on_3x3;  // likewise where a side of the map is 3 or less
  int64_t tiles_on_3x3;
};
constexpr WinogradRule kWinogradRules[] = {
    {Precision::fp32, Direction::forward, 16, 4, 128, 16},
    {Precision::fp32, Direction::backward_data, 16, 4, 128, 16},
    {Precision::fp32, Direction::backward_weights, 16, 16, 16, 64},
    {Precision::bf16, Direction::forward, 32, 16, kNever, kNever},
    {Precision::bf16, Direction::backward_data, 32, 16, kNever, kNever},
    {Precision::bf16, Direction::backward_weights, 16, 64, 32, 128},
};

bool winograd_suits(const Lowering& low, const Convolution& s, Direction direction) {
  if (!low.winograd() || s.kernel != 3 || s.stride != 1) return false;
  const auto is_it = [&](const WinogradRule& r) { return r.precision == low.precision() && r.direction == direction; };
  const WinogradRule& rule = *std::find_if(std::begin(kWinogradRules), std::end(kWinogradRules), is_it);
  const int64_t height = s.out_height(), width = s.out_width(), side = std::min(height, width);
  const int64_t channels = std::min(s.in, s.out), tiles = s.images * ((height + 3) / 4) * ((width + 3) / 4);
  if (side <= 2 || tiles < s.in * s.out / (1 << 15)) return false;
  if (side == 3) return channels >= rule.channels_on_3x3 && tiles >= rule.tiles_on_3x3;
  return channels >= rule.channels && tiles >= rule.tiles;
}

constexpr Family kWinograd{
    .name = "winograd",
    .suits = winograd_suits,
    .activations = channel_blocks,
    .weights_bytes = [](const Convolution& s) { return static_cast<size_t>(kernels::winograd_weights_size(s)) * sizeof(float); },
    .make_weights = [](const Convolution& s, const float* w, bool turned,
                       void* made) { kernels::winograd_weights(s, w, turned, static_cast<float*>(made)); },
    .scratch_bytes = [](const Convolution& s) { return static_cast<size_t>(kernels::winograd_scratch(s)) * sizeof(float); },
    .convolve =
        [](const Convolution& s, Type type, const void* x, const void* made, const Epilogue& e, void* y, void* scratch) {
          kernels::winograd_convolve(s, type == Type::bf16, x, static_cast<const float*>(made), e, y, static_cast<float*>(scratch));
        },
    .gradient_scratch_bytes =
        [](const Convolution& s) { return static_cast<size_t>(kernels::winograd_gradient_scratch(s)) * sizeof(float); },
    .gradient = [](const Convolution& s, Type type, const void* x, const void* dy, float* dw,
                   void* scratch) { kernels::winograd_weight_gradient(s, type == Type::bf16, x, dy, dw, static_cast<float*>(scratch)); },
};

/** Of AMX. A tile is 16 images (32 where weights are summed), of which those that are missing are work for nothing. */
struct AmxRule {
  Direction direction;
  int64_t stride;
  int64_t channels;                     // of the side that has fewer
  int64_t channels_on_small_maps = 16;  // likewise where a side of the forward map is 4 or less
  int64_t images;
};
constexpr int64_t kMostOfATile = 24;  // images; fewer pay for gradients of weights from 64 channels on
constexpr AmxRule kAmxRules[] = {
    {.direction = Direction::forward, .stride = 1, .channels = 128, .images = 12},
    {.direction = Direction::forward, .stride = 2, .channels = 128, .images = 12},
    {.direction = Direction::backward_data, .stride = 1, .channels = 64, .images = 12},
    {.direction = Direction::backward_data, .stride = 2, .channels = 32, .images = 12},
    {.direction = Direction::backward_weights, .stride = 1, .channels = 16, .images = 8},
    {.direction = Direction::backward_weights, .stride = 2, .channels = 16, .images = 8},
};

bool amx_suits(const Lowering& low, const Convolution& s, Direction direction) {
  if (!low.amx() || low.precision() != Precision::bf16) return false;
  const bool weights = direction == Direction::backward_weights;
  if ((direction == Direction::backward_data ? s.in : s.out) % 16 != 0) return false;
  if (s.kernel != 3 && !weights) return false;
  if (s.stride == 2 && s.pad != 1 && direction == Direction::backward_data) return false;
  const auto is_it = [&](const AmxRule& r) { return r.direction == direction && r.stride == s.stride; };
  const AmxRule& rule = *std::find_if(std::begin(kAmxRules), std::end(kAmxRules), is_it);
  const bool small = std::min(s.out_height(), s.out_width()) <= 4;
  const int64_t channels = weights && s.images < kMostOfATile ? 64 : small ? rule.channels_on_small_maps : rule.channels;
  return s.images >= rule.images && std::min(s.in, s.out) >= channels;
}

constexpr Family kAmx{
    .name = "amx",
    .suits = amx_suits,
    .activations = [](const Dims& dims, Type type) { return Desc(dims, type, Tag::nhwc); },
    .weights_bytes = kernels::amx_weights_bytes,
    .make_weights = kernels::amx_weights,
    .scratch_bytes = kernels::amx_scratch_bytes,
    .convolve = [](const Convolution& s, Type, const void* x, const void* made, const Epilogue& e, void* y,
                   void* scratch) { kernels::amx_convolve(s, x, made, e, y, scratch); },
    .gradient_scratch_bytes = kernels::amx_gradient_scratch_bytes,
    .gradient = [](const Convolution& s, Type, const void* x, const void* dy, float* dw,
                   void* scratch) { kernels::amx_weight_gradient(s, x, dy, dw, scratch); },
};

/** Of AMX by three bf16 parts, in fp32: what Winograd's algorithm does not do. */
constexpr int64_t kPartsChannels = 64;  // of the side that has fewer
constexpr int64_t kPartsPoints = 32;    // of the forward convolution's results, of the whole batch

bool parts_suit(const Lowering& low, const Convolution& s, Direction direction) {
  if (!low.amx() || low.precision() != Precision::fp32 || direction == Direction::backward_weights) return false;
  if (s.in % 16 != 0 || s.out % 16 != 0 || (s.kernel == 3 && s.stride == 1)) return false;
  return std::min(s.in, s.out) >= kPartsChannels && s.images * s.out_height() * s.out_width() >= kPartsPoints;
}

constexpr Family kParts{
    .name = "amx three parts",
    .suits = parts_suit,
    .activations = channel_blocks,
    .weights_bytes = kernels::parts_weights_bytes,
    .make_weights = kernels::parts_weights,
    .scratch_bytes = kernels::parts_scratch_bytes,
    .convolve = [](const Convolution& s, Type, const void* x, const void* made, const Epilogue& e, void* y,
                   void* scratch) { kernels::parts_convolve(s, static_cast<const float*>(x), made, e, static_cast<float*>(y), scratch); },
    .gradient_scratch_bytes = nullptr,
    .gradient = nullptr,
};

/** The convolution with these options from x to y, if its kind is that of some kernels. */
template <typename Options>
std::optional<Convolution> convolution_of(const Options& o, const Shape& x, const Shape& weight, const Shape& y) {
  const int64_t kernel = weight[2];
  const bool plain =
      o.stride <= 2 && o.dilation == 1 && o.groups == 1 && o.pad < kernel && weight[3] == kernel && (kernel == 3 || kernel == 1);
  if (!plain) return std::nullopt;
  const Convolution s{
      .images = x[0], .in = x[1], .out = y[1], .height = x[2], .width = x[3], .pad = o.pad, .stride = o.stride, .kernel = kernel};
  if (s.out_height() != y[2] || s.out_width() != y[3]) return std::nullopt;
  return s;
}

auto of_forward(const Lowering& low, const Node& node) {
  return convolution_of(convscope::as<Conv2dOp>(*node.op)->get(), low.graph().shape(node.inputs[0]), low.graph().shape(node.inputs[1]),
                        node.shapes[0]);
}
/** The forward one, of which this is the gradient. */
auto of_backward_data(const Lowering& low, const Node& node) {
  return convolution_of(convscope::as<Conv2dBackwardDataOp>(*node.op)->get(), node.shapes[0], low.graph().shape(node.inputs[1]),
                        low.graph().shape(node.inputs[0]));
}
auto of_backward_weights(const Lowering& low, const Node& node) {
  return convolution_of(convscope::as<Conv2dBackwardWeightsOp>(*node.op)->get(), low.graph().shape(node.inputs[0]), node.shapes[0],
                        low.graph().shape(node.inputs[1]));
}

/** Weights as the kernels multiply them: made in the step where they change with every step, once for a version of the weights otherwise.
 */
struct MadeWeights {
  int buffer;
  int made_from;  // -1: ready
};
MadeWeights made(Lowering& low, const Family& family, const Convolution& s, const Located& weights, bool turned, const std::string& name) {
  const int to = low.scratch_bytes(family.weights_bytes(s));
  if (low.training()) return {to, weights.buffer};
  low.step({.name = name + " · " + family.name + " weights",
            .reads = {weights.buffer},
            .writes = {to},
            .in_place = {},
            .bind = [=, &family, from = weights.buffer](const auto& at) -> Action {
              const float* w = static_cast<float*>(at(from));
              void* u = at(to);
              return [=, &family](const RunContext&) { family.make_weights(s, w, turned, u); };
            }});
  return {to, -1};
}

/** y = relu(x ∗ weights + bias + residual) by a step; bias and residual may be null. turned: s is the reverse of the weights' own. */
struct Operands {
  int x, bias = -1, residual = -1;
  bool relu = false;
};
void convolve(Lowering& low, const Family& family, const std::string& name, const Convolution& s, const Operands& in,
              const Located& weights, bool turned, int y) {
  const MadeWeights u = made(low, family, s, weights, turned, name);
  const int scratch = low.scratch_bytes(family.scratch_bytes(s));
  Step step{.name = name + " · " + family.name, .reads = {in.x}, .writes = {y, scratch}, .in_place = {}, .bind = {}};
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
  step.bind = [=, &family, type = low.type()](const auto& at) -> Action {
    const auto numbers = [&](int buffer) -> void* { return buffer >= 0 ? at(buffer) : nullptr; };
    const void* x = numbers(in.x);
    const auto* w = static_cast<const float*>(numbers(u.made_from));
    const Epilogue epilogue{.bias = static_cast<const float*>(numbers(in.bias)), .residual = numbers(in.residual), .relu = in.relu};
    void *py = numbers(y), *pu = numbers(u.buffer), *ps = numbers(scratch);
    return [=, &family](const RunContext&) {
      if (w) family.make_weights(s, w, turned, pu);
      family.convolve(s, type, x, pu, epilogue, py, ps);
    };
  };
  low.step(std::move(step));
}

void lower_forward(Lowering& low, const Family& family, int index) {
  const Node& node = low.node(index);
  const Conv2dOptions& o = convscope::as<Conv2dOp>(*node.op)->get();
  const Convolution s = *of_forward(low, node);
  const Desc y_desc = family.activations(dims_of(node.shapes[0]), low.type());
  const bool relu = o.activation && o.activation->kind == Activation::kRelu, behind = o.activation && !relu;
  const auto laid_out = [&](Value v) { return low.as(v, family.activations(dims_of(low.graph().shape(v)), low.type())).buffer; };

  Operands in{.x = laid_out(node.inputs[0]), .relu = relu};
  if (o.bias) in.bias = low.plain(node.inputs[2]).buffer;
  if (o.residual) in.residual = laid_out(node.inputs.back());
  const Located weights = low.as(node.inputs[1], weights_in_blocks(dims_of(low.graph().shape(node.inputs[1]))));
  const Located y = place_before_activation(low, index, y_desc, behind);
  convolve(low, family, node.name, s, in, weights, false, y.buffer);
  if (behind) lower_activation_of(low, index, *o.activation, y);
}

void lower_backward_data(Lowering& low, const Family& family, int index) {
  const Node& node = low.node(index);
  const Convolution s = of_backward_data(low, node)->reversed();
  const Located dy = low.as(node.inputs[0], family.activations(dims_of(low.graph().shape(node.inputs[0])), low.type()));
  const Located weights = low.as(node.inputs[1], weights_in_blocks(dims_of(low.graph().shape(node.inputs[1]))));
  const Located dx = low.define({index, 0}, family.activations(dims_of(node.shapes[0]), low.type()));
  convolve(low, family, node.name, s, {.x = dy.buffer}, weights, true, dx.buffer);
}

void lower_backward_weights(Lowering& low, const Family& family, int index) {
  const Node& node = low.node(index);
  const Convolution s = *of_backward_weights(low, node);
  const Desc dy_desc = family.activations(dims_of(low.graph().shape(node.inputs[1])), low.type());
  const int x = low.as(node.inputs[0], family.activations(dims_of(low.graph().shape(node.inputs[0])), low.type())).buffer;
  const int dy = low.as(node.inputs[1], dy_desc).buffer;
  const int dw = low.define({index, 0}, weights_in_blocks(dims_of(node.shapes[0]))).buffer;
  const int scratch = low.scratch_bytes(family.gradient_scratch_bytes(s));
  low.step({.name = node.name + " · " + family.name,
            .reads = {x, dy},
            .writes = {dw, scratch},
            .in_place = {},
            .bind = [=, &family, type = low.type()](const auto& at) -> Action {
              const void *px = at(x), *pdy = at(dy);
              float* pdw = static_cast<float*>(at(dw));
              void* ps = at(scratch);
              return [=, &family](const RunContext&) { family.gradient(s, type, px, pdy, pdw, ps); };
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

/** The row of a family for one direction. */
template <const Family& family, auto of, Direction direction, auto lower>
constexpr Implementation row(std::string_view op) {
  return {.op = op,
          .name = family.name,
          .suits =
              [](const Lowering& low, const Node& node) {
                const auto s = of(low, node);
                return s && family.suits(low, *s, direction);
              },
          .lower = [](Lowering& low, int index) { lower(low, family, index); }};
}
template <const Family& family>
constexpr auto kForward = row<family, of_forward, Direction::forward, lower_forward>(Conv2dOp::kKind);
template <const Family& family>
constexpr auto kBackwardData = row<family, of_backward_data, Direction::backward_data, lower_backward_data>(Conv2dBackwardDataOp::kKind);
template <const Family& family>
constexpr auto kBackwardWeights =
    row<family, of_backward_weights, Direction::backward_weights, lower_backward_weights>(Conv2dBackwardWeightsOp::kKind);

}  // namespace

bool winograd_is_used(const OneDnnEngine::Options& options, Precision precision) {
  // AMX multiplies bf16 faster than this algorithm, in fp32, saves multiplications.
  return options.winograd && kernels::winograd_runs() && (precision == Precision::fp32 || !kernels::amx_runs());
}

std::span<const Implementation> own_convolution_implementations() {
  static constexpr Implementation rows[] = {kForward<kAmx>,           kBackwardData<kAmx>,        kBackwardWeights<kAmx>,
                                            kForward<kParts>,         kBackwardData<kParts>,      kForward<kWinograd>,
                                            kBackwardData<kWinograd>, kBackwardWeights<kWinograd>};
  return rows;
}

Desc weights_in_blocks(const Dims& weight) {
  return Desc(weight, Type::f32, kernels::block_lanes() == 16 ? Tag::OIhw16i16o : Tag::OIhw8i8o);
}

bool makes_gradient_in_blocks(const Lowering& low, const Node& node) {
  const auto suits = [&](const Implementation& r) { return r.op == Conv2dBackwardWeightsOp::kKind && r.suits(low, node); };
  return std::ranges::any_of(own_convolution_implementations(), suits);
}

}  // namespace convscope::onednn
