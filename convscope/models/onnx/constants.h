#pragma once

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/models/onnx/fold.h"

namespace convscope {

/** Constants of a file made of others; what fold.cpp and fold_arithmetic.cpp share. */

inline int64_t product(std::span<const int64_t> dims) {
  int64_t size = 1;
  for (const int64_t d : dims) require(d >= 0 && !__builtin_mul_overflow(size, d, &size), "extents [{}]", join(dims, ", "));
  return size;
}

inline void require_rank(size_t rank) {
  require(rank <= kMostOnnxRank, "a constant of {} extents; at most {} are read", rank, kMostOnnxRank);
}

/** A constant of those extents whose numbers are to be written. */
inline OnnxTensor made(std::vector<int64_t> dims, bool whole, int64_t& budget) {
  require_rank(dims.size());
  charge_onnx(budget, dims);
  const int64_t size = product(dims);
  OnnxTensor t;
  t.dims = std::move(dims);
  t.whole = whole;
  whole ? t.integers.resize(static_cast<size_t>(size)) : t.reals.resize(static_cast<size_t>(size));
  return t;
}

inline std::vector<int64_t> strides(std::span<const int64_t> dims) {
  std::vector<int64_t> s(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) s[i - 1] = s[i] * std::max<int64_t>(1, dims[i]);
  return s;
}

/** body(place in row-major order of `dims`, index) for every index. */
inline void each_index(std::span<const int64_t> dims, auto&& body) {
  const int64_t size = product(dims);
  std::vector<int64_t> index(dims.size(), 0);
  for (int64_t place = 0; place < size; ++place) {
    body(place, index);
    for (size_t axis = dims.size(); axis-- > 0;) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
}

inline void copy_number(const OnnxTensor& from, int64_t i, OnnxTensor& to, int64_t k) {
  if (to.whole) {
    to.integers[static_cast<size_t>(k)] = from.integers[static_cast<size_t>(i)];
  } else {
    to.reals[static_cast<size_t>(k)] = from.reals[static_cast<size_t>(i)];
  }
}

/** Numbers of `from` where `place(index)` says, under other extents. */
inline OnnxTensor picked(const OnnxTensor& from, std::vector<int64_t> dims, int64_t& budget, auto&& place) {
  OnnxTensor to = made(dims, from.whole, budget);
  each_index(dims, [&](int64_t k, const std::vector<int64_t>& index) { copy_number(from, place(index), to, k); });
  return to;
}

inline OnnxTensor under(const OnnxTensor& from, std::vector<int64_t> dims, int64_t& budget) {
  require_rank(dims.size());
  require(product(dims) == from.size(), "extents [{}] cannot become [{}]", join(from.dims, ", "), join(dims, ", "));
  charge_onnx(budget, dims);
  OnnxTensor to = from;
  to.dims = std::move(dims);
  return to;
}

/** Arithmetic, comparisons and reductions of constants; empty for an op that is not computed. */
std::optional<OnnxTensor> fold_arithmetic(const OnnxNode& node, int64_t opset, const std::vector<const OnnxTensor*>& in, int64_t& budget);

}  // namespace convscope
