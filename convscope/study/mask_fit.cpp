#include "convscope/study/mask_fit.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"

namespace convscope {

namespace {

/** Numbers by image, channel and position. */
struct Cube {
  explicit Cube(const Tensor& t) : n(t.shape()[0]), c(t.shape()[1]), p(t.shape()[2]), data(t.data()) {}
  double at(int64_t i, int64_t j, int64_t k) const { return data[(i * c + j) * p + k]; }
  int64_t n, c, p;
  const float* data;
};

void require_fit(const Tensor& x, const Tensor& y) {
  require(x.shape().rank() == 3 && y.shape().rank() == 3 && x.shape()[0] == y.shape()[0] && x.shape()[2] == y.shape()[2],
          "mask fit: input [N, C, P] and output [N, K, P] of the same images and positions were wanted, got {} and {}", x.shape(),
          y.shape());
}

using Eigen::MatrixXd;
using Eigen::VectorXd;
/** One position of all images within [N, C, P]: a row an image, a column a channel. */
template <typename Matrix>
using Position = Eigen::Map<Matrix, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

template <typename Number>
using RowMajor = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd position(const Tensor& t, int64_t p) {
  const Shape& s = t.shape();
  return Position<const Eigen::MatrixXf>(t.data() + p, s[0], s[1], {s[2], s[1] * s[2]}).cast<double>();
}
void set_position(Tensor& t, int64_t p, const MatrixXd& values) {
  const Shape& s = t.shape();
  Position<Eigen::MatrixXf>(t.data() + p, s[0], s[1], {s[2], s[1] * s[2]}) = values.cast<float>();
}

/** z [N, C M] = relu(x [N, C] + mask): each channel with each of its masks, of one position. */
MatrixXd features(const MatrixXd& x, const VectorXd& masks) {
  const Eigen::Index of_channel = masks.size() / x.cols();
  MatrixXd z(x.rows(), masks.size());
  for (Eigen::Index d = 0; d < masks.size(); ++d) z.col(d) = (x.col(d / of_channel).array() + masks[d]).max(0.0);
  return z;
}

struct Linear {
  MatrixXd w;  // [K, D]
  VectorXd b;  // [K]

  /** W z + b for rows z of [N, D]. */
  MatrixXd operator()(const MatrixXd& z) const { return (z * w.transpose()).rowwise() + b.transpose(); }
};

/** The W and b with which W z + b comes nearest to y over many samples, by the normal equations with a small ridge. */
class LeastSquares {
 public:
  LeastSquares(int64_t inputs, int64_t outputs)
      : gram_(MatrixXd::Zero(inputs + 1, inputs + 1)), right_(MatrixXd::Zero(inputs + 1, outputs)) {}

  /** Samples are rows of z [N, D] and of y [N, K]. */
  void add(const MatrixXd& z, const MatrixXd& y) {
    MatrixXd with_one(z.rows(), z.cols() + 1);  // b is the weight of a 1
    with_one << z, VectorXd::Ones(z.rows());
    gram_.selfadjointView<Eigen::Lower>().rankUpdate(with_one.transpose());
    right_.noalias() += with_one.transpose() * y;
  }
  void add(const LeastSquares& other) {
    gram_ += other.gram_;
    right_ += other.right_;
  }
  Linear solve() const {
    MatrixXd damped = gram_;
    damped.diagonal().array() += 1e-6 * gram_.diagonal().mean() + 1e-30;
    const MatrixXd both = damped.llt().solve(right_);  // [D + 1, K]
    require(both.allFinite(), "mask fit: inputs that are not finite");
    return {both.topRows(both.rows() - 1).transpose(), both.bottomRows(1).transpose()};
  }

 private:
  MatrixXd gram_;   // [D + 1, D + 1], its lower half
  MatrixXd right_;  // [D + 1, K]
};

/** One fit in the making. */
class Fitting {
 public:
  Fitting(const Tensor& x, const Tensor& y, const MaskFitOptions& options, bool all_active)
      : channels_(x.shape()[1]),
        outputs_(y.shape()[1]),
        positions_(x.shape()[2]),
        masks_(channels_ * options.masks, positions_),
        damping_(VectorXd::Constant(positions_, 1e-2)) {
    for (int64_t p = 0; p < positions_; ++p) {
      x_.push_back(position(x, p));
      y_.push_back(position(y, p));
    }
    double squares = 0;
    float least = 0;
    for (const float v : x.span()) squares += static_cast<double>(v) * v, least = std::min(least, v);
    const double scale = std::sqrt(squares / static_cast<double>(x.size())) + 1e-12;
    const RandomStream random(options.seed, "mask-fit");
    for (int64_t i = 0; i < masks_.size(); ++i) {
      const double u = random.uniform(static_cast<uint64_t>(i));
      masks_.data()[i] = all_active ? u * scale - least : (2 * u - 1) * scale;
    }
    fit_weights();
  }

  void round() {
    step_masks();
    const Linear before = linear_;
    const double loss = loss_;
    fit_weights();
    if (loss_ <= loss) return;
    linear_ = before;  // the ridge can cost more than is gained
    loss_ = loss;
  }

  double loss() const { return loss_; }
  MaskFit result() const {
    MaskFit fit;
    fit.masks = Tensor({channels_, masks_.rows() / channels_, positions_});
    Eigen::Map<RowMajor<float>>(fit.masks.data(), masks_.rows(), positions_) = masks_.cast<float>();
    fit.w.resize(static_cast<size_t>(linear_.w.size()));
    Eigen::Map<RowMajor<double>>(fit.w.data(), linear_.w.rows(), linear_.w.cols()) = linear_.w;
    fit.b.assign(linear_.b.begin(), linear_.b.end());
    return fit;
  }

 private:
  const MatrixXd& x(int64_t p) const { return x_[static_cast<size_t>(p)]; }
  const MatrixXd& y(int64_t p) const { return y_[static_cast<size_t>(p)]; }

  double loss_at(int64_t p, const VectorXd& masks) const { return (y(p) - linear_(features(x(p), masks))).squaredNorm(); }
  void measure() {
    VectorXd losses(positions_);
    parallel(positions_, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) losses[p] = loss_at(p, masks_.col(p));
    });
    loss_ = losses.sum();
  }

  void fit_weights() {
    constexpr int64_t kPieces = 8;  // the same sums with any count of threads
    std::vector<LeastSquares> parts(kPieces, LeastSquares(masks_.rows(), outputs_));
    parallel(kPieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t piece = begin; piece < end; ++piece)
        for (int64_t p = piece * positions_ / kPieces; p < (piece + 1) * positions_ / kPieces; ++p)
          parts[static_cast<size_t>(piece)].add(features(x(p), masks_.col(p)), y(p));
    });
    for (size_t i = 1; i < parts.size(); ++i) parts[0].add(parts[i]);
    linear_ = parts[0].solve();
    measure();
  }

  void step_masks() {
    const MatrixXd products = linear_.w.transpose() * linear_.w;
    parallel(positions_, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) step_masks_at(p, products);
    });
    measure();
  }

  /**
   * Where a map is active its slope for the mask is the weight, else 0: JᵀJ is WᵀW, each product counted for the images in which both maps
   * are active.
   */
  void step_masks_at(int64_t p, const MatrixXd& products) {
    const MatrixXd z = features(x(p), masks_.col(p)), rest = y(p) - linear_(z);
    const MatrixXd active = (z.array() > 0).cast<double>();
    const VectorXd slope = (rest * linear_.w).cwiseProduct(active).colwise().sum();
    const MatrixXd curvature = products.cwiseProduct(active.transpose() * active);
    const double scale = curvature.diagonal().mean(), before = rest.squaredNorm();
    if (!(scale > 0)) return;  // no map is active: there is no slope
    constexpr int kTries = 4;
    for (int i = 0; i < kTries; ++i) {
      MatrixXd damped = curvature;
      damped.diagonal().array() += damping_[p] * scale;
      const VectorXd masks = masks_.col(p) + damped.llt().solve(slope);
      if (loss_at(p, masks) < before) {
        masks_.col(p) = masks;
        damping_[p] = std::max(damping_[p] / 4, 1e-9);
        return;
      }
      damping_[p] *= 8;
    }
  }

  int64_t channels_, outputs_, positions_;
  std::vector<MatrixXd> x_, y_;  // P of [N, C], of [N, K]
  MatrixXd masks_;               // [C M, P]
  VectorXd damping_;             // [P]
  Linear linear_;
  double loss_ = 0;
};

}  // namespace

Tensor MaskFit::predict(const Tensor& x) const {
  require(x.shape().rank() == 3 && masks.shape()[0] == x.shape()[1] && masks.shape()[2] == x.shape()[2],
          "mask fit: masks {} for an input {}", masks.shape(), x.shape());
  const int64_t positions = x.shape()[2], outputs = std::ssize(b), inputs = std::ssize(w) / outputs;
  const Linear linear{Eigen::Map<const RowMajor<double>>(w.data(), outputs, inputs), Eigen::Map<const VectorXd>(b.data(), outputs)};
  const MatrixXd all_masks = Eigen::Map<const RowMajor<float>>(masks.data(), inputs, positions).cast<double>();
  Tensor y({x.shape()[0], outputs, positions});
  parallel(positions, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) set_position(y, p, linear(features(position(x, p), all_masks.col(p))));
  });
  return y;
}

MaskFit fit_masks(const Tensor& x, const Tensor& y, const MaskFitOptions& options) {
  require_fit(x, y);
  require(options.masks >= 1 && options.rounds >= 0, "mask fit: {} masks and {} rounds; at least 1 and 0 were wanted", options.masks,
          options.rounds);
  MaskFit best;
  double least = HUGE_VAL;
  for (const bool all_active : {true, false}) {
    Fitting fitting(x, y, options, all_active);
    for (int64_t i = 0; i < options.rounds; ++i) fitting.round();
    if (fitting.loss() < least) {
      least = fitting.loss();
      best = fitting.result();
    }
  }
  best.residual = relative_residual(best.predict(x), y);
  return best;
}

Tensor pointwise_fit(const Tensor& x, const Tensor& y, const Tensor& at) {
  require_fit(x, y);
  LeastSquares squares(x.shape()[1], y.shape()[1]);
  for (int64_t p = 0; p < x.shape()[2]; ++p) squares.add(position(x, p), position(y, p));
  const Linear linear = squares.solve();
  Tensor result({at.shape()[0], y.shape()[1], at.shape()[2]});
  for (int64_t p = 0; p < at.shape()[2]; ++p) set_position(result, p, linear(position(at, p)));
  return result;
}

double relative_residual(const Tensor& fit, const Tensor& y) {
  require(fit.shape() == y.shape() && y.shape().rank() == 3, "mask fit: {} beside {}", fit.shape(), y.shape());
  const Cube f(fit), t(y);
  double left = 0, variance = 0;
  for (int64_t k = 0; k < t.c; ++k) {
    double mean = 0;
    for (int64_t n = 0; n < t.n; ++n)
      for (int64_t p = 0; p < t.p; ++p) mean += t.at(n, k, p) / static_cast<double>(t.n * t.p);
    for (int64_t n = 0; n < t.n; ++n)
      for (int64_t p = 0; p < t.p; ++p) {
        left += (t.at(n, k, p) - f.at(n, k, p)) * (t.at(n, k, p) - f.at(n, k, p));
        variance += (t.at(n, k, p) - mean) * (t.at(n, k, p) - mean);
      }
  }
  return variance > 0 ? left / variance : left > 0 ? HUGE_VAL : 0;
}

ConvolutionSample sample_convolution(const Tensor& maps, const Tensor& weight, int64_t channels, int64_t filters, int64_t side) {
  const Shape &m = maps.shape(), &w = weight.shape();
  require(m.rank() == 4 && w.rank() == 4 && w[1] == m[1] && w[2] == 3 && w[3] == 3,
          "mask fit: a 3×3 convolution [K, C, 3, 3] on maps [N, C, H, W] was wanted, got {} on {}", w, m);
  channels = std::min(channels, m[1]);
  filters = std::min(filters, w[0]);
  const int64_t rows = std::min(side, m[2]), columns = std::min(side, m[3]), top = (m[2] - rows) / 2, left = (m[3] - columns) / 2;
  const int64_t positions = rows * columns;
  ConvolutionSample sample{Tensor({m[0], channels, positions}), Tensor({m[0], filters, positions}), Tensor({m[0], filters, positions})};
  parallel(m[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      for (int64_t p = 0; p < positions; ++p) {
        const int64_t h = top + p / columns, v = left + p % columns;
        const auto pixel = [&](int64_t c, int64_t row, int64_t column) {
          const bool inside = row >= 0 && row < m[2] && column >= 0 && column < m[3];
          return inside ? static_cast<double>(maps[((n * m[1] + c) * m[2] + row) * m[3] + column]) : 0.0;
        };
        for (int64_t c = 0; c < channels; ++c) sample.x[(n * channels + c) * positions + p] = static_cast<float>(pixel(c, h, v));
        for (int64_t k = 0; k < filters; ++k) {
          double centre = 0, around = 0;
          for (int64_t c = 0; c < channels; ++c)
            for (int64_t i = 0; i < 9; ++i)
              (i == 4 ? centre : around) += weight[(k * w[1] + c) * 9 + i] * pixel(c, h + i / 3 - 1, v + i % 3 - 1);
          sample.y[(n * filters + k) * positions + p] = static_cast<float>(centre + around);
          sample.noise[(n * filters + k) * positions + p] = static_cast<float>(around);
        }
      }
  });
  return sample;
}

namespace {

/** Less its mean over the images, at each position. */
Tensor without_position_means(const Tensor& t) {
  const Cube c(t);
  Tensor result(t.shape());
  for (int64_t j = 0; j < c.c; ++j)
    for (int64_t p = 0; p < c.p; ++p) {
      double mean = 0;
      for (int64_t n = 0; n < c.n; ++n) mean += c.at(n, j, p) / static_cast<double>(c.n);
      for (int64_t n = 0; n < c.n; ++n) result[(n * c.c + j) * c.p + p] = static_cast<float>(c.at(n, j, p) - mean);
    }
  return result;
}

/** Mean square about each channel's mean, summed over channels. */
double variance(const Tensor& t) {
  const Cube c(t);
  double all = 0;
  const double count = static_cast<double>(c.n * c.p);
  for (int64_t j = 0; j < c.c; ++j) {
    double sum = 0, squares = 0;
    for (int64_t n = 0; n < c.n; ++n)
      for (int64_t p = 0; p < c.p; ++p) sum += c.at(n, j, p);
    for (int64_t n = 0; n < c.n; ++n)
      for (int64_t p = 0; p < c.p; ++p) squares += (c.at(n, j, p) - sum / count) * (c.at(n, j, p) - sum / count);
    all += squares / count;
  }
  return all;
}

}  // namespace

NoiseShares noise_shares(const Tensor& noise, const Tensor& x) {
  require_fit(x, noise);
  const double images = static_cast<double>(noise.shape()[0]), all = variance(noise);
  require(images >= 2, "noise shares: one image has no variance over images; 2 or more were wanted");
  if (!(all > 0)) return {};
  // Means over N images scatter too: what they owe to that is taken off, so that noise without any pattern has the share 0.
  const Tensor rest = without_position_means(noise), own = without_position_means(x);
  const double within = variance(rest) * images / (images - 1);
  const double between = all - variance(rest) - within / images;
  const double left = relative_residual(pointwise_fit(own, rest, own), rest);
  return {.by_mask = std::max(0.0, between / all), .by_pixel = (1 - left) * variance(rest) / all};
}

}  // namespace convscope
