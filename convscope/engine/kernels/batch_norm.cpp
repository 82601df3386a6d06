#include "convscope/engine/kernels/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/batch_norm.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

/** y = relu((x − centre) · scale + shift + residual) on a block; centre is 0 where it is null. */
template <typename T>
void affine_block(const Grid& g, int64_t n0, int64_t n1, int64_t b, const T* x, const float* centre, const float* scale, const float* shift,
                  const T* residual, bool relu, T* y) {
  struct Constants {
    V centre, scale, shift;
  };
  const int64_t channel = b * g.lanes;
  const V floor = relu ? hn::Zero(f) : hn::Set(f, -INFINITY);
  const auto constants = [&](int64_t lane) HWY_ATTR {
    const int64_t c = channel + lane;
    return Constants{centre ? load(centre + c) : hn::Zero(f), load(scale + c), load(shift + c)};
  };
  const auto scaled = [&](int64_t at, const Constants& k)
                          HWY_ATTR { return hn::MulAdd(hn::Sub(load(x + at), k.centre), k.scale, k.shift); };
  if (residual) {
    walk(g, n0, n1, b, constants,
         [&](int64_t at, const Constants& k) HWY_ATTR { store(at_least(hn::Add(scaled(at, k), load(residual + at)), floor), y + at); });
  } else {
    walk(g, n0, n1, b, constants, [&](int64_t at, const Constants& k) HWY_ATTR { store(at_least(scaled(at, k), floor), y + at); });
  }
}

template <typename T>
void affine_typed(const Grid& g, const T* x, const float* scale, const float* shift, const T* residual, bool relu, T* y) {
  const Split split(g);
  over_pieces(g, split, [&](int64_t b, int64_t piece) {
    affine_block<T>(g, split.begin(piece), split.begin(piece + 1), b, x, nullptr, scale, shift, residual, relu, y);
  });
}

/**
 * y = (x − mean) · scale + beta; the same bits in forward and backward, so that the ReLU's mask can be had again from x. The mean is taken
 * off first: x · scale + (beta − mean · scale) would lose digits where the deviation is small beside the mean.
 */
struct Coefficients {
  float scale, inverse;
};
HWY_INLINE Coefficients coefficients(float gamma, float variance, double eps) {
  const float inverse = static_cast<float>(1.0 / std::sqrt(static_cast<double>(variance) + eps));
  return {gamma * inverse, inverse};
}

template <typename T>
void batch_norm_forward_typed(const Grid& g, const T* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                              const T* residual, bool relu, T* y, float* mean, float* variance, double* partial, Half half) {
  const Split split(g);
  const bool known = half == Half::results;
  const int64_t padded = g.padded_channels(), count = g.images * g.points;
  float* scale = reinterpret_cast<float*>(partial + 2 * split.pieces * padded);
  float* shift = scale + padded;
  // Squares are taken around the mean of the first image: no cancellation where the mean is far from 0.
  float* pivot = shift + padded;
  float* centre = pivot + split.pieces * padded;

  const auto statistics = [&](int64_t b, int64_t piece) {
    double* s0 = partial + (2 * piece) * padded + b * g.lanes;
    double* s1 = partial + (2 * piece + 1) * padded + b * g.lanes;
    sums(g, 0, 1, b, s0, s1, [&](int64_t at, int64_t, V& a0, V&) HWY_ATTR { a0 = hn::Add(a0, load(x + at)); });
    float* around = pivot + piece * padded + b * g.lanes;
    for (int64_t l = 0; l < g.lanes; ++l) around[l] = static_cast<float>(s0[l] / static_cast<double>(g.points));
    sums(g, split.begin(piece), split.begin(piece + 1), b, s0, s1, [&](int64_t at, int64_t lane, V& a0, V& a1) HWY_ATTR {
      const V d = hn::Sub(load(x + at), load(around + lane));
      a0 = hn::Add(a0, d);
      a1 = hn::MulAdd(d, d, a1);
    });
  };
  const auto finish = [&](int64_t b) {
    for (int64_t l = 0; l < g.lanes; ++l) {
      const int64_t c = b * g.lanes + l;
      scale[c] = shift[c] = centre[c] = 0;
      if (c >= g.channels) continue;
      if (!known) {
        double s = 0, q = 0;
        for (int64_t piece = 0; piece < split.pieces; ++piece) {
          s += partial[(2 * piece) * padded + c];
          q += partial[(2 * piece + 1) * padded + c];
        }
        const double m = s / static_cast<double>(count);
        mean[c] = static_cast<float>(m + pivot[c]);  // every piece has the same pivot
        variance[c] = static_cast<float>(std::max(0.0, q / static_cast<double>(count) - m * m));
      }
      if (half == Half::sums) continue;
      scale[c] = coefficients(gamma[c * gamma_step], variance[c], eps).scale;
      shift[c] = beta[c * gamma_step];
      centre[c] = mean[c];
    }
  };
  const auto apply = [&](int64_t b, int64_t piece) {
    affine_block(g, split.begin(piece), split.begin(piece + 1), b, x, centre, scale, shift, residual, relu, y);
  };

  if (split.pieces == 1) {  // a block stays in cache from its statistics to its result
    over_pieces(g, split, [&](int64_t b, int64_t piece) {
      if (!known) statistics(b, piece);
      finish(b);
      if (half != Half::sums) apply(b, piece);
    });
  } else {
    if (!known) over_pieces(g, split, statistics);
    for (int64_t b = 0; b < g.blocks; ++b) finish(b);
    if (half != Half::sums) over_pieces(g, split, apply);
  }
}

/** Where the ReLU's mask is read from. */
enum class Mask { none, x, y };

template <typename T, Mask mask>
void batch_norm_backward_typed(const Grid& g, const BatchNormBackward& a, double* partial, Half half) {
  const Split split(g);
  const int64_t padded = g.padded_channels();
  const double count = static_cast<double>(g.images * g.points);
  const T* x = static_cast<const T*>(a.x);
  const T* y = static_cast<const T*>(a.y);
  const T* u0 = static_cast<const T*>(a.upstream[0]);
  const T* u1 = static_cast<const T*>(a.upstream[1]);
  T* dx = static_cast<T*>(a.dx);
  T* dresidual = static_cast<T*>(a.dresidual);
  float* scale = reinterpret_cast<float*>(partial + 2 * split.pieces * padded);
  float* shift = scale + padded;
  float* mean = shift + padded;
  float* slope = mean + padded;  // dx = scale · g + slope · (x − mean) + offset
  float* offset = slope + padded;

  for (int64_t c = 0; c < padded; ++c) {
    const bool real = c < g.channels;
    scale[c] = real ? coefficients(a.gamma[c * a.gamma_step], a.variance[c], a.eps).scale : 0;
    shift[c] = real ? a.beta[c * a.gamma_step] : 0;
    mean[c] = real ? a.mean[c] : 0;
  }

  /** What comes down, behind the ReLU; d = x − mean. */
  const auto upstream = [=](int64_t at, V d, V vs, V vt) HWY_ATTR {
    V u = load(u0 + at);
    if (u1) u = hn::Add(u, load(u1 + at));
    if constexpr (mask == Mask::none) return u;
    const V of = mask == Mask::y ? load(y + at) : hn::MulAdd(d, vs, vt);
    return hn::IfThenElseZero(hn::Gt(of, hn::Zero(f)), u);
  };
  const auto reduce = [&](int64_t b, int64_t piece) {
    const int64_t channel = b * g.lanes;
    double* s0 = partial + (2 * piece) * padded + channel;
    double* s1 = partial + (2 * piece + 1) * padded + channel;
    sums(g, split.begin(piece), split.begin(piece + 1), b, s0, s1, [=](int64_t at, int64_t lane, V& a0, V& a1) HWY_ATTR {
      const int64_t c = channel + lane;
      const V d = hn::Sub(load(x + at), load(mean + c));
      const V u = upstream(at, d, load(scale + c), load(shift + c));
      if (dresidual) store(u, dresidual + at);
      a0 = hn::Add(a0, u);
      a1 = hn::MulAdd(u, d, a1);
    });
  };
  const auto finish = [&](int64_t b) {
    for (int64_t c = b * g.lanes; c < (b + 1) * g.lanes; ++c) {
      slope[c] = offset[c] = 0;
      if (c >= g.channels) continue;
      const double inverse = 1.0 / std::sqrt(static_cast<double>(a.variance[c]) + a.eps);
      double s0 = 0, s1 = 0;
      if (half == Half::results) {
        s0 = a.dbeta[c];
        s1 = a.dgamma[c] / inverse;
      } else {
        for (int64_t piece = 0; piece < split.pieces; ++piece) {
          s0 += partial[(2 * piece) * padded + c];
          s1 += partial[(2 * piece + 1) * padded + c];
        }
        a.dgamma[c] = static_cast<float>(s1 * inverse);
        a.dbeta[c] = static_cast<float>(s0);
      }
      slope[c] = static_cast<float>(-scale[c] * inverse * inverse * s1 / count);
      offset[c] = static_cast<float>(-scale[c] * s0 / count);
    }
  };
  struct Constants {
    V mean, scale, shift, slope, offset;
  };
  const auto apply = [&](int64_t b, int64_t piece) {
    const int64_t channel = b * g.lanes;
    walk(
        g, split.begin(piece), split.begin(piece + 1), b,
        [=](int64_t lane) HWY_ATTR {
          const int64_t c = channel + lane;
          return Constants{load(mean + c), load(scale + c), load(shift + c), load(slope + c), load(offset + c)};
        },
        [=](int64_t at, const Constants& k) HWY_ATTR {
          const V d = hn::Sub(load(x + at), k.mean);
          const V u = dresidual ? load(dresidual + at) : upstream(at, d, k.scale, k.shift);
          store(hn::MulAdd(u, k.scale, hn::MulAdd(d, k.slope, k.offset)), dx + at);
        });
  };

  if (split.pieces == 1) {
    over_pieces(g, split, [&](int64_t b, int64_t piece) {
      if (half != Half::results) reduce(b, piece);
      finish(b);
      if (half != Half::sums) apply(b, piece);
    });
  } else {
    if (half != Half::results) over_pieces(g, split, reduce);
    for (int64_t b = 0; b < g.blocks; ++b) finish(b);
    if (half != Half::sums) over_pieces(g, split, apply);
  }
}

template <typename T>
void batch_norm_backward_masked(const Grid& g, const BatchNormBackward& a, double* partial, Half half) {
  const auto by_mask = !a.relu ? batch_norm_backward_typed<T, Mask::none>
                       : a.y   ? batch_norm_backward_typed<T, Mask::y>
                               : batch_norm_backward_typed<T, Mask::x>;
  by_mask(g, a, partial, half);
}

/** plain[c][point] ↔ position on the grid. */
HWY_INLINE int64_t plain_index(const Grid& g, int64_t position) {
  const int64_t lane = position % g.lanes, point = position / g.lanes % g.points, block = position / (g.lanes * g.points);
  const int64_t c = block * g.lanes + lane;
  return c < g.channels ? c * g.points + point : -1;
}

template <typename T>
void activation_norm_forward_typed(const Grid& g, const T* x, float gamma, float beta, double eps, bool relu, T* y, float* mean,
                                   float* variance, bool known) {
  const int64_t size = g.image_size();
  const V vn = hn::Set(f, 1.0f / static_cast<float>(g.images)), floor = relu ? hn::Zero(f) : hn::Set(f, -INFINITY);
  parallel((size + kPositions - 1) / kPositions, 1, [&](int64_t begin, int64_t end) {
    HWY_ALIGN float m[16], v[16], scale[16], shift[16];
    const int64_t step = lanes();
    for (int64_t at = begin * kPositions; at < std::min(end * kPositions, size); at += step) {
      if (!known) {
        V sum = hn::Zero(f), square = hn::Zero(f);
        for (int64_t n = 0; n < g.images; ++n) sum = hn::Add(sum, load(x + n * size + at));
        const V vm = hn::Mul(sum, vn);
        for (int64_t n = 0; n < g.images; ++n) {
          const V d = hn::Sub(load(x + n * size + at), vm);
          square = hn::MulAdd(d, d, square);
        }
        store(vm, m);
        store(hn::Mul(square, vn), v);
      }
      for (int64_t i = 0; i < step; ++i) {
        const int64_t plain = plain_index(g, at + i);
        scale[i] = shift[i] = 0;
        if (plain < 0) {
          m[i] = 0;
          continue;
        }
        if (!known) {
          mean[plain] = m[i];
          variance[plain] = v[i];
        }
        m[i] = mean[plain];
        scale[i] = coefficients(gamma, variance[plain], eps).scale;
        shift[i] = beta;
      }
      const V vc = load(m), vs = load(scale), vt = load(shift);
      for (int64_t n = 0; n < g.images; ++n)
        store(at_least(hn::MulAdd(hn::Sub(load(x + n * size + at), vc), vs, vt), floor), y + n * size + at);
    }
  });
}

template <typename T>
void activation_norm_backward_typed(const Grid& g, const BatchNormBackward& a, double* partial) {
  const int64_t size = g.image_size(), chunks = (size + kPositions - 1) / kPositions;
  const T* x = static_cast<const T*>(a.x);
  const T* u0 = static_cast<const T*>(a.upstream[0]);
  const T* u1 = static_cast<const T*>(a.upstream[1]);
  T* dx = static_cast<T*>(a.dx);
  const float n1 = 1.0f / static_cast<float>(g.images);
  parallel(chunks, 1, [&](int64_t begin, int64_t end) {
    HWY_ALIGN float mean[16], scale[16], shift[16], inverse[16], t0[16], t1[16];
    const int64_t step = lanes();
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      double total0 = 0, total1 = 0;
      for (int64_t at = chunk * kPositions; at < std::min((chunk + 1) * kPositions, size); at += step) {
        for (int64_t i = 0; i < step; ++i) {
          const int64_t plain = plain_index(g, at + i);
          const Coefficients k = plain < 0 ? Coefficients{} : coefficients(a.gamma[0], a.variance[plain], a.eps);
          mean[i] = plain < 0 ? 0 : a.mean[plain];
          scale[i] = k.scale;
          shift[i] = plain < 0 ? 0 : a.beta[0];
          inverse[i] = k.inverse;
        }
        const V vm = load(mean), vs = load(scale), vt = load(shift), vi = load(inverse);
        const auto upstream = [&](int64_t i, V vx) HWY_ATTR {
          V u = load(u0 + i);
          if (u1) u = hn::Add(u, load(u1 + i));
          return a.relu ? hn::IfThenElseZero(hn::Gt(hn::MulAdd(hn::Sub(vx, vm), vs, vt), hn::Zero(f)), u) : u;
        };
        V s0 = hn::Zero(f), s1 = hn::Zero(f);  // Σ u and Σ u x̂
        for (int64_t n = 0; n < g.images; ++n) {
          const V vx = load(x + n * size + at), u = upstream(n * size + at, vx);
          s0 = hn::Add(s0, u);
          s1 = hn::MulAdd(u, hn::Mul(hn::Sub(vx, vm), vi), s1);
        }
        store(s0, t0);
        store(s1, t1);
        for (int64_t i = 0; i < step; ++i) {
          total0 += t0[i];
          total1 += t1[i];
        }
        const V k0 = hn::Mul(s0, hn::Set(f, n1)), k1 = hn::Mul(hn::Mul(s1, hn::Set(f, n1)), vi);
        for (int64_t n = 0; n < g.images; ++n) {
          const V vx = load(x + n * size + at), u = upstream(n * size + at, vx);
          store(hn::Mul(vs, hn::Sub(hn::Sub(u, k0), hn::Mul(hn::Sub(vx, vm), k1))), dx + n * size + at);
        }
      }
      partial[2 * chunk] = total0;
      partial[2 * chunk + 1] = total1;
    }
  });
  double dbeta = 0, dgamma = 0;
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    dbeta += partial[2 * chunk];
    dgamma += partial[2 * chunk + 1];
  }
  a.dbeta[0] = static_cast<float>(dbeta);
  a.dgamma[0] = static_cast<float>(dgamma);
}

template <typename T>
void activation_affine_typed(const Grid& g, const T* x, const float* scale, const float* shift, bool relu, T* y) {
  const int64_t size = g.image_size(), step = lanes();
  parallel(g.images, 1, [&](int64_t begin, int64_t end) {
    const V floor = relu ? hn::Zero(f) : hn::Set(f, -INFINITY);
    for (int64_t n = begin; n < end; ++n)
      for (int64_t i = 0; i < size; i += step)
        store(at_least(hn::MulAdd(load(x + n * size + i), load(scale + i), load(shift + i)), floor), y + n * size + i);
  });
}

void BatchNormForward(const Grid& g, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                      const void* residual, bool relu, void* y, float* mean, float* variance, double* partial) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(batch_norm_forward_typed<T>(g, CONVSCOPE_C(x), gamma, gamma_step, beta, eps, CONVSCOPE_C(residual), relu, CONVSCOPE_M(y),
                                              mean, variance, partial, Half::both))
}
void BatchNormStatistics(const Grid& g, const void* x, float* mean, float* variance, double* partial) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(
      batch_norm_forward_typed<T>(g, CONVSCOPE_C(x), nullptr, 0, nullptr, 0, nullptr, false, nullptr, mean, variance, partial, Half::sums))
}
void BatchNormAgain(const Grid& g, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                    const void* residual, bool relu, void* y, const float* mean, const float* variance, double* partial) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(batch_norm_forward_typed<T>(g, CONVSCOPE_C(x), gamma, gamma_step, beta, eps, CONVSCOPE_C(residual), relu, CONVSCOPE_M(y),
                                              const_cast<float*>(mean), const_cast<float*>(variance), partial, Half::results))
}
void ActivationNormAgain(const Grid& g, const void* x, float gamma, float beta, double eps, bool relu, void* y, const float* mean,
                         const float* variance) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(activation_norm_forward_typed<T>(g, CONVSCOPE_C(x), gamma, beta, eps, relu, CONVSCOPE_M(y), const_cast<float*>(mean),
                                                   const_cast<float*>(variance), true))
}
void Affine(const Grid& g, const void* x, const float* scale, const float* shift, const void* residual, bool relu, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(affine_typed<T>(g, CONVSCOPE_C(x), scale, shift, CONVSCOPE_C(residual), relu, CONVSCOPE_M(y)))
}
void BatchNormBackwardAny(const Grid& g, const BatchNormBackward& a, double* partial, Half half) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(batch_norm_backward_masked<T>(g, a, partial, half))
}
void ActivationNormForward(const Grid& g, const void* x, float gamma, float beta, double eps, bool relu, void* y, float* mean,
                           float* variance) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(activation_norm_forward_typed<T>(g, CONVSCOPE_C(x), gamma, beta, eps, relu, CONVSCOPE_M(y), mean, variance, false))
}
void ActivationNormBackward(const Grid& g, const BatchNormBackward& a, double* partial) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(activation_norm_backward_typed<T>(g, a, partial))
}
void ActivationAffine(const Grid& g, const void* x, const float* scale, const float* shift, bool relu, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(activation_affine_typed<T>(g, CONVSCOPE_C(x), scale, shift, relu, CONVSCOPE_M(y)))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(BatchNormForward);
HWY_EXPORT(BatchNormStatistics);
HWY_EXPORT(BatchNormAgain);
HWY_EXPORT(ActivationNormAgain);
HWY_EXPORT(Affine);
HWY_EXPORT(BatchNormBackwardAny);
HWY_EXPORT(ActivationNormForward);
HWY_EXPORT(ActivationNormBackward);
HWY_EXPORT(ActivationAffine);

void batch_norm_forward(const Grid& g, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                        const void* residual, bool relu, void* y, float* mean, float* variance, double* partial) {
  HWY_DYNAMIC_DISPATCH(BatchNormForward)(g, x, gamma, gamma_step, beta, eps, residual, relu, y, mean, variance, partial);
}
void batch_norm_again(const Grid& g, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                      const void* residual, bool relu, void* y, const float* mean, const float* variance, double* partial) {
  HWY_DYNAMIC_DISPATCH(BatchNormAgain)(g, x, gamma, gamma_step, beta, eps, residual, relu, y, mean, variance, partial);
}
void affine(const Grid& g, const void* x, const float* scale, const float* shift, const void* residual, bool relu, void* y) {
  HWY_DYNAMIC_DISPATCH(Affine)(g, x, scale, shift, residual, relu, y);
}
void batch_norm_statistics(const Grid& g, const void* x, float* mean, float* variance, double* partial) {
  HWY_DYNAMIC_DISPATCH(BatchNormStatistics)(g, x, mean, variance, partial);
}
void batch_norm_backward(const Grid& g, const BatchNormBackward& a, double* partial) {
  HWY_DYNAMIC_DISPATCH(BatchNormBackwardAny)(g, a, partial, Half::both);
}
void batch_norm_slopes(const Grid& g, const BatchNormBackward& a, double* partial) {
  HWY_DYNAMIC_DISPATCH(BatchNormBackwardAny)(g, a, partial, Half::sums);
}
void batch_norm_backward_by_slopes(const Grid& g, const BatchNormBackward& a, double* partial) {
  HWY_DYNAMIC_DISPATCH(BatchNormBackwardAny)(g, a, partial, Half::results);
}
int64_t batch_norm_partials(const Grid& g) {
  // Two sums for each piece in double, then a row of floats for each piece and at most five more.
  const int64_t pieces = std::max<int64_t>(1, threads());
  return (2 * pieces + (pieces + 1) / 2 + 3) * g.padded_channels();
}
void activation_norm_forward(const Grid& g, const void* x, float gamma, float beta, double eps, bool relu, void* y, float* mean,
                             float* variance) {
  HWY_DYNAMIC_DISPATCH(ActivationNormForward)(g, x, gamma, beta, eps, relu, y, mean, variance);
}
void activation_norm_again(const Grid& g, const void* x, float gamma, float beta, double eps, bool relu, void* y, const float* mean,
                           const float* variance) {
  HWY_DYNAMIC_DISPATCH(ActivationNormAgain)(g, x, gamma, beta, eps, relu, y, mean, variance);
}
void activation_norm_backward(const Grid& g, const BatchNormBackward& a, double* partial) {
  HWY_DYNAMIC_DISPATCH(ActivationNormBackward)(g, a, partial);
}
int64_t activation_norm_partials(const Grid& g) { return 2 * ((g.image_size() + kPositions - 1) / kPositions); }
void activation_affine(const Grid& g, const void* x, const float* scale, const float* shift, bool relu, void* y) {
  HWY_DYNAMIC_DISPATCH(ActivationAffine)(g, x, scale, shift, relu, y);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE
