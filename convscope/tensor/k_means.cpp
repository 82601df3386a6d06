#include "convscope/tensor/k_means.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"

namespace convscope {

namespace {

double dot(std::span<const float> a, std::span<const float> b) {
  // Sixteen sums side by side fill vector registers; their order is fixed.
  double total = 0;
  constexpr size_t kPiece = 512;
  for (size_t first = 0; first < a.size(); first += kPiece) {
    float sums[16] = {};
    const size_t end = std::min(a.size(), first + kPiece);
    size_t i = first;
    for (; i + 16 <= end; i += 16)
      for (size_t k = 0; k < 16; ++k) sums[k] += a[i + k] * b[i + k];
    double piece = 0;
    for (const float s : sums) piece += s;
    for (; i < end; ++i) piece += static_cast<double>(a[i]) * b[i];
    total += piece;
  }
  return total;
}

std::vector<double> norms(const Tensor& x) {
  std::vector<double> all(static_cast<size_t>(x.shape()[0]));
  parallel(x.shape()[0], 16, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) all[static_cast<size_t>(n)] = dot(x.row(n), x.row(n));
  });
  return all;
}

/** |x − c|², never below 0. */
double distance(std::span<const float> x, double xx, std::span<const float> c, double cc) { return std::max(0.0, xx - 2 * dot(x, c) + cc); }

Tensor first_centres(const Tensor& x, const std::vector<double>& squares, int64_t clusters, const RandomStream& random, uint64_t start) {
  const int64_t count = x.shape()[0];
  Tensor centres({clusters, x.shape()[1]});
  std::vector<double> nearest(static_cast<size_t>(count), std::numeric_limits<double>::infinity());
  int64_t chosen = static_cast<int64_t>(random.below(static_cast<uint64_t>(count), 0, start));
  for (int64_t k = 0;; ++k) {
    const auto row = x.row(chosen);
    std::copy(row.begin(), row.end(), centres.row(k).begin());
    if (k + 1 == clusters) return centres;
    parallel(count, 16, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        const double d = distance(x.row(n), squares[static_cast<size_t>(n)], row, squares[static_cast<size_t>(chosen)]);
        nearest[static_cast<size_t>(n)] = std::min(nearest[static_cast<size_t>(n)], d);
      }
    });
    const double total = std::accumulate(nearest.begin(), nearest.end(), 0.0);
    // Where all points are centres already, any point will do.
    double left = static_cast<double>(random.uniform(static_cast<uint64_t>(k + 1), start)) * total;
    chosen = 0;
    while (chosen + 1 < count && left >= nearest[static_cast<size_t>(chosen)]) left -= nearest[static_cast<size_t>(chosen++)];
  }
}

/**
 * Points and centres that know how far they are at least from each other (Elkan, "Using the triangle inequality to accelerate k-means",
 * 2003), so that most distances need not be computed: a centre that moved by m is nearer by m at most.
 */
class Assignment {
 public:
  Assignment(const Tensor& x, const std::vector<double>& squares, int64_t clusters)
      : x_(x), squares_(squares), clusters_(clusters), least_(static_cast<size_t>(x.shape()[0] * clusters)) {}

  /** Each point's nearest centre, and its squared distance. */
  void assign(const Tensor& centres, std::vector<int64_t>& nearest, std::vector<double>& apart) {
    const std::vector<double> centre_squares = norms(centres);
    parallel(x_.shape()[0], 16, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        double* least = least_.data() + n * clusters_;
        const auto measure = [&](int64_t k) {
          const double d = distance(x_.row(n), squares_[static_cast<size_t>(n)], centres.row(k), centre_squares[static_cast<size_t>(k)]);
          least[k] = std::sqrt(d);
          return d;
        };
        int64_t own = std::max<int64_t>(0, nearest[static_cast<size_t>(n)]);
        double best = measure(own);
        for (int64_t k = 0; k < clusters_; ++k) {
          if (k == own || least[k] * least[k] >= best) continue;
          const double d = measure(k);
          if (d < best) best = d, own = k;
        }
        nearest[static_cast<size_t>(n)] = own;
        apart[static_cast<size_t>(n)] = best;
      }
    });
  }

  void moved(const Tensor& before, const Tensor& after) {
    std::vector<double> by(static_cast<size_t>(clusters_));
    for (int64_t k = 0; k < clusters_; ++k) {
      double sum = 0;
      for (int64_t d = 0; d < x_.shape()[1]; ++d) {
        const double step = static_cast<double>(after.row(k)[static_cast<size_t>(d)]) - before.row(k)[static_cast<size_t>(d)];
        sum += step * step;
      }
      by[static_cast<size_t>(k)] = std::sqrt(sum);
    }
    for (size_t i = 0; i < least_.size(); ++i) least_[i] = std::max(0.0, least_[i] - by[i % by.size()]);
  }

 private:
  const Tensor& x_;
  const std::vector<double>& squares_;
  int64_t clusters_;
  std::vector<double> least_;  // [point][centre]: no distance is smaller
};

KMeans one_start(const Tensor& x, const std::vector<double>& squares, const KMeansOptions& options, const RandomStream& random,
                 uint64_t start) {
  const int64_t count = x.shape()[0], clusters = options.clusters, width = x.shape()[1];
  KMeans means{std::vector<int64_t>(static_cast<size_t>(count), -1), first_centres(x, squares, clusters, random, start), 0};
  std::vector<double> apart(static_cast<size_t>(count));
  Assignment assignment(x, squares, clusters);
  for (int64_t iteration = 0; iteration < options.iterations; ++iteration) {
    std::vector<int64_t> now = means.cluster;
    assignment.assign(means.centres, now, apart);
    std::vector<int64_t> sizes(static_cast<size_t>(clusters));
    for (const int64_t k : now) ++sizes[static_cast<size_t>(k)];
    for (int64_t k = 0; k < clusters; ++k) {
      if (sizes[static_cast<size_t>(k)] > 0) continue;
      const auto farthest = std::max_element(apart.begin(), apart.end()) - apart.begin();
      --sizes[static_cast<size_t>(now[static_cast<size_t>(farthest)])];
      now[static_cast<size_t>(farthest)] = k;
      apart[static_cast<size_t>(farthest)] = 0;
      sizes[static_cast<size_t>(k)] = 1;
    }
    means.inertia = std::accumulate(apart.begin(), apart.end(), 0.0);
    const bool settled = now == means.cluster;
    means.cluster = std::move(now);
    if (settled) break;
    const Tensor before = means.centres;
    // Columns are shared out, so that each sum runs over the points in their order.
    parallel(width, 64, [&](int64_t begin, int64_t end) {
      std::vector<double> sum(static_cast<size_t>(clusters * (end - begin)));
      for (int64_t n = 0; n < count; ++n) {
        double* of = sum.data() + means.cluster[static_cast<size_t>(n)] * (end - begin);
        const float* row = x.row(n).data();
        for (int64_t d = begin; d < end; ++d) of[d - begin] += row[d];
      }
      for (int64_t k = 0; k < clusters; ++k)
        for (int64_t d = begin; d < end; ++d)
          if (sizes[static_cast<size_t>(k)] > 0)
            means.centres.row(k)[static_cast<size_t>(d)] = static_cast<float>(sum[static_cast<size_t>(k * (end - begin) + d - begin)] /
                                                                              static_cast<double>(sizes[static_cast<size_t>(k)]));
    });
    assignment.moved(before, means.centres);
  }
  return means;
}

using Points = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  // [N, D]

Points without_mean(const Eigen::Map<const Points>& x) {
  Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(x.cols());
  for (const auto& point : x.rowwise()) sum += point.cast<double>();
  return x.rowwise() - (sum / static_cast<double>(x.rows())).cast<float>();
}

/** x · directions, [N, K]. */
Eigen::MatrixXf project(const Points& x, const Eigen::MatrixXf& directions) {
  Eigen::MatrixXf on(x.rows(), directions.cols());
  parallel(x.rows(), 16, [&](int64_t begin, int64_t end) {
    on.middleRows(begin, end - begin).noalias() = x.middleRows(begin, end - begin) * directions;
  });
  return on;
}

/** xᵀ · on, [D, K]. */
Eigen::MatrixXf back(const Points& x, const Eigen::MatrixXf& on) {
  Eigen::MatrixXf directions(x.cols(), on.cols());
  parallel(x.cols(), 64, [&](int64_t begin, int64_t end) {
    directions.middleRows(begin, end - begin).noalias() = x.middleCols(begin, end - begin).transpose() * on;
  });
  return directions;
}

/** Columns that span the same, of length 1 and at right angles. */
Eigen::MatrixXf orthonormal(const Eigen::MatrixXf& columns) {
  return Eigen::HouseholderQR<Eigen::MatrixXf>(columns).householderQ() * Eigen::MatrixXf::Identity(columns.rows(), columns.cols());
}

}  // namespace

KMeans k_means(const Tensor& x, const KMeansOptions& options) {
  require(x.shape().rank() == 2, "k-means wants points [N, D], got {}", x.shape());
  require(options.clusters >= 1 && options.clusters <= x.shape()[0], "k-means: {} clusters of {} points; there can be 1 to {}",
          options.clusters, x.shape()[0], x.shape()[0]);
  require(options.restarts >= 1 && options.iterations >= 1, "k-means: at least one start and one iteration are needed, got {} and {}",
          options.restarts, options.iterations);
  const std::vector<double> squares = norms(x);
  const RandomStream random(options.seed, "k-means");
  KMeans best;
  for (int64_t start = 0; start < options.restarts; ++start) {
    KMeans means = one_start(x, squares, options, random, static_cast<uint64_t>(start));
    if (start == 0 || means.inertia < best.inertia) best = std::move(means);
  }
  return best;
}

int64_t distinct_points(const Tensor& x, int64_t most) {
  constexpr double kSame = 1e-5;  // of a length: a picture's answer differs so little from batch to batch
  const auto same = [&](int64_t a, int64_t b) {
    double apart = 0, length = 0;
    for (size_t d = 0; d < x.row(a).size(); ++d) {
      const double u = x.row(a)[d], v = x.row(b)[d];
      apart += (u - v) * (u - v);
      length += u * u + v * v;
    }
    return apart <= kSame * kSame * length;
  };
  std::vector<int64_t> found;
  for (int64_t n = 0; n < x.shape()[0] && std::ssize(found) < most; ++n)
    if (std::none_of(found.begin(), found.end(), [&](int64_t other) { return same(n, other); })) found.push_back(n);
  return std::ssize(found);
}

Tensor principal_components(const Tensor& x, int64_t count, int64_t iterations) {
  const int64_t points = x.shape()[0], width = x.shape()[1];
  require(x.shape().rank() == 2 && count >= 1 && count <= std::min(points, width), "{} principal components of {}; there can be 1 to {}",
          count, x.shape(), std::min(points, width));
  const Points centred = without_mean(Eigen::Map<const Points>(x.data(), points, width));

  // Some directions more than asked for: what is wanted settles as fast as these are left behind.
  constexpr int64_t kSpare = 6;
  Eigen::MatrixXf directions(width, std::min({count + kSpare, points, width}));
  const RandomStream random(1, "principal components");
  for (int64_t i = 0; i < directions.size(); ++i) directions.data()[i] = random.normal(static_cast<uint64_t>(i));
  directions = orthonormal(directions);
  for (int64_t i = 0; i < iterations; ++i) directions = orthonormal(back(centred, project(centred, directions)));

  const Eigen::MatrixXd on = project(centred, directions).cast<double>();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> axes(on.transpose() * on);  // smallest first
  directions = directions * axes.eigenvectors().rightCols(count).rowwise().reverse().cast<float>();
  for (auto direction : directions.colwise()) {
    Eigen::Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    if (direction[largest] < 0) direction = -direction;
  }
  Tensor result({points, count});
  Eigen::Map<Points>(result.data(), points, count) = project(centred, directions);
  return result;
}

}  // namespace convscope
