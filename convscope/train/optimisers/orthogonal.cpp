#include "convscope/train/optimisers/orthogonal.h"

#include <cmath>
#include <utility>

#include "convscope/base/threads.h"
#include "convscope/tensor/tensor.h"
#include "convscope/train/optimisers/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/train/optimisers/orthogonal.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/tensor/simd-inl.h"

#ifndef CONVSCOPE_TRAIN_PADDED_MATRIX
#define CONVSCOPE_TRAIN_PADDED_MATRIX
namespace convscope {

/** A matrix with zeros to the right and below, so that its kernels know whole tiles only. */
struct PaddedMatrix {
  static constexpr int64_t kRows = 4, kColumns = 32;

  PaddedMatrix(int64_t rows, int64_t columns)
      : rows((rows + kRows - 1) / kRows * kRows),
        columns((columns + kColumns - 1) / kColumns * kColumns),
        stride(this->columns + 16),  // an odd count of cache lines: rows below one another do not evict each other
        numbers({this->rows * stride}) {}
  float* row(int64_t i) { return numbers.data() + i * stride; }
  const float* row(int64_t i) const { return numbers.data() + i * stride; }

  int64_t rows, columns, stride;
  Tensor numbers;
};

}  // namespace convscope
#endif

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {

using namespace simd::HWY_NAMESPACE;

constexpr int64_t kTile = PaddedMatrix::kRows;

/** a[i, j] = Σ x[i, ·] x[j, ·] for a tile of rows and one of columns. */
HWY_INLINE void GramTile(const PaddedMatrix& x, int64_t i, int64_t j, PaddedMatrix& a) {
  V sums[kTile][kTile];
  for (auto& row : sums)
    for (V& sum : row) sum = hn::Zero(f);
  for (int64_t k = 0; k < x.columns; k += lanes()) {
    V right[kTile];
    for (int64_t c = 0; c < kTile; ++c) right[c] = load(x.row(j + c) + k);
    for (int64_t r = 0; r < kTile; ++r) {
      const V left = load(x.row(i + r) + k);
      for (int64_t c = 0; c < kTile; ++c) sums[r][c] = hn::MulAdd(left, right[c], sums[r][c]);
    }
  }
  for (int64_t r = 0; r < kTile; ++r)
    for (int64_t c = 0; c < kTile; ++c) a.row(i + r)[j + c] = hn::GetLane(hn::SumOfLanes(f, sums[r][c]));
}

/** a = x xᵀ */
void Gram(const PaddedMatrix& x, PaddedMatrix& a) {
  parallel(x.rows / kTile, 1, [&](int64_t begin, int64_t end) HWY_ATTR {
    for (int64_t i = begin * kTile; i < end * kTile; i += kTile)
      for (int64_t j = 0; j < x.rows; j += kTile) GramTile(x, i, j, a);
  });
}

/** y = own x + other b x for a tile of rows and two vectors of columns; b is [rows of x, rows of x]. */
HWY_INLINE void ProductTile(float own, const PaddedMatrix& x, float other, const PaddedMatrix& b, int64_t i, int64_t j, PaddedMatrix& y) {
  const int64_t next = lanes();
  V sums[kTile][2];
  for (auto& row : sums) row[0] = row[1] = hn::Zero(f);
  for (int64_t k = 0; k < x.rows; ++k) {
    const V first = load(x.row(k) + j), second = load(x.row(k) + j + next);
    for (int64_t r = 0; r < kTile; ++r) {
      const V factor = hn::Set(f, b.row(i + r)[k]);
      sums[r][0] = hn::MulAdd(factor, first, sums[r][0]);
      sums[r][1] = hn::MulAdd(factor, second, sums[r][1]);
    }
  }
  for (int64_t r = 0; r < kTile; ++r)
    for (int64_t part = 0; part < 2; ++part) {
      const int64_t column = j + part * next;
      store(hn::MulAdd(hn::Set(f, own), load(x.row(i + r) + column), hn::Mul(hn::Set(f, other), sums[r][part])), y.row(i + r) + column);
    }
}

/** y = own x + other b x */
void Product(float own, const PaddedMatrix& x, float other, const PaddedMatrix& b, PaddedMatrix& y) {
  parallel(x.rows / kTile, 1, [&](int64_t begin, int64_t end) HWY_ATTR {
    for (int64_t j = 0; j < x.columns; j += 2 * lanes())
      for (int64_t i = begin * kTile; i < end * kTile; i += kTile) ProductTile(own, x, other, b, i, j, y);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope {

HWY_EXPORT(Gram);
HWY_EXPORT(Product);

namespace {

/** The numbers of a [rows, columns] matrix, or of its transposed where it is higher than wide, to a padded one and back. */
void copy_in(int64_t rows, int64_t columns, const float* x, PaddedMatrix& to) {
  const bool turned = rows > columns;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) (turned ? to.row(j)[i] : to.row(i)[j]) = x[i * columns + j];
}
void copy_out(int64_t rows, int64_t columns, const PaddedMatrix& from, float* x) {
  const bool turned = rows > columns;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) x[i * columns + j] = turned ? from.row(j)[i] : from.row(i)[j];
}

}  // namespace

void orthogonalise(int64_t rows, int64_t columns, float* x, int64_t iterations) {
  constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;
  const double norm = std::sqrt(kernels::sum_of_squares(rows * columns, x));
  if (norm == 0) return;
  kernels::scale(rows * columns, static_cast<float>(1 / norm), x);

  const int64_t few = std::min(rows, columns), many = std::max(rows, columns);
  PaddedMatrix now(few, many), next(few, many), gram(few, few), factor(few, few);
  copy_in(rows, columns, x, now);
  for (int64_t i = 0; i < iterations; ++i) {
    HWY_DYNAMIC_DISPATCH(Gram)(now, gram);
    HWY_DYNAMIC_DISPATCH(Product)(kB, gram, kC, gram, factor);
    HWY_DYNAMIC_DISPATCH(Product)(kA, now, 1.0f, factor, next);
    std::swap(now, next);
  }
  copy_out(rows, columns, now, x);
}

}  // namespace convscope
#endif  // HWY_ONCE
