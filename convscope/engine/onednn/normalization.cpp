#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/engine/kernels/batch_norm.h"
#include "convscope/engine/onednn/lowering.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"

namespace convscope::onednn {

namespace {

bool per_activation(const Shape& statistics) { return statistics.rank() == 3; }

/** All of them on one grid: the layout of the first that has one. */
Desc common_grid(const Lowering& low, std::initializer_list<Value> values) {
  for (const Value v : values)
    if (grid_of(low.at(v).desc) && type_of(low.at(v).desc) == low.type()) return low.at(v).desc;
  return channel_blocks(dims_of(low.graph().shape(*values.begin())), low.type());
}

/** ReLU is done by the kernels, any other activation by a step behind them. */
bool by_kernel(const std::optional<Activation>& f) { return f && f->kind == Activation::kRelu; }
bool behind_kernel(const std::optional<Activation>& f) { return f && !by_kernel(f); }

/** Scratch for the kernels' sums. */
int sums_scratch(Lowering& low, const kernels::Grid& grid, bool activations) {
  const int64_t numbers = activations ? kernels::activation_norm_partials(grid) : kernels::batch_norm_partials(grid);
  return low.scratch_bytes(static_cast<size_t>(numbers) * sizeof(double));
}

void lower_forward(Lowering& low, int index) {
  using Op = BatchNormOp;
  const Node& node = low.node(index);
  const BatchNormOptions& o = convscope::as<Op>(*node.op)->get();
  const Desc desc = common_grid(low, {node.inputs[Op::kX]});
  const kernels::Grid grid = *grid_of(desc);
  const int x = low.as(node.inputs[Op::kX], desc).buffer;
  const int residual = o.residual ? low.as(node.inputs[Op::kResidual], desc).buffer : -1;
  const int gamma = low.plain(node.inputs[Op::kGamma]).buffer, beta = low.plain(node.inputs[Op::kBeta]).buffer;
  const int64_t gamma_step = low.graph().shape(node.inputs[Op::kGamma]).size() == 1 ? 0 : 1;
  const Located result = place_before_activation(low, index, desc, behind_kernel(o.activation));
  const int y = result.buffer;
  const int mean = low.define({index, Op::kMean}, row_major(dims_of(node.shapes[Op::kMean]), Type::f32)).buffer;
  const int variance = low.define({index, Op::kVariance}, row_major(dims_of(node.shapes[Op::kVariance]), Type::f32)).buffer;
  const int sums = sums_scratch(low, grid, false);
  const bool in_halves = low.is_part() && !o.per_activation;
  std::vector<int> reads{x, gamma, beta};
  if (residual >= 0) reads.push_back(residual);
  if (in_halves) {
    low.step({.name = node.name + " · batch norm statistics",
              .reads = {x},
              .writes = {mean, variance, sums},
              .in_place = {},
              .bind = [=](const auto& at) -> Action {
                const void* px = at(x);
                float *pm = static_cast<float*>(at(mean)), *pv = static_cast<float*>(at(variance));
                double* ps = static_cast<double*>(at(sums));
                return [=](const RunContext&) { kernels::batch_norm_statistics(grid, px, pm, pv, ps); };
              }});
    low.meet({node.name, mean, variance, node.shapes[Op::kMean].size(), false});
    reads.insert(reads.end(), {mean, variance});
  }
  const int scratch = in_halves ? sums_scratch(low, grid, false) : sums;
  low.step({.name = node.name + " · batch norm",
            .reads = reads,
            .writes = in_halves ? std::vector<int>{y, scratch} : std::vector<int>{y, mean, variance, scratch},
            .in_place = {},
            .bind = [=, activations = o.per_activation, eps = o.eps, relu = by_kernel(o.activation)](const auto& at) -> Action {
              const void* px = at(x);
              const void* pr = residual >= 0 ? at(residual) : nullptr;
              const float *pg = static_cast<float*>(at(gamma)), *pb = static_cast<float*>(at(beta));
              float *pm = static_cast<float*>(at(mean)), *pv = static_cast<float*>(at(variance));
              void* py = at(y);
              double* ps = static_cast<double*>(at(scratch));
              if (activations)
                return [=](const RunContext&) { kernels::activation_norm_forward(grid, px, pg[0], pb[0], eps, relu, py, pm, pv); };
              if (in_halves)
                return [=](const RunContext&) { kernels::batch_norm_again(grid, px, pg, gamma_step, pb, eps, pr, relu, py, pm, pv, ps); };
              return [=](const RunContext&) { kernels::batch_norm_forward(grid, px, pg, gamma_step, pb, eps, pr, relu, py, pm, pv, ps); };
            }});
  if (behind_kernel(o.activation)) lower_activation_of(low, index, *o.activation, result);
}

void lower_backward(Lowering& low, int index) {
  using Op = BatchNormBackwardOp;
  const Node& node = low.node(index);
  const BatchNormBackwardOptions& o = convscope::as<Op>(*node.op)->get();
  const Desc desc = common_grid(low, {node.inputs[Op::kX]});
  const kernels::Grid grid = *grid_of(desc);
  const auto laid = [&](int input) { return low.as(node.inputs[static_cast<size_t>(input)], desc).buffer; };
  const auto flat = [&](int input) { return low.plain(node.inputs[static_cast<size_t>(input)]).buffer; };
  const int x = laid(Op::kX), gamma = flat(Op::kGamma), beta = flat(Op::kBeta), mean = flat(Op::kMean), variance = flat(Op::kVariance);
  const int y = o.residual && o.relu ? laid(Op::kY) : -1;
  const int first = laid(Op::kUpstream), second = o.upstreams == 2 ? laid(Op::kUpstream + 1) : -1;
  const int64_t gamma_step = low.graph().shape(node.inputs[Op::kGamma]).size() == 1 ? 0 : 1;

  const int dx = low.define({index, Op::kDx}, desc).buffer;
  const Desc statistic = row_major(dims_of(node.shapes[Op::kDgamma]), Type::f32);
  const int dgamma = low.define({index, Op::kDgamma}, statistic).buffer, dbeta = low.define({index, Op::kDbeta}, statistic).buffer;
  const int dresidual = o.residual ? low.define({index, Op::kDresidual}, desc).buffer : -1;
  const int sums = sums_scratch(low, grid, o.per_activation);
  const bool in_halves = low.is_part() && !o.per_activation;
  const int64_t channels = node.shapes[Op::kDgamma].size();

  Step step{.name = node.name + " · batch norm",
            .reads = {x, gamma, beta, mean, variance, first},
            .writes = {dx, dgamma, dbeta, sums},
            .in_place = {},
            .bind = {}};
  if (y >= 0) step.reads.push_back(y);
  if (second >= 0) step.reads.push_back(second);
  if (dresidual >= 0) {
    step.writes.push_back(dresidual);
    step.in_place.emplace_back(dresidual, first);  // read and then written, number by number
  } else {
    step.in_place.emplace_back(dx, first);
  }
  step.in_place.emplace_back(dx, x);
  const auto arguments = [=, o = o](const std::function<void*(int)>& at) {
    kernels::BatchNormBackward a{};
    a.x = at(x);
    a.y = y >= 0 ? at(y) : nullptr;
    a.upstream[0] = at(first);
    a.upstream[1] = second >= 0 ? at(second) : nullptr;
    a.gamma = static_cast<float*>(at(gamma));
    a.gamma_step = gamma_step;
    a.beta = static_cast<float*>(at(beta));
    a.mean = static_cast<float*>(at(mean));
    a.variance = static_cast<float*>(at(variance));
    a.eps = o.eps;
    a.relu = o.relu;
    a.dx = at(dx);
    a.dresidual = dresidual >= 0 ? at(dresidual) : nullptr;
    a.dgamma = static_cast<float*>(at(dgamma));
    a.dbeta = static_cast<float*>(at(dbeta));
    return a;
  };
  if (in_halves) {
    // dgamma and dbeta stay the part's own; copies of them meet the others'.
    const size_t bytes = static_cast<size_t>(channels) * sizeof(float);
    const int all_dgamma = low.scratch_bytes(bytes), all_dbeta = low.scratch_bytes(bytes), scratch = sums_scratch(low, grid, false);
    Step slopes{.name = node.name + " · batch norm slopes",
                .reads = step.reads,
                .writes = {dgamma, dbeta, all_dgamma, all_dbeta, sums},
                .in_place = {},
                .bind = {}};
    step.reads = {x, gamma, beta, mean, variance, all_dgamma, all_dbeta};
    step.writes = {dx, scratch};
    if (dresidual >= 0) {
      slopes.writes.push_back(dresidual);
      slopes.in_place = {{dresidual, first}};
      step.reads.push_back(dresidual);
      step.in_place = {{dx, x}};
    } else {
      step.reads.push_back(first);
      if (second >= 0) step.reads.push_back(second);
    }
    slopes.bind = [=](const auto& at) -> Action {
      const kernels::BatchNormBackward a = arguments(at);
      float *to_dgamma = static_cast<float*>(at(all_dgamma)), *to_dbeta = static_cast<float*>(at(all_dbeta));
      double* partial = static_cast<double*>(at(sums));
      return [=](const RunContext&) {
        kernels::batch_norm_slopes(grid, a, partial);
        std::copy_n(a.dgamma, channels, to_dgamma);
        std::copy_n(a.dbeta, channels, to_dbeta);
      };
    };
    step.bind = [=](const auto& at) -> Action {
      kernels::BatchNormBackward a = arguments(at);
      a.dgamma = static_cast<float*>(at(all_dgamma));
      a.dbeta = static_cast<float*>(at(all_dbeta));
      double* partial = static_cast<double*>(at(scratch));
      return [=](const RunContext&) { kernels::batch_norm_backward_by_slopes(grid, a, partial); };
    };
    low.step(std::move(slopes));
    low.meet({node.name, all_dgamma, all_dbeta, channels, true});
    low.step(std::move(step));
    return;
  }
  step.bind = [=, activations = o.per_activation](const auto& at) -> Action {
    const kernels::BatchNormBackward a = arguments(at);
    double* partial = static_cast<double*>(at(sums));
    if (activations) return [=](const RunContext&) { kernels::activation_norm_backward(grid, a, partial); };
    return [=](const RunContext&) { kernels::batch_norm_backward(grid, a, partial); };
  };
  low.step(std::move(step));
}

void lower_again(Lowering& low, int index) {
  using Op = BatchNormAgainOp;
  const Node& node = low.node(index);
  const BatchNormAgainOptions& o = convscope::as<Op>(*node.op)->get();
  const Desc desc = common_grid(low, {node.inputs[Op::kX]});
  const kernels::Grid grid = *grid_of(desc);
  const bool activations = per_activation(low.graph().shape(node.inputs[Op::kMean]));
  const auto flat = [&](int input) { return low.plain(node.inputs[static_cast<size_t>(input)]).buffer; };
  const int x = low.as(node.inputs[Op::kX], desc).buffer;
  const int gamma = flat(Op::kGamma), beta = flat(Op::kBeta), mean = flat(Op::kMean), variance = flat(Op::kVariance);
  const int64_t gamma_step = low.graph().shape(node.inputs[Op::kGamma]).size() == 1 ? 0 : 1;
  const int residual = o.residual ? low.as(node.inputs[Op::kResidual], desc).buffer : -1;
  const Located result = place_before_activation(low, index, desc, behind_kernel(o.activation));
  const int y = result.buffer;
  const int sums = sums_scratch(low, grid, false);
  std::vector<int> reads{x, gamma, beta, mean, variance};
  if (residual >= 0) reads.push_back(residual);
  low.step({.name = node.name + " · batch norm",
            .reads = reads,
            .writes = {y, sums},
            .in_place = {},
            .bind = [=, eps = o.eps, relu = by_kernel(o.activation)](const auto& at) -> Action {
              const void* px = at(x);
              const void* pr = residual >= 0 ? at(residual) : nullptr;
              const float *pg = static_cast<float*>(at(gamma)), *pb = static_cast<float*>(at(beta));
              const float *pm = static_cast<float*>(at(mean)), *pv = static_cast<float*>(at(variance));
              void* py = at(y);
              double* ps = static_cast<double*>(at(sums));
              if (activations)
                return [=](const RunContext&) { kernels::activation_norm_again(grid, px, pg[0], pb[0], eps, relu, py, pm, pv); };
              return [=](const RunContext&) { kernels::batch_norm_again(grid, px, pg, gamma_step, pb, eps, pr, relu, py, pm, pv, ps); };
            }});
  if (behind_kernel(o.activation)) lower_activation_of(low, index, *o.activation, result);
}

/** The kernels know gamma and beta of one shape: one for all with statistics by activation, one for each channel otherwise, and no residual
 * in the former. */
bool known_form(const Lowering& low, const Node& node) {
  if (low.graph().shape(node.inputs[1]) != low.graph().shape(node.inputs[2])) return false;
  const Json o = node.op->options();
  const bool one_gamma = low.graph().shape(node.inputs[1]).size() == 1;
  const bool one_channel = low.graph().shape(node.inputs[0])[1] == 1;
  return o["per_activation"].get<bool>() ? one_gamma && !o["residual"].get<bool>() : !one_gamma || one_channel;
}

bool known_again(const Lowering& low, const Node& node) {
  if (low.graph().shape(node.inputs[1]) != low.graph().shape(node.inputs[2])) return false;
  const bool one_gamma = low.graph().shape(node.inputs[BatchNormAgainOp::kGamma]).size() == 1;
  const bool residual = node.inputs.size() > BatchNormAgainOp::kResidual;
  return per_activation(low.graph().shape(node.inputs[BatchNormAgainOp::kMean])) ? one_gamma && !residual
                                                                                 : !one_gamma || low.graph().shape(node.inputs[0])[1] == 1;
}

void lower_running_average(Lowering& low, int index) {
  const Node& node = low.node(index);
  const auto& o = convscope::as<RunningAverageOp>(*node.op)->get();
  const int old = low.plain(node.inputs[0]).buffer, batch = low.plain(node.inputs[1]).buffer;
  const int now = low.define({index, 0}, row_major(dims_of(node.shapes[0]), Type::f32)).buffer;
  low.step({.name = node.name + " · running average",
            .reads = {old, batch},
            .writes = {now},
            .in_place = {},
            .bind = [=, size = node.shapes[0].size(), keep = static_cast<float>(1 - o.momentum),
                     share = static_cast<float>(o.momentum * o.correction)](const auto& at) -> Action {
              const float *a = static_cast<float*>(at(old)), *b = static_cast<float*>(at(batch));
              float* out = static_cast<float*>(at(now));
              return [=](const RunContext&) {
                for (int64_t i = 0; i < size; ++i) out[i] = keep * a[i] + share * b[i];
              };
            }});
}

/** A [C] or [C, H, W] constant of the inference form as the kernels want it: padded channels, or in the grid's order. Refreshed with the
 * weights. */
int laid_constant(Lowering& low, Value v, const Desc& desc, bool activations) {
  const kernels::Grid grid = *grid_of(desc);
  if (activations) {
    Dims one = dims_of(desc);
    one[0] = 1;
    const Desc image = grid.blocks == 1 && grid.lanes == grid.channels && inner_blocks(desc) == 0 ? Desc(one, Type::f32, Tag::nhwc)
                                                                                                  : channel_blocks(one, Type::f32);
    return low.as(v, image).buffer;
  }
  const int from = low.plain(v).buffer;
  const int to = low.scratch_bytes(static_cast<size_t>(grid.padded_channels()) * sizeof(float));
  low.step({.name = low.graph().name(v) + " · pad", .reads = {from}, .writes = {to}, .in_place = {}, .bind = [=](const auto& at) -> Action {
              const float* a = static_cast<float*>(at(from));
              float* b = static_cast<float*>(at(to));
              return [=](const RunContext&) {
                std::fill_n(b, grid.padded_channels(), 0.0f);
                std::copy_n(a, grid.channels, b);
              };
            }});
  return to;
}

void lower_affine(Lowering& low, int index) {
  const Node& node = low.node(index);
  const AffineOptions& o = convscope::as<AffineOp>(*node.op)->get();
  const Desc desc = common_grid(low, {node.inputs[0]});
  const kernels::Grid grid = *grid_of(desc);
  const bool activations = per_activation(low.graph().shape(node.inputs[1]));
  const int x = low.as(node.inputs[0], desc).buffer;
  const int scale = laid_constant(low, node.inputs[1], desc, activations), shift = laid_constant(low, node.inputs[2], desc, activations);
  const int residual = o.residual ? low.as(node.inputs[3], desc).buffer : -1;
  const Located result = place_before_activation(low, index, desc, behind_kernel(o.activation));
  const int y = result.buffer;
  Step step{.name = node.name + " · affine", .reads = {x, scale, shift}, .writes = {y}, .in_place = {{y, x}}, .bind = {}};
  if (residual >= 0) step.reads.push_back(residual);
  step.bind = [=, relu = by_kernel(o.activation)](const auto& at) -> Action {
    const void* px = at(x);
    const float *ps = static_cast<float*>(at(scale)), *pt = static_cast<float*>(at(shift));
    const void* pr = residual >= 0 ? at(residual) : nullptr;
    void* py = at(y);
    if (activations) return [=](const RunContext&) { kernels::activation_affine(grid, px, ps, pt, relu, py); };
    return [=](const RunContext&) { kernels::affine(grid, px, ps, pt, pr, relu, py); };
  };
  low.step(std::move(step));
  if (behind_kernel(o.activation)) lower_activation_of(low, index, *o.activation, result);
}

bool no_residual_by_activation(const Lowering& low, const Node& node) {
  return !(per_activation(low.graph().shape(node.inputs[1])) && node.op->options()["residual"].get<bool>());
}

void lower_scale(Lowering& low, int index) {
  const Node& node = low.node(index);
  const Desc desc = common_grid(low, {node.inputs[0]});
  const kernels::Grid grid = *grid_of(desc);
  const bool activations = per_activation(low.graph().shape(node.inputs[1]));
  const int x = low.as(node.inputs[0], desc).buffer;
  const int scale = laid_constant(low, node.inputs[1], desc, activations);
  const int64_t numbers = activations ? grid.image_size() : grid.padded_channels();
  const int zeros = low.scratch_bytes(static_cast<size_t>(numbers) * sizeof(float));
  const int y = low.define({index, 0}, desc).buffer;
  low.step({.name = node.name + " · scale",
            .reads = {x, scale},
            .writes = {y, zeros},
            .in_place = {{y, x}},
            .bind = [=](const auto& at) -> Action {
              const void* px = at(x);
              const float* ps = static_cast<float*>(at(scale));
              float* pz = static_cast<float*>(at(zeros));
              void* py = at(y);
              return [=](const RunContext&) {
                std::fill_n(pz, numbers, 0.0f);
                if (activations) {
                  kernels::activation_affine(grid, px, ps, pz, false, py);
                } else {
                  kernels::affine(grid, px, ps, pz, nullptr, false, py);
                }
              };
            }});
}

/** On the picture's own layout: a few planes. */
void lower_normalize(Lowering& low, int index) {
  const Node& node = low.node(index);
  const NormalizeOptions& o = convscope::as<NormalizeOp>(*node.op)->get();
  const int x = low.plain(node.inputs[0]).buffer;
  const int y = low.define({index, 0}, row_major(dims_of(node.shapes[0]), Type::f32)).buffer;
  const Shape shape = node.shapes[0];
  std::vector<float> scale, shift;
  for (size_t c = 0; c < o.mean.size(); ++c) {
    scale.push_back(static_cast<float>(1 / o.std[c]));
    shift.push_back(static_cast<float>(-o.mean[c] / o.std[c]));
  }
  low.step({.name = node.name + " · normalize", .reads = {x}, .writes = {y}, .in_place = {{y, x}}, .bind = [=](const auto& at) -> Action {
              const float* px = static_cast<float*>(at(x));
              float* py = static_cast<float*>(at(y));
              return [=](const RunContext&) {
                const int64_t plane = shape[2] * shape[3];
                parallel(shape[0] * shape[1], 8, [&](int64_t begin, int64_t end) {
                  for (int64_t i = begin; i < end; ++i) {
                    const float s = scale[static_cast<size_t>(i % shape[1])], t = shift[static_cast<size_t>(i % shape[1])];
                    for (int64_t p = i * plane; p < (i + 1) * plane; ++p) py[p] = px[p] * s + t;
                  }
                });
              };
            }});
}

}  // namespace

std::span<const Implementation> normalization_implementations() {
  static constexpr Implementation rows[] = {
      {BatchNormOp::kKind, "convscope", known_form, lower_forward},
      {BatchNormBackwardOp::kKind, "convscope", known_form, lower_backward},
      {BatchNormAgainOp::kKind, "convscope", known_again, lower_again},
      {RunningAverageOp::kKind, "convscope", always, lower_running_average},
      {AffineOp::kKind, "convscope", no_residual_by_activation, lower_affine},
      {ScaleOp::kKind, "convscope", always, lower_scale},
      {NormalizeOp::kKind, "convscope", always, lower_normalize},
  };
  return rows;
}

}  // namespace convscope::onednn
