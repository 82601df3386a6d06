#include "convscope/inspect/attribution/surrogate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/inspect/attribution/least_squares.h"
#include "convscope/results/correlation.h"

namespace convscope {

namespace {

std::vector<double> numbers(const Coalition& seen) { return {seen.begin(), seen.end()}; }

double likeness(const std::vector<double>& a, const std::vector<double>& b) { return rank_likeness(a, b); }

double share_told(double residual, double variation) { return variation > 0 ? 1 - residual / variation : 1; }

uint64_t part_of(int64_t number, int64_t draw) { return static_cast<uint64_t>(number) << 32 | static_cast<uint64_t>(draw); }

/** Coalitions of M superpixels by the Shapley kernel: all that there are, or drawn, each with its complement. */
class ShapleyKernel {
 public:
  ShapleyKernel(int64_t count, int64_t samples) : count_(count) {
    constexpr int64_t kMostCounted = 24;
    const int64_t wanted = samples >= 0 ? samples : 2 * count + 2048;
    const int64_t there_are = count <= kMostCounted ? (int64_t{1} << count) - 2 : INT64_MAX;
    all_ = there_are <= wanted;
    samples_ = all_ ? there_are : wanted;
    for (int64_t k = 1; k < count; ++k)
      until_.push_back((until_.empty() ? 0 : until_.back()) + 1.0 / (static_cast<double>(k) * static_cast<double>(count - k)));
  }

  int64_t samples() const { return samples_; }
  bool all() const { return all_; }

  /** Sample s; where not all are asked, s even and s odd are a pair, and pairs by turns of two seeds. */
  Coalition seen(int64_t s, const std::array<RandomStream, 2>& random, int64_t number) const {
    Coalition seen(static_cast<size_t>(count_));
    if (all_) {
      for (size_t i = 0; i < seen.size(); ++i) seen[i] = (s + 1) >> i & 1;
      return seen;
    }
    const int64_t pair = s / 2;
    const RandomStream& own = random[static_cast<size_t>(pair % 2)];
    const uint64_t part = part_of(number, pair);
    // Numbers up to 2 M + 1 are the permutation's.
    const double at = own.uniform(2 * static_cast<uint64_t>(count_) + 2, part) * until_.back();
    const auto size = std::upper_bound(until_.begin(), until_.end(), at) - until_.begin() + 1;
    const std::vector<int64_t> order = permutation(count_, own, part);
    for (int64_t k = 0; k < std::min<int64_t>(size, count_ - 1); ++k) seen[static_cast<size_t>(order[static_cast<size_t>(k)])] = 1;
    if (s % 2 == 1)
      for (char& one : seen) one = !one;
    return seen;
  }

  /** What a coalition of so many weighs: those that are drawn do so by being drawn. */
  double weight(int64_t size) const {
    if (!all_) return 1;
    double ways = 1;
    for (int64_t k = 1; k <= size; ++k) ways *= static_cast<double>(count_ - size + k) / static_cast<double>(k);
    return static_cast<double>(count_ - 1) / (ways * static_cast<double>(size * (count_ - size)));
  }

 private:
  int64_t count_, samples_ = 0;
  bool all_ = false;
  std::vector<double> until_;  // Σ of the sizes' weights up to each
};

/** φ of an image, whose sum is held to what all together add: the last one is what the others leave. */
class HeldSum {
 public:
  HeldSum(int64_t count, double total) : total_(total), sums_(count - 1), answers_(0) {}
  void add(double weight, const Coalition& seen, double gain) {
    std::vector<double> z = numbers(seen);
    const double last = z.back();
    z.pop_back();
    for (double& v : z) v -= last;
    sums_.add(weight, z, gain - last * total_);
    answers_.add(weight, {}, gain);
  }
  void add(const HeldSum& other) {
    sums_.add(other.sums_);
    answers_.add(other.answers_);
  }
  std::vector<double> shares() const {
    std::vector<double> phi = sums_.fit(0, false).beta;
    double rest = total_;
    for (const double v : phi) rest -= v;
    phi.push_back(rest);
    return phi;
  }
  double r2() const { return share_told(sums_.fit(0, false).residual, answers_.variation()); }

 private:
  double total_;
  LeastSquares sums_, answers_;
};

}  // namespace

KernelShap::KernelShap(Options options) : options_(std::move(options)) {
  require(options_.samples == -1 || (options_.samples >= 1 && options_.samples <= 100'000'000),
          "kernel-shap: samples is 1 to 100000000, or -1, got {}", options_.samples);
  check_superpixels(options_.superpixels, "kernel-shap");
}

Maps KernelShap::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const SuperpixelImages images(x, options_.superpixels, "kernel-shap");
  const std::array<RandomStream, 2> random{RandomStream(question.seed, "kernel-shap/one"), RandomStream(question.seed, "kernel-shap/two")};
  std::vector<ShapleyKernel> kernels;
  for (int64_t n = 0; n < images.images(); ++n) {
    kernels.emplace_back(images.count(n), options_.samples);
    require(kernels.back().samples() >= 2 * images.count(n) || kernels.back().all(),
            "kernel-shap: samples is {} for {} superpixels; at least twice as many are wanted, ten times as many tell something",
            options_.samples, images.count(n));
  }
  const auto kernel = [&](int64_t n) -> const ShapleyKernel& { return kernels[static_cast<size_t>(n)]; };
  // Question 0 sees nothing, question 1 all.
  const Coalitions coalitions{[&](int64_t n) { return kernel(n).samples() + 2; },
                              [&](int64_t n, int64_t s) {
                                return s < 2 ? Coalition(static_cast<size_t>(images.count(n)), s == 1)
                                             : kernel(n).seen(s - 2, random, question.number(n));
                              }};
  Maps maps;
  std::vector<std::vector<double>> shares;
  double none = 0;
  std::vector<HeldSum> halves;
  answer_coalitions(subject, question, images, coalitions, [&](int64_t n, int64_t s, const Coalition& seen, double value) {
    if (s == 0) none = value;
    if (s == 1) halves.assign(2, HeldSum(images.count(n), value - none));
    if (s >= 2)
      halves[static_cast<size_t>((s - 2) / 2 % 2)].add(kernel(n).weight(std::count(seen.begin(), seen.end(), 1)), seen, value - none);
    if (s == 1) maps.completeness.push_back({value - none, 0, kernel(n).samples() + 2});
    if (s != kernel(n).samples() + 1) return;
    HeldSum whole = halves[0];
    whole.add(halves[1]);
    shares.push_back(whole.shares());
    const double stability = kernel(n).all() ? 1 : likeness(halves[0].shares(), halves[1].shares());
    maps.surrogates.push_back({images.count(n), kernel(n).samples(), whole.r2(), stability});
  });
  maps.values = images.map(shares);
  return maps;
}

Lime::Lime(Options options) : options_(std::move(options)) {
  require(options_.samples >= 1 && options_.samples <= 100'000'000, "lime: samples is 1 to 100000000, got {}", options_.samples);
  require(options_.width > 0 && std::isfinite(options_.width), "lime: width is above 0, got {}", options_.width);
  require(options_.ridge >= 0 && std::isfinite(options_.ridge), "lime: ridge is 0 or more, got {}", options_.ridge);
  check_superpixels(options_.superpixels, "lime");
}

Maps Lime::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const SuperpixelImages images(x, options_.superpixels, "lime");
  for (int64_t n = 0; n < images.images(); ++n)
    require(options_.samples >= 2 * images.count(n),
            "lime: samples is {} for {} superpixels; at least twice as many are wanted, ten times as many tell something", options_.samples,
            images.count(n));
  const std::array<RandomStream, 2> random{RandomStream(question.seed, "lime/one"), RandomStream(question.seed, "lime/two")};
  const Coalitions coalitions{[&](int64_t) { return options_.samples; },
                              [&](int64_t n, int64_t s) {
                                Coalition seen(static_cast<size_t>(images.count(n)), 1);
                                const RandomStream& own = random[static_cast<size_t>(s % 2)];
                                for (size_t i = 0; s > 0 && i < seen.size(); ++i)
                                  seen[i] = own.uniform(i, part_of(question.number(n), s)) < 0.5f;
                                return seen;
                              }};
  Maps maps;
  std::vector<std::vector<double>> shares;
  std::vector<LeastSquares> halves;
  answer_coalitions(subject, question, images, coalitions, [&](int64_t n, int64_t s, const Coalition& seen, double value) {
    if (s == 0) halves.assign(2, LeastSquares(images.count(n)));
    const double share = static_cast<double>(std::count(seen.begin(), seen.end(), 1)) / static_cast<double>(seen.size());
    const double distance = 1 - std::sqrt(share);
    halves[static_cast<size_t>(s % 2)].add(std::exp(-distance * distance / (2 * options_.width * options_.width)), numbers(seen), value);
    if (s + 1 != options_.samples) return;
    LeastSquares whole = halves[0];
    whole.add(halves[1]);
    const LeastSquares::Fit fit = whole.fit(options_.ridge, true);
    shares.push_back(fit.beta);
    maps.surrogates.push_back({images.count(n), options_.samples, share_told(fit.residual, whole.variation()),
                               likeness(halves[0].fit(options_.ridge / 2, true).beta, halves[1].fit(options_.ridge / 2, true).beta)});
  });
  maps.values = images.map(shares);
  return maps;
}

}  // namespace convscope
