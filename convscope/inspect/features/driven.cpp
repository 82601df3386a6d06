#include "convscope/inspect/features/driven.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "convscope/base/threads.h"

namespace convscope {

SeededNetwork::Slopes DrivenNumbers::slopes(const Tensor& x, bool) {
  SeededNetwork::Slopes slopes{subject_.slope(x, objective_, targets_).gradient, std::vector<int64_t>(targets_.size())};
  if (down_)
    for (float& v : slopes.gradient.span()) v = -v;
  return slopes;
}

DrivenSums::DrivenSums(SeededNetwork& network, std::vector<FeatureSum> sums, std::vector<int64_t> which, DrivenSumsOptions options)
    : network_(network), sums_(std::move(sums)), which_(std::move(which)), options_(options) {
  for (const FeatureSum& sum : sums_)
    for (const FeatureTerm& term : sum.terms)
      steady_ = steady_ && (term.of != FeatureTerm::Of::layer && (term.of != FeatureTerm::Of::direction || options_.power == 0));
  steady_ = steady_ && options_.diversity == 0;
}

size_t DrivenSums::place_of(const std::string& node) const {
  return static_cast<size_t>(std::find(network_.nodes().begin(), network_.nodes().end(), node) - network_.nodes().begin());
}

double DrivenSums::number(const FeatureSum& sum, std::span<const float> given, std::span<const float> picture) const {
  double total = 0;
  for (const FeatureTerm& term : sum.terms) {
    if (term.of == FeatureTerm::Of::variation) {
      total += term.factor * total_variation(picture, network_.image(), 0, {});
      continue;
    }
    const size_t k = place_of(term.node);
    const Shape& shape = network_.shape(k);
    const auto own = given.subspan(static_cast<size_t>(network_.begin(k)), static_cast<size_t>(shape.size()));
    total += term.factor * term_of_node(term, shape, own, options_.power, 0, {});
  }
  return total;
}

std::vector<double> DrivenSums::table(const Tensor& x) {
  const Tensor given = network_.given(x);
  std::vector<double> all(static_cast<size_t>(x.shape()[0]) * sums_.size());
  parallel(x.shape()[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      for (size_t k = 0; k < sums_.size(); ++k) all[static_cast<size_t>(n) * sums_.size() + k] = number(sums_[k], given.row(n), x.row(n));
  });
  return all;
}

std::vector<double> DrivenSums::numbers(const Tensor& x) {
  const Tensor given = network_.given(x);
  std::vector<double> all;
  for (int64_t n = 0; n < count(); ++n)
    all.push_back(number(sums_[static_cast<size_t>(which_[static_cast<size_t>(n)])], given.row(n), x.row(n)));
  return all;
}

SeededNetwork::Slopes DrivenSums::slopes(const Tensor& x, bool redirected) {
  int64_t numbers = 0;
  for (size_t k = 0; k < network_.nodes().size(); ++k) numbers += network_.shape(k).size();
  Tensor seeds({count(), numbers});
  // Seeds that hang on what the nodes give take a pass forward first.
  const Tensor given = steady_ ? Tensor(seeds.shape()) : network_.given(x);
  const double way = options_.down ? -1 : 1;
  parallel(count(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      for (const FeatureTerm& term : sums_[static_cast<size_t>(which_[static_cast<size_t>(n)])].terms) {
        if (term.node.empty()) continue;
        const size_t k = place_of(term.node);
        const Shape& shape = network_.shape(k);
        const auto first = static_cast<size_t>(network_.begin(k)), size = static_cast<size_t>(shape.size());
        term_of_node(term, shape, given.row(n).subspan(first, size), options_.power, way * term.factor, seeds.row(n).subspan(first, size));
      }
  });
  if (options_.diversity != 0) add_diversity(given, seeds);
  SeededNetwork::Slopes slopes = network_.slopes(x, seeds, redirected);
  for (int64_t n = 0; n < count(); ++n)
    for (const FeatureTerm& term : sums_[static_cast<size_t>(which_[static_cast<size_t>(n)])].terms)
      if (term.of == FeatureTerm::Of::variation) total_variation(x.row(n), network_.image(), way * term.factor, slopes.gradient.row(n));
  return slopes;
}

namespace {

/** Gram matrix [C, C] of what a node gives, divided by its length, and that length. */
struct Gram {
  std::vector<double> unit;
  double length = 0;
};

Gram gram_of(std::span<const float> a, size_t channels) {
  constexpr double kBeside = 1e-10;
  const size_t places = a.size() / channels;
  Gram gram{std::vector<double>(channels * channels), 0};
  for (size_t i = 0; i < channels; ++i)
    for (size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (size_t p = 0; p < places; ++p) sum += static_cast<double>(a[i * places + p]) * a[j * places + p];
      gram.unit[i * channels + j] = gram.unit[j * channels + i] = sum;
    }
  double squares = 0;
  for (const double v : gram.unit) squares += v * v;
  gram.length = std::sqrt(squares) + kBeside;
  for (double& v : gram.unit) v /= gram.length;
  return gram;
}

}  // namespace

void DrivenSums::add_diversity(const Tensor& given, Tensor& seeds) const {
  std::map<int64_t, std::vector<int64_t>> groups;
  for (int64_t n = 0; n < count(); ++n) groups[which_[static_cast<size_t>(n)]].push_back(n);
  for (const auto& [which, group] : groups) {
    if (group.size() < 2) continue;
    const std::vector<FeatureTerm>& terms = sums_[static_cast<size_t>(which)].terms;
    const auto term = std::find_if(terms.begin(), terms.end(), [](const FeatureTerm& t) { return !t.node.empty(); });
    const size_t k = place_of(term->node);
    const Shape& shape = network_.shape(k);
    const auto channels = static_cast<size_t>(shape[0]), places = static_cast<size_t>(shape.size()) / channels;
    const auto first = static_cast<size_t>(network_.begin(k)), size = static_cast<size_t>(shape.size());
    std::vector<Gram> grams(group.size());
    std::vector<double> all(channels * channels);
    parallel(std::ssize(group), 1, [&](int64_t begin, int64_t end) {
      for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
        grams[i] = gram_of(given.row(group[i]).subspan(first, size), channels);
    });
    for (const Gram& gram : grams)
      for (size_t i = 0; i < all.size(); ++i) all[i] += gram.unit[i];
    parallel(std::ssize(group), 1, [&](int64_t begin, int64_t end) {
      for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
        const Gram& own = grams[i];
        std::vector<double> others(all.size());
        double together = 0;
        for (size_t e = 0; e < all.size(); ++e) {
          others[e] = all[e] - own.unit[e];
          together += others[e] * own.unit[e];
        }
        // Each pair counts twice, and the Gram matrix is a product of a with itself: 2 · 2.
        const double factor = -4 * options_.diversity / static_cast<double>(group.size()) / own.length;
        const std::span<const float> a = given.row(group[i]).subspan(first, size);
        const std::span<float> to = seeds.row(group[i]).subspan(first, size);
        for (size_t c = 0; c < channels; ++c)
          for (size_t d = 0; d < channels; ++d) {
            const double slope = factor * (others[c * channels + d] - together * own.unit[c * channels + d]);
            for (size_t p = 0; p < places; ++p) to[c * places + p] += static_cast<float>(slope * a[d * places + p]);
          }
      }
    });
  }
}

}  // namespace convscope
