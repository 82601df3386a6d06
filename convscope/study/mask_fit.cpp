#include "convscope/study/mask_fit.h"

#include <algorithm>
#include <cmath>
#include <span>

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

/** Symmetric, positive definite systems of D unknowns. */
class Symmetric {
 public:
  explicit Symmetric(int64_t d) : d_(static_cast<size_t>(d)), a_(d_ * d_) {}
  double& at(size_t i, size_t j) { return a_[i * d_ + j]; }  // i ≥ j
  size_t size() const { return d_; }

  void add(const Symmetric& other) {
    for (size_t i = 0; i < a_.size(); ++i) a_[i] += other.a_[i];
  }
  double mean_diagonal() const {
    double sum = 0;
    for (size_t i = 0; i < d_; ++i) sum += a_[i * d_ + i];
    return sum / static_cast<double>(d_);
  }

  /** Cholesky: A = L Lᵀ in place; false where A is not positive definite. */
  bool factorise() {
    for (size_t j = 0; j < d_; ++j) {
      for (size_t i = j; i < d_; ++i) {
        double sum = at(i, j);
        for (size_t k = 0; k < j; ++k) sum -= at(i, k) * at(j, k);
        if (i == j && !(sum > 0)) return false;
        at(i, j) = i == j ? std::sqrt(sum) : sum / at(j, j);
      }
    }
    return true;
  }
  /** After `factorise`: b becomes A⁻¹ b. */
  void solve(std::span<double> b) {
    for (size_t i = 0; i < d_; ++i) {
      for (size_t k = 0; k < i; ++k) b[i] -= at(i, k) * b[k];
      b[i] /= at(i, i);
    }
    for (size_t i = d_; i-- > 0;) {
      for (size_t k = i + 1; k < d_; ++k) b[i] -= at(k, i) * b[k];
      b[i] /= at(i, i);
    }
  }

 private:
  size_t d_;
  std::vector<double> a_;
};

/** y ≈ Σ_d w[k, d] z_d + b_k over many samples, by the normal equations with a small ridge. */
struct Linear {
  std::vector<double> w, b;  // [K, D], [K]
};
class LeastSquares {
 public:
  LeastSquares(int64_t inputs, int64_t outputs)
      : d_(static_cast<size_t>(inputs)), k_(static_cast<size_t>(outputs)), gram_(inputs + 1), right_((d_ + 1) * k_) {}

  void sample(std::span<const double> z, std::span<const double> y) {
    for (size_t i = 0; i < d_; ++i) {
      if (z[i] == 0) continue;  // many ReLUs are
      for (size_t j = 0; j <= i; ++j) gram_.at(i, j) += z[i] * z[j];
      gram_.at(d_, i) += z[i];
      for (size_t k = 0; k < k_; ++k) right_[k * (d_ + 1) + i] += z[i] * y[k];
    }
    gram_.at(d_, d_) += 1;
    for (size_t k = 0; k < k_; ++k) right_[k * (d_ + 1) + d_] += y[k];
  }
  void add(const LeastSquares& other) {
    gram_.add(other.gram_);
    for (size_t i = 0; i < right_.size(); ++i) right_[i] += other.right_[i];
  }
  Linear solve() {
    const double ridge = 1e-6 * gram_.mean_diagonal() + 1e-30;
    for (size_t i = 0; i <= d_; ++i) gram_.at(i, i) += ridge;
    Linear l{std::vector<double>(k_ * d_), std::vector<double>(k_)};
    if (!gram_.factorise()) fail("mask fit: inputs that are not finite");
    for (size_t k = 0; k < k_; ++k) {
      const std::span<double> column(right_.data() + k * (d_ + 1), d_ + 1);
      gram_.solve(column);
      std::copy_n(column.begin(), d_, l.w.begin() + static_cast<std::ptrdiff_t>(k * d_));
      l.b[k] = column[d_];
    }
    return l;
  }

 private:
  size_t d_, k_;
  Symmetric gram_;
  std::vector<double> right_;
};

/** One fit in the making. */
class Fitting {
 public:
  Fitting(const Tensor& x, const Tensor& y, const MaskFitOptions& options, bool all_active)
      : x_(x), y_(y), m_(options.masks), d_(x_.c * m_), masks_(static_cast<size_t>(d_ * x_.p)), damping_(static_cast<size_t>(x_.p), 1e-2) {
    double squares = 0;
    float least = 0;
    for (const float v : x.span()) squares += static_cast<double>(v) * v, least = std::min(least, v);
    const double scale = std::sqrt(squares / static_cast<double>(x.size())) + 1e-12;
    const RandomStream random(options.seed, "mask-fit");
    for (size_t i = 0; i < masks_.size(); ++i) {
      const double u = random.uniform(i);
      masks_[i] = all_active ? u * scale - least : (2 * u - 1) * scale;
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
    fit.masks = Tensor({x_.c, m_, x_.p});
    for (int64_t d = 0; d < d_; ++d)
      for (int64_t p = 0; p < x_.p; ++p) fit.masks[d * x_.p + p] = static_cast<float>(mask(p, d));
    fit.w = linear_.w;
    fit.b = linear_.b;
    return fit;
  }

 private:
  double mask(int64_t p, int64_t d) const { return masks_[static_cast<size_t>(p * d_ + d)]; }
  void features(int64_t n, int64_t p, std::span<const double> masks, std::span<double> z) const {
    for (int64_t c = 0, d = 0; c < x_.c; ++c)
      for (int64_t m = 0; m < m_; ++m, ++d) z[static_cast<size_t>(d)] = std::max(0.0, x_.at(n, c, p) + masks[static_cast<size_t>(d)]);
  }
  std::span<const double> masks_at(int64_t p) const { return {masks_.data() + p * d_, static_cast<size_t>(d_)}; }

  /** y − b − W z. */
  void rest(int64_t n, int64_t p, std::span<const double> z, std::span<double> r) const {
    for (int64_t k = 0; k < y_.c; ++k) {
      const double* w = linear_.w.data() + k * d_;
      double sum = y_.at(n, k, p) - linear_.b[static_cast<size_t>(k)];
      for (int64_t d = 0; d < d_; ++d) sum -= w[d] * z[static_cast<size_t>(d)];
      r[static_cast<size_t>(k)] = sum;
    }
  }
  double loss_at(int64_t p, std::span<const double> masks) const {
    std::vector<double> z(static_cast<size_t>(d_)), r(static_cast<size_t>(y_.c));
    double sum = 0;
    for (int64_t n = 0; n < x_.n; ++n) {
      features(n, p, masks, z);
      rest(n, p, z, r);
      for (const double v : r) sum += v * v;
    }
    return sum;
  }
  void measure() {
    std::vector<double> losses(static_cast<size_t>(x_.p));
    parallel(x_.p, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) losses[static_cast<size_t>(p)] = loss_at(p, masks_at(p));
    });
    loss_ = 0;
    for (const double v : losses) loss_ += v;
  }

  void fit_weights() {
    constexpr int64_t kPieces = 8;  // the same sums with any count of threads
    std::vector<LeastSquares> parts(kPieces, LeastSquares(d_, y_.c));
    parallel(kPieces, 1, [&](int64_t begin, int64_t end) {
      std::vector<double> z(static_cast<size_t>(d_)), y(static_cast<size_t>(y_.c));
      for (int64_t piece = begin; piece < end; ++piece)
        for (int64_t p = piece * x_.p / kPieces; p < (piece + 1) * x_.p / kPieces; ++p)
          for (int64_t n = 0; n < x_.n; ++n) {
            features(n, p, masks_at(p), z);
            for (int64_t k = 0; k < y_.c; ++k) y[static_cast<size_t>(k)] = y_.at(n, k, p);
            parts[static_cast<size_t>(piece)].sample(z, y);
          }
    });
    for (size_t i = 1; i < parts.size(); ++i) parts[0].add(parts[i]);
    linear_ = parts[0].solve();
    measure();
  }

  void step_masks() {
    Symmetric products(d_);  // WᵀW
    for (int64_t i = 0; i < d_; ++i)
      for (int64_t j = 0; j <= i; ++j)
        for (int64_t k = 0; k < y_.c; ++k)
          products.at(static_cast<size_t>(i), static_cast<size_t>(j)) +=
              linear_.w[static_cast<size_t>(k * d_ + i)] * linear_.w[static_cast<size_t>(k * d_ + j)];
    parallel(x_.p, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) step_masks_at(p, products);
    });
    measure();
  }

  /**
   * Where a map is active its slope for the mask is the weight, else 0: JᵀJ is WᵀW, each product counted for the images in which both maps
   * are active.
   */
  void step_masks_at(int64_t p, Symmetric products) {
    const size_t d_all = static_cast<size_t>(d_);
    std::vector<double> z(d_all), r(static_cast<size_t>(y_.c)), slope(d_all, 0.0);
    Symmetric both(d_);
    std::vector<size_t> active;
    double before = 0;
    for (int64_t n = 0; n < x_.n; ++n) {
      features(n, p, masks_at(p), z);
      rest(n, p, z, r);
      active.clear();
      for (size_t d = 0; d < d_all; ++d)
        if (z[d] > 0) active.push_back(d);
      for (size_t k = 0; k < r.size(); ++k) {
        before += r[k] * r[k];
        for (const size_t d : active) slope[d] += linear_.w[k * d_all + d] * r[k];
      }
      for (size_t i = 0; i < active.size(); ++i)
        for (size_t j = 0; j <= i; ++j) both.at(active[i], active[j]) += 1;
    }
    for (size_t i = 0; i < d_all; ++i)
      for (size_t j = 0; j <= i; ++j) products.at(i, j) *= both.at(i, j);
    const double scale = products.mean_diagonal();
    double& damping = damping_[static_cast<size_t>(p)];
    if (!(scale > 0)) return;  // no map is active: there is no slope
    constexpr int kTries = 4;
    for (int i = 0; i < kTries; ++i) {
      Symmetric damped = products;
      for (size_t d = 0; d < d_all; ++d) damped.at(d, d) += damping * scale;
      std::vector<double> step = slope;
      if (damped.factorise()) {
        damped.solve(step);
        for (size_t d = 0; d < d_all; ++d) step[d] += masks_at(p)[d];
        if (loss_at(p, step) < before) {
          std::copy(step.begin(), step.end(), masks_.begin() + p * d_);
          damping = std::max(damping / 4, 1e-9);
          return;
        }
      }
      damping *= 8;
    }
  }

  Cube x_, y_;
  int64_t m_, d_;
  std::vector<double> masks_;  // [P, C M]
  std::vector<double> damping_;
  Linear linear_;
  double loss_ = 0;
};

}  // namespace

Tensor MaskFit::predict(const Tensor& x) const {
  const Cube in(x);
  const int64_t m = masks.shape()[1], outputs = static_cast<int64_t>(b.size()), d = in.c * m;
  require(masks.shape()[0] == in.c && masks.shape()[2] == in.p, "mask fit: masks {} for an input {}", masks.shape(), x.shape());
  Tensor y({in.n, outputs, in.p});
  parallel(in.n, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> z(static_cast<size_t>(d));
    for (int64_t n = begin; n < end; ++n)
      for (int64_t p = 0; p < in.p; ++p) {
        for (int64_t i = 0; i < d; ++i) z[static_cast<size_t>(i)] = std::max(0.0, in.at(n, i / m, p) + masks[i * in.p + p]);
        for (int64_t k = 0; k < outputs; ++k) {
          double sum = b[static_cast<size_t>(k)];
          for (int64_t i = 0; i < d; ++i) sum += w[static_cast<size_t>(k * d + i)] * z[static_cast<size_t>(i)];
          y[(n * outputs + k) * in.p + p] = static_cast<float>(sum);
        }
      }
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
  const Cube in(x), out(y), other(at);
  LeastSquares squares(in.c, out.c);
  std::vector<double> z(static_cast<size_t>(in.c)), target(static_cast<size_t>(out.c));
  for (int64_t n = 0; n < in.n; ++n)
    for (int64_t p = 0; p < in.p; ++p) {
      for (int64_t c = 0; c < in.c; ++c) z[static_cast<size_t>(c)] = in.at(n, c, p);
      for (int64_t k = 0; k < out.c; ++k) target[static_cast<size_t>(k)] = out.at(n, k, p);
      squares.sample(z, target);
    }
  const Linear l = squares.solve();
  Tensor result({other.n, out.c, other.p});
  for (int64_t n = 0; n < other.n; ++n)
    for (int64_t k = 0; k < out.c; ++k)
      for (int64_t p = 0; p < other.p; ++p) {
        double sum = l.b[static_cast<size_t>(k)];
        for (int64_t c = 0; c < in.c; ++c) sum += l.w[static_cast<size_t>(k * in.c + c)] * other.at(n, c, p);
        result[(n * out.c + k) * other.p + p] = static_cast<float>(sum);
      }
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
