#include "convscope/tensor/t_sne.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/threads.h"
#include "convscope/tensor/k_means.h"

namespace convscope {

namespace {

/** Row i of whom a point takes for its neighbour: exp(−apart / 2 σ²), σ such that the entropy is log perplexity. */
void neighbours_of(std::span<const float> apart, size_t self, double perplexity, std::span<float> shares) {
  constexpr int kMost = 100;
  constexpr double kEnough = 1e-6;
  const double wanted = std::log(perplexity);
  double least = HUGE_VAL;
  for (size_t j = 0; j < apart.size(); ++j)
    if (j != self) least = std::min(least, static_cast<double>(apart[j]));
  double precision = 1, low = 0, high = HUGE_VAL;
  std::vector<double> own(apart.size());
  double sum = 0;
  for (int step = 0; step < kMost; ++step) {
    sum = 0;
    double mean = 0;
    for (size_t j = 0; j < apart.size(); ++j) {
      const double more = apart[j] - least;
      own[j] = j == self ? 0 : std::exp(-precision * more);
      sum += own[j];
      mean += own[j] * more;
    }
    const double entropy = std::log(sum) + precision * mean / sum;
    if (std::abs(entropy - wanted) < kEnough) break;
    if (entropy > wanted) {
      low = precision;
      precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
    } else {
      high = precision;
      precision = (low + high) / 2;
    }
  }
  for (size_t j = 0; j < apart.size(); ++j) shares[j] = static_cast<float>(own[j] / sum);
}

/** What comes of one point's pairs. */
struct Pull {
  double near_x = 0, near_y = 0;  // Σ p q (y_i − y_j)
  double far_x = 0, far_y = 0;    // Σ q² (y_i − y_j)
  double weight = 0;              // Σ q, q = 1 / (1 + |y_i − y_j|²) of others
};

Pull pull_of(const float* p, const double* x, const double* y, int64_t count, int64_t i) {
  Pull sum;
  for (int64_t j = 0; j < count; ++j) {
    const double across = x[i] - x[j], up = y[i] - y[j], q = 1 / (1 + across * across + up * up);
    const double near = p[j] * q, far = q * q;
    sum.near_x += near * across;
    sum.near_y += near * up;
    sum.far_x += far * across;
    sum.far_y += far * up;
    sum.weight += q;
  }
  sum.weight -= 1;  // itself
  return sum;
}

/** Begins with the two directions of largest variance, as small as the first steps want it. */
void begin(const Tensor& x, std::vector<double>& across, std::vector<double>& up) {
  constexpr double kSpread = 1e-4;
  const int64_t count = x.shape()[0];
  const Tensor first = principal_components(x, std::min<int64_t>(2, x.shape()[1]));
  double squares = 0;
  for (int64_t n = 0; n < count; ++n) squares += static_cast<double>(first.row(n)[0]) * first.row(n)[0];
  const double scale = squares > 0 ? kSpread / std::sqrt(squares / static_cast<double>(count)) : 0;
  for (int64_t n = 0; n < count; ++n) {
    across.push_back(scale * first.row(n)[0]);
    up.push_back(first.shape()[1] > 1 ? scale * first.row(n)[1] : 0.0);
  }
}

}  // namespace

Tensor squared_distances(const Tensor& x) {
  const int64_t count = x.shape()[0];
  Tensor apart({count, count});
  // Rows i and count − 1 − i together have as many pairs as any two of that kind.
  parallel((count + 1) / 2, 2, [&](int64_t first, int64_t end) {
    const auto row = [&](int64_t i) {
      for (int64_t j = 0; j < i; ++j) {
        const std::span<const float> a = x.row(i), b = x.row(j);
        float sum = 0;
        for (size_t d = 0; d < a.size(); ++d) sum += (a[d] - b[d]) * (a[d] - b[d]);
        apart.row(i)[static_cast<size_t>(j)] = apart.row(j)[static_cast<size_t>(i)] = sum;
      }
    };
    for (int64_t i = first; i < end; ++i) {
      row(i);
      if (count - 1 - i != i) row(count - 1 - i);
    }
  });
  return apart;
}

Tsne t_sne(const Tensor& x, const TsneOptions& options) {
  const int64_t count = x.shape()[0];
  require(x.shape().rank() == 2 && count >= 4, "t-SNE of {}: at least 4 points [N, D] were wanted", x.shape());
  require(options.perplexity >= 1 && options.perplexity <= static_cast<double>(count - 1),
          "t-SNE: a perplexity of {} among {} points; 1 to {} were wanted", options.perplexity, count, count - 1);
  const auto points = static_cast<size_t>(count);
  // p: the mean of both points' shares, of all pairs together 1.
  Tensor p({count, count});
  {
    Tensor shares = squared_distances(x);
    parallel(count, 4, [&](int64_t first, int64_t end) {
      std::vector<float> own(points);
      for (int64_t i = first; i < end; ++i) {
        neighbours_of(shares.row(i), static_cast<size_t>(i), options.perplexity, own);
        std::copy(own.begin(), own.end(), shares.row(i).begin());
      }
    });
    parallel(count, 4, [&](int64_t first, int64_t end) {
      for (int64_t i = first; i < end; ++i)
        for (int64_t j = 0; j < count; ++j)
          p.row(i)[static_cast<size_t>(j)] =
              (shares.row(i)[static_cast<size_t>(j)] + shares.row(j)[static_cast<size_t>(i)]) / (2 * static_cast<float>(count));
    });
  }

  std::vector<double> y[2];
  begin(x, y[0], y[1]);
  const double rate = std::max(50.0, static_cast<double>(count) / 48);
  const int64_t early = options.iterations / 4;
  std::vector<double> speed[2], gain[2];
  for (auto& g : gain) g.assign(points, 1);
  for (auto& s : speed) s.assign(points, 0);
  std::vector<Pull> pulls(points);
  for (int64_t step = 0; step < options.iterations; ++step) {
    parallel(count, 16, [&](int64_t first, int64_t end) {
      for (int64_t i = first; i < end; ++i) pulls[static_cast<size_t>(i)] = pull_of(p.row(i).data(), y[0].data(), y[1].data(), count, i);
    });
    double weight = 0;
    for (const Pull& pull : pulls) weight += pull.weight;
    const double drawn = step < early ? 12 : 1, momentum = step < early ? 0.5 : 0.8;
    for (size_t i = 0; i < points; ++i)
      for (size_t axis = 0; axis < 2; ++axis) {
        const double near = axis == 0 ? pulls[i].near_x : pulls[i].near_y, far = axis == 0 ? pulls[i].far_x : pulls[i].far_y;
        const double slope = 4 * (drawn * near - far / weight);
        double& own = gain[axis][i];
        own = slope * speed[axis][i] < 0 ? own + 0.2 : std::max(0.01, own * 0.8);
        speed[axis][i] = momentum * speed[axis][i] - rate * own * slope;
        y[axis][i] += speed[axis][i];
      }
    if (options.progress) options.progress(step + 1, options.iterations);
  }

  Tsne made{Tensor({count, 2}), 0};
  double weight = 0;
  for (int64_t i = 0; i < count; ++i) weight += pull_of(p.row(i).data(), y[0].data(), y[1].data(), count, i).weight;
  for (int64_t i = 0; i < count; ++i) {
    const auto a = static_cast<size_t>(i);
    for (size_t axis = 0; axis < 2; ++axis) made.map.row(i)[axis] = static_cast<float>(y[axis][a]);
    for (size_t b = 0; b < points; ++b) {
      const double share = p.row(i)[b];
      if (b == a || share <= 0) continue;
      const double across = y[0][a] - y[0][b], up = y[1][a] - y[1][b];
      made.divergence += share * std::log(share * weight * (1 + across * across + up * up));
    }
  }
  return made;
}

double trustworthiness(const Tensor& apart, const Tensor& y, int64_t k) {
  const int64_t count = apart.shape()[0];
  require(k >= 1 && 2 * k < count, "trustworthiness by {} neighbours of {} points; fewer than half of them were wanted", k, count);
  std::vector<double> missed(static_cast<size_t>(count));
  parallel(count, 4, [&](int64_t first, int64_t end) {
    std::vector<int64_t> order(static_cast<size_t>(count)), rank(order.size()), near(order.size());
    std::vector<float> on_map(order.size());
    for (int64_t i = first; i < end; ++i) {
      const auto others_first = [&](std::vector<int64_t>& places, std::span<const float> far) {
        std::iota(places.begin(), places.end(), 0);
        std::stable_sort(places.begin(), places.end(), [&](int64_t a, int64_t b) {
          if ((a == i) != (b == i)) return b == i;
          return far[static_cast<size_t>(a)] < far[static_cast<size_t>(b)];
        });
      };
      others_first(order, apart.row(i));
      for (size_t place = 0; place < order.size(); ++place) rank[static_cast<size_t>(order[place])] = static_cast<int64_t>(place) + 1;
      for (int64_t j = 0; j < count; ++j)
        on_map[static_cast<size_t>(j)] =
            static_cast<float>(std::pow(y.row(i)[0] - y.row(j)[0], 2) + std::pow(y.row(i)[1] - y.row(j)[1], 2));
      others_first(near, on_map);
      for (int64_t n = 0; n < k; ++n)
        missed[static_cast<size_t>(i)] +=
            static_cast<double>(std::max<int64_t>(0, rank[static_cast<size_t>(near[static_cast<size_t>(n)])] - k));
    }
  });
  const double all = std::accumulate(missed.begin(), missed.end(), 0.0), n = static_cast<double>(count), few = static_cast<double>(k);
  return 1 - 2 / (n * few * (2 * n - 3 * few - 1)) * all;
}

}  // namespace convscope
