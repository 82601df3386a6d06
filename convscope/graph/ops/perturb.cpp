#include "convscope/graph/ops/perturb.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "convscope/base/nearest.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/checks.h"
#include "convscope/graph/ops/elementwise.h"

namespace convscope {

std::optional<Activation> PerturbMixOptions::activation() const { return activation_named(act, tuning); }

namespace {

void require_level(double level) { require(std::isfinite(level), "level is {}; a finite number was wanted", level); }

void require_masks(const Shape& x, const Shape& masks) {
  require(masks.rank() == 4 && (masks[0] == x[1] || masks[0] == 1) && masks[1] >= 1 && masks[2] == x[2] && masks[3] == x[3],
          "masks {} do not fit the input {}; [{} or 1, M, {}, {}] was wanted, with M of at least 1", masks, x, x[1], x[2], x[3]);
}

int64_t points(const Shape& images) { return images[2] * images[3]; }

}  // namespace

std::vector<Shape> PerturbOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_level(options_.level);
  require_images(in[0]);
  require_masks(in[0], in[1]);
  require_count("the number of masks", in[1][1], 1);
  require_count("the number of channels", in[0][1], 1);
  return {{in[0][0], in[0][1] * in[1][1], in[0][2], in[0][3]}};
}

void PerturbOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor &x = *in[0], &masks = *in[1];
  const int64_t channels = x.shape()[1], nmasks = masks.shape()[1], plane = points(x.shape());
  const float level = static_cast<float>(options_.level);
  parallel(x.shape()[0] * channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t nc = begin; nc < end; ++nc) {
      const int64_t set = masks.shape()[0] == 1 ? 0 : nc % channels;
      for (int64_t m = 0; m < nmasks; ++m)
        for (int64_t p = 0; p < plane; ++p)
          (*out[0])[(nc * nmasks + m) * plane + p] = x[nc * plane + p] + level * masks[(set * nmasks + m) * plane + p];
    }
  });
}

void PerturbOp::gradient(GradientSite& site) const {
  const Shape masks = site.shape(site.in(1));
  if (site.wanted(0)) {
    site.give(0, masks[1] == 1
                     ? site.upstream()
                     : site.add("backward", std::make_shared<PerturbBackwardOp>(PerturbBackwardOptions{masks[1]}), {site.upstream()}));
  }
  if (site.wanted(1)) {
    const bool unique = masks[0] == site.shape(site.in(0))[1];
    const PerturbBackwardMasksOptions options{options_.level, masks[1], unique};
    site.give(1, site.add("backward-masks", std::make_shared<PerturbBackwardMasksOp>(options), {site.upstream()}));
  }
}

namespace {

/** C of the [N, C M, H, W] that come down. */
int64_t channels_of_maps(const Shape& dy, int64_t nmasks) {
  require_images(dy);
  require_count("nmasks", nmasks, 1);
  require(dy[1] % nmasks == 0, "the gradient {} has {} maps, which are no multiple of {} masks", dy, dy[1], nmasks);
  return dy[1] / nmasks;
}

}  // namespace

std::vector<Shape> PerturbBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  const int64_t channels = channels_of_maps(in[0], options_.nmasks);
  return {{in[0][0], channels, in[0][2], in[0][3]}};
}

void PerturbBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& dy = *in[0];
  const int64_t plane = points(dy.shape()), nmasks = options_.nmasks;
  parallel(out[0]->size() / plane, 1, [&](int64_t begin, int64_t end) {
    for (int64_t nc = begin; nc < end; ++nc)
      for (int64_t p = 0; p < plane; ++p) {
        double sum = 0;
        for (int64_t m = 0; m < nmasks; ++m) sum += dy[(nc * nmasks + m) * plane + p];
        (*out[0])[nc * plane + p] = static_cast<float>(sum);
      }
  });
}

std::vector<Shape> PerturbBackwardMasksOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  require_level(options_.level);
  const int64_t channels = channels_of_maps(in[0], options_.nmasks);
  return {{options_.unique ? channels : 1, options_.nmasks, in[0][2], in[0][3]}};
}

void PerturbBackwardMasksOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& dy = *in[0];
  const int64_t images = dy.shape()[0], maps = dy.shape()[1], plane = points(dy.shape());
  const int64_t own = out[0]->shape()[0] * options_.nmasks;  // maps that have a mask of their own
  parallel(own, 1, [&](int64_t begin, int64_t end) {
    for (int64_t mask = begin; mask < end; ++mask)
      for (int64_t p = 0; p < plane; ++p) {
        double sum = 0;
        for (int64_t n = 0; n < images; ++n)
          for (int64_t map = mask; map < maps; map += own) sum += dy[(n * maps + map) * plane + p];
        (*out[0])[mask * plane + p] = static_cast<float>(options_.level * sum);
      }
  });
}

namespace {

/** What stands between masks and weights. */
class Middle {
 public:
  /** `slope`: prelu's. */
  explicit Middle(const PerturbMixOptions& o, const Tensor* slope = nullptr)
      : options_(o), activation_(o.activation()), slope_(slope ? (*slope)[0] : 0.0) {}

  /** (value, slope) at z; `index` and `part` say which of rrelu's random numbers is taken. */
  std::pair<double, double> at(double z, const RandomStream& random, uint64_t index, uint64_t part) const {
    if (activation_) {
      const double y = activation_->value(z);
      return {y, activation_->slope(y)};
    }
    double a = 1;  // a slope that is learned may be negative: y does not tell x
    if (options_.learned() && !(z > 0)) a = slope_;
    if (options_.random() && !(z > 0)) a = options_.lower + (options_.upper - options_.lower) * random.uniform(index, part);
    return {a * z, a};
  }

 private:
  const PerturbMixOptions& options_;
  std::optional<Activation> activation_;
  double slope_;
};

std::vector<std::string> known_acts() {
  std::vector<std::string> all{"none", "prelu", "rrelu"};
  each_activation([&]<typename T>() { all.emplace_back(T::kKind); });
  return all;
}

void check_mix_options(const PerturbMixOptions& o) {
  const std::vector<std::string> known = known_acts();
  require(std::find(known.begin(), known.end(), o.act) != known.end(), "no activation '{}'{}", o.act, known_names(o.act, known));
  require_level(o.level);
  require(std::isfinite(o.tuning) && o.tuning >= 0, "tuning is {}; a slope or alpha of 0 or more was wanted", o.tuning);
  require(std::isfinite(o.upper) && o.lower >= 0 && o.lower <= o.upper, "slopes from {} to {}; 0 ≤ lower ≤ upper was wanted", o.lower,
          o.upper);
}

/** Shapes of x, masks and weight; gives y's. */
Shape mixed(const Shape& x, const Shape& masks, const Shape& weight) {
  require_images(x);
  require_masks(x, masks);
  require(weight.rank() == 4 && weight[0] >= 1 && weight[1] == masks[1] && weight[2] == 1 && weight[3] == 1,
          "weight {} does not fit masks {}; [K, {}, 1, 1] was wanted", weight, masks, masks[1]);
  require(weight[0] % x[1] == 0, "{} outputs cannot be shared evenly by the {} channels of the input {}; a multiple of {} was wanted",
          weight[0], x[1], x, x[1]);
  return {x[0], weight[0], x[2], x[3]};
}

/** Places of what belongs to one output. */
struct Geometry {
  int64_t images, channels, outputs, nmasks, plane, of_channel;  // of_channel: K / C
  bool unique;
  Geometry(const Shape& x, const Shape& masks, const Shape& weight)
      : images(x[0]),
        channels(x[1]),
        outputs(weight[0]),
        nmasks(masks[1]),
        plane(points(x)),
        of_channel(weight[0] / x[1]),
        unique(masks[0] != 1) {}
  int64_t mask(int64_t c, int64_t m) const { return ((unique ? c : 0) * nmasks + m) * plane; }
};

}  // namespace

std::vector<Shape> PerturbMixOp::shapes(std::span<const Shape> in) const {
  check_mix_options(options_);
  const size_t count = options_.learned() ? 5 : 4;
  require_inputs(kKind, in.size(), count, count);
  const Shape y = mixed(in[kX], in[kMasks], in[kWeight]);
  require_shape("bias", in[kBias], {y[1]});
  if (options_.learned()) require_shape("slope", in[kSlope], {1});
  return {y};
}

void PerturbMixOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const Tensor &x = *in[kX], &masks = *in[kMasks], &weight = *in[kWeight], &bias = *in[kBias];
  const Geometry g(x.shape(), masks.shape(), weight.shape());
  const Middle act(options_, options_.learned() ? in[kSlope] : nullptr);
  const RandomStream random(context.seed, options_.stream);
  parallel(g.images * g.outputs, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / g.outputs, o = i % g.outputs, c = o / g.of_channel;
      const uint64_t part = DropoutOp::part(context, n);
      for (int64_t p = 0; p < g.plane; ++p) {
        double sum = bias[o];
        for (int64_t m = 0; m < g.nmasks; ++m) {
          const double z = x[(n * g.channels + c) * g.plane + p] + options_.level * masks[g.mask(c, m) + p];
          sum += weight[o * g.nmasks + m] * act.at(z, random, static_cast<uint64_t>((c * g.nmasks + m) * g.plane + p), part).first;
        }
        (*out[0])[i * g.plane + p] = static_cast<float>(sum);
      }
    }
  });
}

void PerturbMixOp::gradient(GradientSite& site) const {
  bool any = false;
  for (size_t i = 0; i < site.inputs(); ++i) any = any || site.wanted(i);
  if (!any) return;
  PerturbMixBackwardOptions options;
  static_cast<PerturbMixOptions&>(options) = options_;
  options.masks = site.wanted(kMasks);
  std::vector<Value> inputs{site.in(kX), site.in(kMasks), site.in(kWeight), site.upstream()};
  if (options_.learned()) inputs.push_back(site.in(kSlope));
  const Value back = site.add("backward", std::make_shared<PerturbMixBackwardOp>(options), std::move(inputs));
  int next = PerturbMixBackwardOp::kDmasks;
  if (site.wanted(kX)) site.give(kX, {back.node, PerturbMixBackwardOp::kDx});
  if (site.wanted(kWeight)) site.give(kWeight, {back.node, PerturbMixBackwardOp::kDweight});
  if (site.wanted(kBias)) site.give(kBias, {back.node, PerturbMixBackwardOp::kDbias});
  if (options.masks) site.give(kMasks, {back.node, next++});
  if (options_.learned() && site.wanted(kSlope)) site.give(kSlope, {back.node, next});
}

int64_t PerturbMixOp::macs(std::span<const Shape> in, std::span<const Shape> out) const { return out[0].size() * in[kMasks][1]; }

std::vector<Shape> PerturbMixBackwardOp::shapes(std::span<const Shape> in) const {
  check_mix_options(options_);
  const size_t count = options_.learned() ? 5 : 4;
  require_inputs(kKind, in.size(), count, count);
  require_shape("the gradient", in[kUpstream], mixed(in[kX], in[kMasks], in[kWeight]));
  std::vector<Shape> all{in[kX], in[kWeight], {in[kWeight][0]}};
  if (options_.masks) all.push_back(in[kMasks]);
  if (options_.learned()) {
    require_shape("slope", in[kSlope], {1});
    all.push_back({1});
  }
  return all;
}

void PerturbMixBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext& context) const {
  const Tensor &x = *in[kX], &masks = *in[kMasks], &weight = *in[kWeight], &dy = *in[kUpstream];
  Tensor &dx = *out[kDx], &dweight = *out[kDweight], &dbias = *out[kDbias];
  Tensor* dmasks = options_.masks ? out[kDmasks] : nullptr;
  const Geometry g(x.shape(), masks.shape(), weight.shape());
  const Middle act(options_, options_.learned() ? in[kSlope] : nullptr);
  const RandomStream random(context.seed, options_.stream);

  // Channel by channel, each with its own outputs; what all channels share is summed behind, in their order.
  const int64_t numbers = g.nmasks * g.plane;
  std::vector<double> slope_sums(static_cast<size_t>(g.channels));
  std::vector<float> shared(dmasks && !g.unique ? static_cast<size_t>(g.channels * numbers) : 0);
  parallel(g.channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      std::vector<double> weight_sums(static_cast<size_t>(g.of_channel * g.nmasks)), mask_sums(dmasks ? static_cast<size_t>(numbers) : 0);
      for (int64_t n = 0; n < g.images; ++n) {
        const uint64_t part = DropoutOp::part(context, n);
        for (int64_t p = 0; p < g.plane; ++p) {
          const int64_t at = (n * g.channels + c) * g.plane + p;
          double sum = 0;
          for (int64_t m = 0; m < g.nmasks; ++m) {
            const double z = x[at] + options_.level * masks[g.mask(c, m) + p];
            const auto [value, slope] = act.at(z, random, static_cast<uint64_t>((c * g.nmasks + m) * g.plane + p), part);
            double down = 0;  // for the perturbed map
            for (int64_t j = 0; j < g.of_channel; ++j) {
              const int64_t o = c * g.of_channel + j;
              const double u = dy[(n * g.outputs + o) * g.plane + p];
              weight_sums[static_cast<size_t>(j * g.nmasks + m)] += u * value;
              down += u * weight[o * g.nmasks + m];
            }
            sum += down * slope;
            if (dmasks) mask_sums[static_cast<size_t>(m * g.plane + p)] += options_.level * down * slope;
            if (!(z > 0)) slope_sums[static_cast<size_t>(c)] += down * z;
          }
          dx[at] = static_cast<float>(sum);
        }
      }
      for (int64_t i = 0; i < g.of_channel * g.nmasks; ++i)
        dweight[c * g.of_channel * g.nmasks + i] = static_cast<float>(weight_sums[static_cast<size_t>(i)]);
      for (int64_t o = c * g.of_channel; o < (c + 1) * g.of_channel; ++o) {
        double sum = 0;
        for (int64_t n = 0; n < g.images; ++n)
          for (int64_t p = 0; p < g.plane; ++p) sum += dy[(n * g.outputs + o) * g.plane + p];
        dbias[o] = static_cast<float>(sum);
      }
      if (!dmasks) continue;
      for (int64_t i = 0; i < numbers; ++i) {
        const float sum = static_cast<float>(mask_sums[static_cast<size_t>(i)]);
        (g.unique ? dmasks->data() : shared.data())[c * numbers + i] = sum;
      }
    }
  });
  if (!shared.empty())
    for (int64_t i = 0; i < numbers; ++i) {
      double sum = 0;
      for (int64_t c = 0; c < g.channels; ++c) sum += shared[static_cast<size_t>(c * numbers + i)];
      (*dmasks)[i] = static_cast<float>(sum);
    }
  if (options_.learned()) {
    double sum = 0;
    for (const double s : slope_sums) sum += s;
    (*out.back())[0] = static_cast<float>(sum);
  }
}

int64_t PerturbMixBackwardOp::macs(std::span<const Shape> in, std::span<const Shape>) const {
  return 2 * in[kUpstream].size() * in[kMasks][1];
}

}  // namespace convscope
