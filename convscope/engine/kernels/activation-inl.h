// Activations on vectors. Read once for each kind of processor: Highway's toggle stands in for an include guard.
#if defined(CONVSCOPE_ENGINE_KERNELS_ACTIVATION) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_ENGINE_KERNELS_ACTIVATION
#undef CONVSCOPE_ENGINE_KERNELS_ACTIVATION
#else
#define CONVSCOPE_ENGINE_KERNELS_ACTIVATION
#endif

#include <hwy/contrib/math/math-inl.h>

#include <bit>

#include "convscope/engine/kernels/grid-inl.h"
#include "convscope/graph/ops/activation.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

/** What polynomials make of a NaN is not said; it stays one. */
HWY_INLINE V keeping_nan(V x, V y) { return hn::IfThenElse(hn::IsNaN(x), x, y); }
HWY_INLINE auto above(V v, float bound) { return hn::Gt(v, hn::Set(f, bound)); }

// An activation: y from x, and the gradient for x from the upstream u and y. `a` is its tuning; clamp has limits of its own. Cheap are
// those without an exponential.

struct Relu {
  static constexpr bool kCheap = true;
  HWY_INLINE static V value(V x, V) { return at_least(x, hn::Zero(f)); }
  HWY_INLINE static V slope(V u, V y, V) { return hn::IfThenElseZero(above(y, 0), u); }
};
struct Relu6 {
  static constexpr bool kCheap = true;
  HWY_INLINE static V value(V x, V) { return hn::IfThenElse(above(x, 6), hn::Set(f, 6), at_least(x, hn::Zero(f))); }
  HWY_INLINE static V slope(V u, V y, V) { return hn::IfThenElseZero(hn::And(above(y, 0), hn::Lt(y, hn::Set(f, 6))), u); }
};
struct LeakyRelu {
  static constexpr bool kCheap = true;
  HWY_INLINE static V value(V x, V a) { return hn::IfThenElse(above(x, 0), x, hn::Mul(x, a)); }
  HWY_INLINE static V slope(V u, V y, V a) { return hn::IfThenElse(above(y, 0), u, hn::Mul(u, a)); }
};
struct Elu {
  static constexpr bool kCheap = false;
  HWY_INLINE static V value(V x, V a) {
    const V below = hn::Mul(a, hn::Expm1(f, hn::Min(x, hn::Zero(f))));
    return keeping_nan(x, hn::IfThenElse(above(x, 0), x, below));
  }
  HWY_INLINE static V slope(V u, V y, V a) { return hn::IfThenElse(above(y, 0), u, hn::Mul(u, hn::Add(y, a))); }
};
struct Celu {
  static constexpr bool kCheap = false;
  HWY_INLINE static V value(V x, V a) {
    const V below = hn::Mul(a, hn::Expm1(f, hn::Div(hn::Min(x, hn::Zero(f)), a)));
    return keeping_nan(x, hn::IfThenElse(above(x, 0), x, below));
  }
  HWY_INLINE static V slope(V u, V y, V a) { return hn::IfThenElse(above(y, 0), u, hn::Mul(u, hn::Div(hn::Add(y, a), a))); }
};
struct Selu {
  static constexpr bool kCheap = false;
  static constexpr float kLambda = static_cast<float>(Activation::kSeluLambda);
  HWY_INLINE static V value(V x, V a) { return hn::Mul(hn::Set(f, kLambda), Elu::value(x, a)); }
  HWY_INLINE static V slope(V u, V y, V a) {
    const V lambda = hn::Set(f, kLambda);
    return hn::Mul(u, hn::IfThenElse(above(y, 0), lambda, hn::MulAdd(lambda, a, y)));
  }
};
struct Tanh {
  static constexpr bool kCheap = false;
  HWY_INLINE static V value(V x, V) { return keeping_nan(x, hn::Tanh(f, x)); }
  HWY_INLINE static V slope(V u, V y, V) { return hn::Mul(u, hn::NegMulAdd(y, y, hn::Set(f, 1))); }
};
struct Sigmoid {
  static constexpr bool kCheap = false;
  /** By the exponential of what is not above 0: it cannot overflow. */
  HWY_INLINE static V value(V x, V) {
    const V one = hn::Set(f, 1), e = hn::Exp(f, hn::Neg(hn::Abs(x)));
    return keeping_nan(x, hn::Div(hn::IfThenElse(above(x, 0), one, e), hn::Add(one, e)));
  }
  HWY_INLINE static V slope(V u, V y, V) { return hn::Mul(u, hn::NegMulAdd(y, y, y)); }
};
struct Clamp {
  static constexpr bool kCheap = true;
  float low, high;
  HWY_INLINE V value(V x, V) const { return hn::IfThenElse(above(x, high), hn::Set(f, high), at_least(x, hn::Set(f, low))); }
  HWY_INLINE V slope(V u, V y, V) const { return hn::IfThenElseZero(hn::And(above(y, low), hn::Lt(y, hn::Set(f, high))), u); }
};

/** The nearest number that results hold, as `store` rounds: a clamp cuts to it, and its slope is told from what was cut. */
inline float held(double limit, bool bf16) {
  const float v = static_cast<float>(limit);
  const uint32_t bits = std::bit_cast<uint32_t>(v);
  return bf16 ? std::bit_cast<float>((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000) : v;
}

/** call(the activation's functions): decided once for a tensor, not for a number. */
template <typename Call>
void with_activation(const Activation& of, bool bf16, const Call& call) {
  switch (of.kind) {
    case Activation::kRelu:
      return call(Relu());
    case Activation::kRelu6:
      return call(Relu6());
    case Activation::kLeakyRelu:
      return call(LeakyRelu());
    case Activation::kElu:
      return call(Elu());
    case Activation::kCelu:
      return call(Celu());
    case Activation::kSelu:
      return call(Selu());
    case Activation::kTanh:
      return call(Tanh());
    case Activation::kSigmoid:
      return call(Sigmoid());
    case Activation::kClamp:
      return call(Clamp{held(of.tuning, bf16), held(of.high, bf16)});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
