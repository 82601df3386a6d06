#include "convscope/engine/kernels/perturb.h"

#include <algorithm>
#include <type_traits>

#include "convscope/base/threads.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/perturb.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/activation-inl.h"
#include "convscope/engine/kernels/grid-inl.h"

#ifndef CONVSCOPE_ENGINE_KERNELS_PERTURB_PLAN
#define CONVSCOPE_ENGINE_KERNELS_PERTURB_PLAN
namespace convscope::kernels {

constexpr int64_t kLanes = 16;        // channels that are walked together; a vector has as many or half of them
constexpr int64_t kChunkPoints = 32;  // pixels whose sums are made by themselves: sums of sums round less

/** What is shared out and where the scratch's parts begin, in numbers. */
struct PerturbPlan {
  int64_t of_channel, groups, pieces;  // outputs of a channel; 16 channels each; ranges of pixels
  int64_t weights, biases, masks, totals, chunk, dmasks, size;

  /** Sums for each output of a group of channels: M weights, the bias, the slope. */
  int64_t sums(const PerturbMix& a) const { return of_channel * (a.nmasks + 2) * kLanes; }

  explicit PerturbPlan(const PerturbMix& a) {
    of_channel = a.y.channels / a.x.channels;
    groups = (a.x.padded_channels() + kLanes - 1) / kLanes;
    // Shared masks have gradients that all channels add to: a pixel then belongs to one thread.
    const bool by_pixels = groups % a.team != 0 || (a.masks_learn && a.mask_lanes == 0);
    pieces = by_pixels ? std::min(a.team, a.x.points) : 1;
    const int64_t shared = a.mask_lanes == 0 ? a.x.points * a.nmasks : 0;
    weights = 0;
    biases = weights + groups * of_channel * a.nmasks * kLanes;
    masks = biases + groups * of_channel * kLanes;
    totals = masks + shared;
    chunk = totals + pieces * groups * sums(a);
    dmasks = chunk + pieces * groups * sums(a);
    size = dmasks + shared;
  }

  int64_t point(const PerturbMix& a, int64_t piece) const { return a.x.points * piece / pieces; }
};

}  // namespace convscope::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

struct None {
  static constexpr bool kCheap = true;
  HWY_INLINE static V value(V x, V) { return x; }
  HWY_INLINE static V slope(V u, V, V) { return u; }
};
/** Its slope may be negative, so that the input tells the side. */
struct LearnedRelu : LeakyRelu {};

template <typename Function>
inline constexpr bool kLearned = std::is_same_v<Function, LearnedRelu>;

/** Images that are taken together: what they need fits into the registers. Where a number is cheap, independent chains count. */
template <typename Function>
constexpr int kTogether = !Function::kCheap     ? 2
                          : HWY_MAX_BYTES >= 64 ? 8
                                                : 4;

/** 16 channels of which one vector is looked at: where its numbers are. */
struct Place {
  const PerturbMix& a;
  const PerturbPlan& plan;
  float* scratch;
  int64_t group, channel;  // first of the vector
  int64_t lane() const { return channel % kLanes; }

  static int64_t at(const Grid& g, int64_t channel) { return channel / g.lanes * g.points * g.lanes + channel % g.lanes; }
  const float* weights(int64_t j) const { return scratch + plan.weights + (group * plan.of_channel + j) * a.nmasks * kLanes + lane(); }
  const float* bias(int64_t j) const { return scratch + plan.biases + (group * plan.of_channel + j) * kLanes + lane(); }
};

/** The masks of one pixel. */
struct Masks {
  const float* first;
  int64_t step;
  bool shared;
  HWY_INLINE V operator()(int64_t m) const { return shared ? hn::Set(f, first[m]) : load(first + m * step); }
};

HWY_INLINE Masks masks_at(const Place& at, int64_t point) {
  const PerturbMix& a = at.a;
  if (a.mask_lanes == 0) return {at.scratch + at.plan.masks + point * a.nmasks, 1, true};
  const int64_t block = at.channel / a.mask_lanes;
  return {a.masks + (block * a.x.points + point) * a.nmasks * a.mask_lanes + at.channel % a.mask_lanes, a.mask_lanes, false};
}

/** Output `j` of each channel of the vector, as the outputs lie: together only where a channel has one. */
struct Outputs {
  int64_t offset[16];
  int64_t step, image, count;
  bool dense;

  Outputs(const Place& at, int64_t j) {
    const Grid& g = at.a.y;
    step = g.lanes;
    image = g.image_size();
    count = std::min<int64_t>(lanes(), at.a.x.channels - at.channel);
    dense = at.plan.of_channel == 1;
    for (int64_t i = 0; i < 16; ++i) offset[i] = i == 0 || i < count ? Place::at(g, (at.channel + i) * at.plan.of_channel + j) : 0;
  }
  HWY_INLINE V read(const float* from, int64_t n, int64_t point) const {
    const float* p = from + n * image + point * step;
    if (dense) return load(p + offset[0]);
    HWY_ALIGN float lanes[16] = {};
    for (int64_t i = 0; i < count; ++i) lanes[i] = p[offset[i]];
    return load(lanes);
  }
  HWY_INLINE void write(V v, float* to, int64_t n, int64_t point) const {
    float* p = to + n * image + point * step;
    if (dense) return store(v, p + offset[0]);
    HWY_ALIGN float lanes[16];
    store(v, lanes);
    for (int64_t i = 0; i < count; ++i) p[offset[i]] = lanes[i];
  }
};

/** body(G images) over all of them: as many as possible at once, the last ones by twos and one. */
template <typename Function, typename Body>
HWY_INLINE void over_images(int64_t images, const Body& body) {
  int64_t n = 0;
  for (; n + kTogether<Function> <= images; n += kTogether<Function>) body.template operator()<kTogether<Function>>(n);
  if constexpr (kTogether < Function >> 2)
    for (; n + 2 <= images; n += 2) body.template operator()<2>(n);
  for (; n < images; ++n) body.template operator()<1>(n);
}

template <typename Function>
void forward_place(const Function& function, const Place& at, int64_t begin, int64_t end, V tuning) {
  const PerturbMix& a = at.a;
  const int64_t from = Place::at(a.x, at.channel), image = a.x.image_size();
  const V level = at.a.mask_lanes == 0 ? hn::Set(f, 1) : hn::Set(f, a.level);
  for (int64_t j = 0; j < at.plan.of_channel; ++j) {
    const Outputs outputs(at, j);
    const float* weights = at.weights(j);
    const V bias = load(at.bias(j));
    for (int64_t p = begin; p < end; ++p) {
      const Masks masks = masks_at(at, p);
      const float* x0 = a.from + from + p * a.x.lanes;
      over_images<Function>(a.x.images, [&]<int G>(int64_t n) HWY_ATTR {
        V x[G], sum[G];
        for (int g = 0; g < G; ++g) {
          x[g] = load(x0 + (n + g) * image);
          sum[g] = bias;
        }
        for (int64_t m = 0; m < a.nmasks; ++m) {
          const V mask = hn::Mul(masks(m), level), w = load(weights + m * kLanes);
#pragma GCC unroll 8
          for (int g = 0; g < G; ++g) sum[g] = hn::MulAdd(w, function.value(hn::Add(mask, x[g]), tuning), sum[g]);
        }
        for (int g = 0; g < G; ++g) outputs.write(sum[g], a.to, n + g, p);
      });
    }
  }
}

template <typename Function>
void backward_place(const Function& function, const Place& at, int64_t begin, int64_t end, V tuning, float* total, float* chunk) {
  const PerturbMix& a = at.a;
  const int64_t from = Place::at(a.x, at.channel), image = a.x.image_size();
  const V level = hn::Set(f, a.level), unit = a.mask_lanes == 0 ? hn::Set(f, 1) : level;
  for (int64_t j = 0; j < at.plan.of_channel; ++j) {
    const Outputs outputs(at, j);
    const float* weights = at.weights(j);
    float* totals = total + j * (a.nmasks + 2) * kLanes + at.lane();
    float* sums = chunk + at.lane();
    for (int64_t p0 = begin; p0 < end; p0 += kChunkPoints) {
      for (int64_t m = 0; m < a.nmasks + 2; ++m) store(hn::Zero(f), sums + m * kLanes);
      for (int64_t p = p0; p < std::min(end, p0 + kChunkPoints); ++p) {
        const Masks masks = masks_at(at, p);
        const int64_t pixel = from + p * a.x.lanes;
        float* shared = at.scratch + at.plan.dmasks + p * a.nmasks;
        float* own = !a.masks_learn || masks.shared ? nullptr : a.dmasks + (masks.first - a.masks);
        over_images<Function>(a.x.images, [&]<int G>(int64_t n) HWY_ATTR {
          V x[G], dy[G], dx[G];
          V bias = hn::Zero(f), slope = hn::Zero(f);
          for (int g = 0; g < G; ++g) {
            x[g] = load(a.from + pixel + (n + g) * image);
            dy[g] = outputs.read(a.upstream, n + g, p);
            dx[g] = j == 0 ? hn::Zero(f) : load(a.to + pixel + (n + g) * image);
            bias = hn::Add(bias, dy[g]);
          }
          for (int64_t m = 0; m < a.nmasks; ++m) {
            const V mask = hn::Mul(masks(m), unit), w = load(weights + m * kLanes);
            V even = load(sums + m * kLanes), odd = hn::Zero(f), down = hn::Zero(f), below = hn::Zero(f);
#pragma GCC unroll 8
            for (int g = 0; g < G; ++g) {
              const V z = hn::Add(mask, x[g]), y = function.value(z, tuning);
              const V d = function.slope(dy[g], kLearned<Function> ? z : y, tuning);
              (g % 2 == 0 ? even : odd) = hn::MulAdd(dy[g], y, g % 2 == 0 ? even : odd);
              dx[g] = hn::MulAdd(w, d, dx[g]);
              down = hn::Add(down, d);
              if constexpr (kLearned<Function>) below = hn::MulAdd(dy[g], hn::Min(z, hn::Zero(f)), below);
            }
            store(hn::Add(even, odd), sums + m * kLanes);
            if constexpr (kLearned<Function>) slope = hn::MulAdd(w, below, slope);
            if (!a.masks_learn) continue;
            const V dmask = hn::Mul(hn::Mul(w, down), level);
            if (own) {
              float* to = own + m * masks.step;
              store(n == 0 && j == 0 ? dmask : hn::Add(load(to), dmask), to);
            } else {
              shared[m] += hn::GetLane(hn::SumOfLanes(f, dmask));
            }
          }
          for (int g = 0; g < G; ++g) store(dx[g], a.to + pixel + (n + g) * image);
          float *b = sums + a.nmasks * kLanes, *s = b + kLanes;
          store(hn::Add(load(b), bias), b);
          if constexpr (kLearned<Function>) store(hn::Add(load(s), slope), s);
        });
      }
      for (int64_t m = 0; m < a.nmasks + 2; ++m) store(hn::Add(load(totals + m * kLanes), load(sums + m * kLanes)), totals + m * kLanes);
    }
  }
}

/** call(the functions of what stands behind the masks, its tuning). */
template <typename Call>
void with_middle(const PerturbMix& a, const Call& call) {
  if (a.learned) return call(LearnedRelu(), a.slope[0]);
  if (!a.activation) return call(None(), 0.0f);
  with_activation(*a.activation, false, [&](const auto& function) { call(function, static_cast<float>(a.activation->tuning)); });
}

/** Weights and biases by groups of channels, [outputs of a channel][M][16]; shared masks by pixels, times the level. */
void lay_out(const PerturbMix& a, const PerturbPlan& plan, float* scratch) {
  const int64_t m_count = a.nmasks, r = plan.of_channel;
  parallel(plan.groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group)
      for (int64_t j = 0; j < r; ++j) {
        float* weights = scratch + plan.weights + (group * r + j) * m_count * kLanes;
        float* biases = scratch + plan.biases + (group * r + j) * kLanes;
        for (int64_t lane = 0; lane < kLanes; ++lane) {
          const int64_t c = group * kLanes + lane;
          const bool real = c < a.x.channels;
          biases[lane] = real && a.bias ? a.bias[c * r + j] : 0;
          for (int64_t m = 0; m < m_count; ++m) weights[m * kLanes + lane] = real ? a.weight[(c * r + j) * m_count + m] : 0;
        }
      }
  });
  if (a.mask_lanes != 0) return;
  parallel(a.x.points, 64, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p)
      for (int64_t m = 0; m < m_count; ++m) scratch[plan.masks + p * m_count + m] = a.level * a.masks[m * a.x.points + p];
  });
}

/** body(place, piece) for each vector of channels of group `group`. */
template <typename Body>
HWY_INLINE void over_vectors(const PerturbMix& a, const PerturbPlan& plan, float* scratch, int64_t group, const Body& body) {
  const int64_t last = std::min((group + 1) * kLanes, a.x.padded_channels());
  for (int64_t c = group * kLanes; c < last; c += lanes()) {
    if (c >= a.x.channels) continue;
    body(Place{a, plan, scratch, group, c});
  }
}

/** Channels behind the last one, which nobody writes, become 0. */
void clear_rest(const Grid& g, float* y, int64_t from_channel) {
  if (from_channel >= g.padded_channels()) return;
  for (int64_t n = 0; n < g.images; ++n)
    for (int64_t b = from_channel / g.lanes; b < g.blocks; ++b) {
      const int64_t first = std::max<int64_t>(0, from_channel - b * g.lanes);
      for (int64_t p = 0; p < g.points; ++p) std::fill_n(y + ((n * g.blocks + b) * g.points + p) * g.lanes + first, g.lanes - first, 0.0f);
    }
}

void PerturbMixForward(const PerturbMix& a, float* scratch) {
  const PerturbPlan plan(a);
  lay_out(a, plan, scratch);
  clear_rest(a.y, a.to, a.y.channels);
  with_middle(a, [&](const auto& function, float tuning) {
    parallel(plan.groups * plan.pieces, 1, [&](int64_t begin, int64_t end) HWY_ATTR {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t group = i % plan.groups, piece = i / plan.groups;
        over_vectors(a, plan, scratch, group, [&](const Place& at) HWY_ATTR {
          forward_place(function, at, plan.point(a, piece), plan.point(a, piece + 1), hn::Set(f, tuning));
        });
      }
    });
  });
}

void PerturbMixBackward(const PerturbMix& a, float* scratch) {
  const PerturbPlan plan(a);
  const int64_t m_count = a.nmasks, r = plan.of_channel, sums = plan.sums(a);
  lay_out(a, plan, scratch);
  clear_rest(a.x, a.to, a.x.channels);
  if (a.masks_learn && a.mask_lanes == 0) std::fill_n(scratch + plan.dmasks, a.x.points * m_count, 0.0f);
  with_middle(a, [&](const auto& function, float tuning) {
    // The groups of a piece go to one thread where they add to the same masks' gradients.
    const int64_t run = a.masks_learn && a.mask_lanes == 0 ? plan.groups : 1;
    parallel(plan.groups * plan.pieces / run, 1, [&](int64_t begin, int64_t end) HWY_ATTR {
      for (int64_t i = begin * run; i < end * run; ++i) {
        const int64_t group = i % plan.groups, piece = i / plan.groups;
        float* total = scratch + plan.totals + i * sums;
        std::fill_n(total, sums, 0.0f);
        over_vectors(a, plan, scratch, group, [&](const Place& at) HWY_ATTR {
          backward_place(function, at, plan.point(a, piece), plan.point(a, piece + 1), hn::Set(f, tuning), total,
                         scratch + plan.chunk + i * sums);
        });
      }
    });
  });

  const auto total = [&](int64_t group, int64_t j, int64_t m, int64_t lane) {
    double sum = 0;
    for (int64_t piece = 0; piece < plan.pieces; ++piece)
      sum += scratch[plan.totals + (piece * plan.groups + group) * sums + (j * (m_count + 2) + m) * kLanes + lane];
    return sum;
  };
  parallel(a.x.channels, 16, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c)
      for (int64_t j = 0; j < r; ++j) {
        for (int64_t m = 0; m < m_count; ++m)
          a.dweight[(c * r + j) * m_count + m] = static_cast<float>(total(c / kLanes, j, m, c % kLanes));
        a.dbias[c * r + j] = static_cast<float>(total(c / kLanes, j, m_count, c % kLanes));
      }
  });
  if (a.learned) {
    double sum = 0;
    for (int64_t c = 0; c < a.x.channels; ++c)
      for (int64_t j = 0; j < r; ++j) sum += total(c / kLanes, j, m_count + 1, c % kLanes);
    a.dslope[0] = static_cast<float>(sum);
  }
  if (a.masks_learn && a.mask_lanes == 0)
    for (int64_t m = 0; m < m_count; ++m)
      for (int64_t p = 0; p < a.x.points; ++p) a.dmasks[m * a.x.points + p] = scratch[plan.dmasks + p * m_count + m];
}

template <typename T>
void perturb_typed(const Grid& g, const T* x, const float* mask, bool shared, float level, T* y) {
  const int64_t size = g.image_size(), step = lanes();
  parallel(g.images * g.blocks, 1, [&](int64_t begin, int64_t end) HWY_ATTR {
    const V vl = hn::Set(f, level);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / g.blocks, b = i % g.blocks, block = b * g.points * g.lanes;
      for (int64_t p = 0; p < g.points; ++p)
        for (int64_t l = 0; l < g.lanes; l += step) {
          const int64_t at = block + p * g.lanes + l;
          V m = shared ? hn::Set(f, mask[p]) : load(mask + at);
          if (shared && b * g.lanes + l + step > g.channels) {
            const int64_t real = std::max<int64_t>(0, g.channels - b * g.lanes - l);
            m = hn::IfThenElseZero(hn::FirstN(f, static_cast<size_t>(real)), m);
          }
          store(hn::MulAdd(m, vl, load(x + n * size + at)), y + n * size + at);
        }
    }
  });
}

void Perturb(const Grid& g, const void* x, const float* mask, bool shared, float level, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(perturb_typed<T>(g, CONVSCOPE_C(x), mask, shared, level, CONVSCOPE_M(y)))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(PerturbMixForward);
HWY_EXPORT(PerturbMixBackward);
HWY_EXPORT(Perturb);

void perturb_mix(const PerturbMix& a, float* scratch) { HWY_DYNAMIC_DISPATCH(PerturbMixForward)(a, scratch); }
void perturb_mix_backward(const PerturbMix& a, float* scratch) { HWY_DYNAMIC_DISPATCH(PerturbMixBackward)(a, scratch); }
int64_t perturb_mix_scratch(const PerturbMix& a) { return PerturbPlan(a).size; }
void perturb(const Grid& grid, const void* x, const float* mask, bool shared, float level, void* y) {
  HWY_DYNAMIC_DISPATCH(Perturb)(grid, x, mask, shared, level, y);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE
