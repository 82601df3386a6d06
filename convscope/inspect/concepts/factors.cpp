#include "convscope/inspect/concepts/factors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"

namespace convscope {

namespace {

/** x [N, R] ← argmin ½ |A − x B|² + ½ ridge |x|² over x ≥ 0, one column after the other; `ab` [N, R] = A Bᵀ, `bb` [R, R] = B Bᵀ. */
void sweep(std::vector<double>& x, const std::vector<double>& ab, const std::vector<double>& bb, size_t rank, double ridge) {
  const auto rows = static_cast<int64_t>(x.size() / rank);
  parallel(rows, 64, [&](int64_t begin, int64_t end) {
    for (auto n = static_cast<size_t>(begin); n < static_cast<size_t>(end); ++n) {
      double* own = &x[n * rank];
      for (size_t k = 0; k < rank; ++k) {
        const double curve = bb[k * rank + k] + ridge;
        if (curve <= 0) continue;
        double slope = ab[n * rank + k] - ridge * own[k];
        for (size_t j = 0; j < rank; ++j) slope -= own[j] * bb[j * rank + k];
        own[k] = std::max(0.0, own[k] + slope / curve);
      }
    }
  });
}

/** x [N, R] → xᵀ x [R, R]. */
std::vector<double> gram(const std::vector<double>& x, size_t rank) {
  std::vector<double> all(rank * rank);
  for (size_t n = 0; n < x.size() / rank; ++n)
    for (size_t i = 0; i < rank; ++i)
      for (size_t j = 0; j < rank; ++j) all[i * rank + j] += x[n * rank + i] * x[n * rank + j];
  return all;
}

}  // namespace

Factors factorise(const Tensor& a, const FactorOptions& options) {
  const auto points = static_cast<size_t>(a.shape()[0]), channels = static_cast<size_t>(a.shape()[1]);
  const auto rank = static_cast<size_t>(options.rank);
  require(options.rank >= 1 && options.rank <= std::min(a.shape()[0], a.shape()[1]), "{} factors of {}: 1 to {} were wanted", options.rank,
          a.shape(), std::min(a.shape()[0], a.shape()[1]));
  double squares = 0;
  for (const float v : a.span()) {
    require(v >= 0, "factors of numbers below 0 ({:.3g}): what comes out of a ReLU was wanted", v);
    squares += static_cast<double>(v) * v;
  }
  require(squares > 0, "factors of numbers that are all 0");
  const double scale = std::sqrt(static_cast<double>(a.size()) / squares);
  const double ridge_u = options.ridge * static_cast<double>(channels), ridge_w = options.ridge * static_cast<double>(points);

  const RandomStream random(options.seed, "concepts/factors");
  const double begin = std::sqrt(1 / static_cast<double>(rank));
  std::vector<double> u(points * rank), columns(channels * rank);  // `columns` is Wᵀ
  for (size_t i = 0; i < u.size(); ++i) u[i] = begin * static_cast<double>(random.uniform(i, 0));
  for (size_t i = 0; i < columns.size(); ++i) columns[i] = begin * static_cast<double>(random.uniform(i, 1));
  std::vector<double> au(channels * rank), aw(points * rank);
  for (int64_t step = 0; step < options.iterations; ++step) {
    parallel(static_cast<int64_t>(points), 16, [&](int64_t first, int64_t end) {
      for (auto n = static_cast<size_t>(first); n < static_cast<size_t>(end); ++n) {
        double* to = &aw[n * rank];
        std::fill(to, to + rank, 0.0);
        for (size_t c = 0; c < channels; ++c) {
          const double v = scale * a[static_cast<int64_t>(n * channels + c)];
          if (v == 0) continue;
          for (size_t k = 0; k < rank; ++k) to[k] += v * columns[c * rank + k];
        }
      }
    });
    sweep(u, aw, gram(columns, rank), rank, ridge_u);
    parallel(static_cast<int64_t>(channels), 16, [&](int64_t first, int64_t end) {
      std::fill(au.begin() + first * static_cast<int64_t>(rank), au.begin() + end * static_cast<int64_t>(rank), 0.0);
      for (size_t n = 0; n < points; ++n)
        for (auto c = static_cast<size_t>(first); c < static_cast<size_t>(end); ++c) {
          const double v = scale * a[static_cast<int64_t>(n * channels + c)];
          if (v == 0) continue;
          for (size_t k = 0; k < rank; ++k) au[c * rank + k] += v * u[n * rank + k];
        }
    });
    sweep(columns, au, gram(u, rank), rank, ridge_w);
  }

  // Rows of W of length 1; what they weigh is in U, and the heaviest comes first.
  std::vector<double> weight(rank), length(rank);
  for (size_t k = 0; k < rank; ++k) {
    for (size_t c = 0; c < channels; ++c) length[k] += columns[c * rank + k] * columns[c * rank + k];
    length[k] = std::sqrt(length[k]);
    for (size_t n = 0; n < points; ++n) weight[k] += u[n * rank + k] * length[k];
  }
  std::vector<size_t> order(rank);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) { return weight[x] > weight[y]; });
  Factors found{std::vector<double>(points * rank), std::vector<double>(rank * channels), 0};
  for (size_t to = 0; to < rank; ++to) {
    const size_t k = order[to];
    for (size_t c = 0; c < channels; ++c) found.w[to * channels + c] = length[k] > 0 ? columns[c * rank + k] / length[k] : 0;
    for (size_t n = 0; n < points; ++n) found.u[n * rank + to] = u[n * rank + k] * length[k] / scale;
  }
  double missed = 0;
  for (size_t n = 0; n < points; ++n)
    for (size_t c = 0; c < channels; ++c) {
      double v = a[static_cast<int64_t>(n * channels + c)];
      for (size_t k = 0; k < rank; ++k) v -= found.u[n * rank + k] * found.w[k * channels + c];
      missed += v * v;
    }
  found.error = std::sqrt(missed / squares);
  return found;
}

std::vector<double> non_negative_shares(std::span<const double> a, std::span<const double> w, int64_t rank) {
  constexpr int kMost = 500;
  constexpr double kEnough = 1e-9;
  const auto count = static_cast<size_t>(rank);
  const size_t channels = a.size();
  std::vector<double> products(count), squares(count * count), u(count);
  for (size_t k = 0; k < count; ++k) {
    for (size_t c = 0; c < channels; ++c) products[k] += a[c] * w[k * channels + c];
    for (size_t j = 0; j < count; ++j)
      for (size_t c = 0; c < channels; ++c) squares[k * count + j] += w[k * channels + c] * w[j * channels + c];
  }
  for (int step = 0; step < kMost; ++step) {
    double moved = 0, largest = 0;
    for (size_t k = 0; k < count; ++k) {
      if (squares[k * count + k] <= 0) continue;
      double slope = products[k];
      for (size_t j = 0; j < count; ++j) slope -= u[j] * squares[j * count + k];
      const double next = std::max(0.0, u[k] + slope / squares[k * count + k]);
      moved = std::max(moved, std::abs(next - u[k]));
      u[k] = next;
      largest = std::max(largest, next);
    }
    if (moved <= kEnough * largest) break;
  }
  return u;
}

}  // namespace convscope
