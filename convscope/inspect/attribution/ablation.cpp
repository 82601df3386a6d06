#include "convscope/inspect/attribution/ablation.h"

#include <cmath>

#include "convscope/base/random.h"

namespace convscope {

FeatureAblation::FeatureAblation(Options options) : options_(std::move(options)) { check_superpixels(options_, "feature-ablation"); }

Maps FeatureAblation::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const SuperpixelImages images(x, options_, "feature-ablation");
  std::vector<std::vector<double>> shares(static_cast<size_t>(images.images()));
  double whole = 0;
  // Question 0 sees all, question s all but superpixel s − 1.
  const Coalitions coalitions{[&](int64_t n) { return images.count(n) + 1; },
                              [&](int64_t n, int64_t s) {
                                Coalition seen(static_cast<size_t>(images.count(n)), 1);
                                if (s > 0) seen[static_cast<size_t>(s - 1)] = 0;
                                return seen;
                              }};
  answer_coalitions(subject, question, images, coalitions, [&](int64_t n, int64_t s, const Coalition&, double value) {
    if (s == 0)
      whole = value;
    else
      shares[static_cast<size_t>(n)].push_back(whole - value);
  });
  return {images.map(shares), {}};
}

ShapleySampling::ShapleySampling(Options options) : options_(std::move(options)) {
  require(options_.permutations >= 1 && options_.permutations <= 10'000'000, "shapley-sampling: permutations is 1 to 10000000, got {}",
          options_.permutations);
  check_superpixels(options_.superpixels, "shapley-sampling");
}

Maps ShapleySampling::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const SuperpixelImages images(x, options_.superpixels, "shapley-sampling");
  const RandomStream random(question.seed, "shapley-sampling");
  const auto order = [&](int64_t n, int64_t t) {
    return permutation(images.count(n), random, static_cast<uint64_t>(question.number(n)) << 24 | static_cast<uint64_t>(t));
  };
  // Question 0 sees nothing, question 1 all; then the first 1 … M − 1 of each order.
  const auto inner = [&](int64_t n) { return images.count(n) - 1; };
  const Coalitions coalitions{[&](int64_t n) { return 2 + options_.permutations * inner(n); },
                              [&](int64_t n, int64_t s) {
                                Coalition seen(static_cast<size_t>(images.count(n)), s == 1);
                                if (s < 2) return seen;
                                const std::vector<int64_t> places = order(n, (s - 2) / inner(n));
                                for (int64_t k = 0; k <= (s - 2) % inner(n); ++k)
                                  seen[static_cast<size_t>(places[static_cast<size_t>(k)])] = 1;
                                return seen;
                              }};
  std::vector<std::vector<double>> shares(static_cast<size_t>(images.images()));
  std::vector<Completeness> completeness(shares.size());
  double none = 0, all = 0, before = 0;
  std::vector<int64_t> places;
  answer_coalitions(subject, question, images, coalitions, [&](int64_t n, int64_t s, const Coalition&, double value) {
    std::vector<double>& own = shares[static_cast<size_t>(n)];
    const double part = 1.0 / static_cast<double>(options_.permutations);
    if (s == 0) none = value, own.resize(static_cast<size_t>(images.count(n)));
    if (s == 1) all = value;
    if (s < 2) return;
    const int64_t k = (s - 2) % inner(n);
    if (k == 0) places = order(n, (s - 2) / inner(n)), before = none;
    own[static_cast<size_t>(places[static_cast<size_t>(k)])] += part * (value - before);
    before = value;
    if (k + 1 == inner(n)) own[static_cast<size_t>(places.back())] += part * (all - value);
    double sum = 0;
    for (const double share : own) sum += share;
    completeness[static_cast<size_t>(n)] = {all - none, std::abs(sum - (all - none))};
  });
  Maps maps{images.map(shares), std::move(completeness)};
  for (int64_t n = 0; n < images.images(); ++n)
    maps.notes.push_back(fmt::format("{} superpixels in {} random orders", images.count(n), options_.permutations));
  return maps;
}

}  // namespace convscope
