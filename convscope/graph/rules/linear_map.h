#pragma once

#include <optional>

#include "convscope/graph/gradient.h"

namespace convscope {

/** A convolution or dense layer as z(x, w, b) of other inputs, weights and biases, and the arithmetic around it, as nodes. */
class LinearMap {
 public:
  /** The op stands at the site, with nothing done in passing. */
  LinearMap(GradientSite& site, const Op& op);

  Value x() const { return site_.in(0); }
  Value weight() const { return site_.in(1); }
  std::optional<Value> bias() const { return bias_ ? std::optional(site_.in(2)) : std::nullopt; }

  Value forward(Value x, Value w, std::optional<Value> b);
  /** Σ_j w_ij s_j for a z that `forward` made. */
  Value down(Value z, Value s) { return site_.pull(z, s, 0); }

  Value positive(Value v);
  Value negative(Value v);
  Value square(Value v);
  Value times(Value a, Value b);
  Value sum(const std::vector<Value>& parts);
  Value scaled(Value v, double factor);
  Value filled(Value like, float value);
  /** Whether no number of a value is ever below 0: behind a ReLU, and pools and copies of such. */
  bool never_negative(Value v) const;
  /** What the layer's input is where all pixels are `level`. */
  Value of_pixels(float level);

 private:
  GradientSite& site_;
  const Op& op_;
  bool bias_;
};

/** A constant of that shape. */
Value filled_like(GradientSite& site, Value like, float value);

/** Whether a value is made of pixels with no convolution or dense layer before it. */
bool sees_pixels(const Graph& graph, Value v);
/** Whether it is made of them and of nothing that a convolution or dense layer gives. */
bool sees_pixels_alone(const Graph& graph, Value v);

}  // namespace convscope
