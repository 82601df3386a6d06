#include "convscope/tensor/tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

namespace convscope {

namespace {
constexpr std::align_val_t kAlignment{64};  // a cache line, and the widest vector
}

Tensor::Tensor(Shape shape) : shape_(shape) {
  const size_t bytes = static_cast<size_t>(std::max<int64_t>(1, shape.size())) * sizeof(float);
  owner_ = std::shared_ptr<void>(::operator new(bytes, kAlignment), [](void* p) { ::operator delete(p, kAlignment); });
  data_ = static_cast<float*>(owner_.get());
  std::memset(data_, 0, bytes);
}

Tensor::Tensor(Shape shape, std::span<const float> values) : Tensor(shape) {
  require(static_cast<int64_t>(values.size()) == shape.size(), "{} values for a tensor of shape {}", values.size(), shape);
  std::copy(values.begin(), values.end(), data_);
}

Tensor::Tensor(Shape shape, std::initializer_list<float> values) : Tensor(shape, std::span(values.begin(), values.size())) {}

Tensor Tensor::over(Shape shape, float* data, std::shared_ptr<void> owner) {
  Tensor t;
  t.shape_ = shape;
  t.data_ = data;
  t.owner_ = std::move(owner);
  return t;
}

Tensor::Tensor(const Tensor& other) : Tensor(other.shape_, other.span()) {}

Tensor& Tensor::operator=(const Tensor& other) {
  if (this != &other) *this = Tensor(other);
  return *this;
}

Tensor Tensor::reshaped(Shape shape) const {
  require(shape.size() == size(), "a tensor of shape {} cannot become {}", shape_, shape);
  return Tensor(shape, span());
}

void fill(Tensor& t, float value) { std::fill(t.span().begin(), t.span().end(), value); }

int64_t argmax(std::span<const float> values) { return std::max_element(values.begin(), values.end()) - values.begin(); }

float max_abs(std::span<const float> values) {
  float m = 0;
  for (const float v : values) m = std::max(m, std::abs(v));
  return m;
}

float max_difference(const Tensor& a, const Tensor& b) {
  require(a.shape() == b.shape(), "tensors of shapes {} and {} cannot be compared", a.shape(), b.shape());
  float m = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    const float d = std::abs(a[i] - b[i]);
    if (std::isnan(d)) return std::numeric_limits<float>::infinity();
    m = std::max(m, d);
  }
  return m;
}

float relative_error(const Tensor& a, const Tensor& b) {
  const float difference = max_difference(a, b), scale = max_abs(b.span());
  if (!std::isfinite(difference)) return std::numeric_limits<float>::infinity();
  return difference == 0 ? 0 : difference / (scale > 0 ? scale : std::numeric_limits<float>::min());
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

Tensor softmax(const Tensor& logits) {
  require(logits.shape().rank() == 2 && logits.shape()[1] > 0, "softmax: logits are [images, classes], got {}", logits.shape());
  Tensor p = logits;
  for (int64_t n = 0; n < p.shape()[0]; ++n) {
    const auto row = p.row(n);
    const float top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (float& v : row) sum += v = std::exp(v - top);
    for (float& v : row) v = static_cast<float>(v / sum);
  }
  return p;
}

}  // namespace convscope
