#pragma once

#include <memory>
#include <span>
#include <utility>

#include "convscope/tensor/shape.h"

namespace convscope {

/**
 * Dense f32 numbers in row-major order; images are [N, C, H, W]. A value: copying copies the numbers.
 * `over` lays a tensor on memory that somebody else owns; a copy of such a tensor owns its own.
 */
class Tensor {
 public:
  Tensor() = default;
  /** Zeros. */
  explicit Tensor(Shape shape);
  Tensor(Shape shape, std::initializer_list<float> values);
  Tensor(Shape shape, std::span<const float> values);
  /** On `data` of `shape.size()` numbers; `owner`, if any, is kept alive. */
  static Tensor over(Shape shape, float* data, std::shared_ptr<void> owner = nullptr);

  Tensor(const Tensor& other);
  Tensor& operator=(const Tensor& other);
  /** What was moved from is empty. */
  Tensor(Tensor&& other) noexcept
      : shape_(std::exchange(other.shape_, Shape{0})), owner_(std::move(other.owner_)), data_(std::exchange(other.data_, nullptr)) {}
  Tensor& operator=(Tensor&& other) noexcept {
    Tensor taken(std::move(other));
    std::swap(shape_, taken.shape_);
    std::swap(owner_, taken.owner_);
    std::swap(data_, taken.data_);
    return *this;
  }

  const Shape& shape() const { return shape_; }
  int64_t size() const { return shape_.size(); }
  float* data() { return data_; }
  const float* data() const { return data_; }
  std::span<float> span() { return {data_, static_cast<size_t>(size())}; }
  std::span<const float> span() const { return {data_, static_cast<size_t>(size())}; }
  float& operator[](int64_t i) { return data_[i]; }
  float operator[](int64_t i) const { return data_[i]; }

  /** Numbers behind index `n` of the first axis. */
  std::span<float> row(int64_t n) { return span().subspan(static_cast<size_t>(n * shape_.inner()), static_cast<size_t>(shape_.inner())); }
  std::span<const float> row(int64_t n) const {
    return span().subspan(static_cast<size_t>(n * shape_.inner()), static_cast<size_t>(shape_.inner()));
  }

  /** The same numbers under another shape of the same size. */
  Tensor reshaped(Shape shape) const;

 private:
  Shape shape_{0};
  std::shared_ptr<void> owner_;
  float* data_ = nullptr;
};

void fill(Tensor& t, float value);
/** Index of the first largest number. */
int64_t argmax(std::span<const float> values);
float max_abs(std::span<const float> values);
/** max |a − b|. */
float max_difference(const Tensor& a, const Tensor& b);
/** max |a − b| / max |b|: the error of `a` relative to the scale of `b`; 0 where both are zero, infinite where either holds a NaN. */
float relative_error(const Tensor& a, const Tensor& b);
bool all_finite(std::span<const float> values);

/** [N, Y] logits to probabilities, row by row; the maximum is subtracted first. */
Tensor softmax(const Tensor& logits);

}  // namespace convscope
