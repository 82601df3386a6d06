#include "convscope/inspect/concepts/directions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/base/threads.h"
#include "convscope/results/significance.h"
#include "convscope/results/spread.h"

namespace convscope {

namespace {

constexpr int64_t kMostBytes = int64_t{4} << 30;

/** Means of what the node gives, one for each concept and then for each random set, [K + 2 R, F]. */
struct Means {
  int64_t numbers = 0;
  std::vector<double> all;
  std::span<double> row(int64_t i) { return std::span(all).subspan(static_cast<size_t>(i * numbers), static_cast<size_t>(numbers)); }
  std::span<const double> row(int64_t i) const {
    return std::span(all).subspan(static_cast<size_t>(i * numbers), static_cast<size_t>(numbers));
  }
};

/** Counts pictures that went through. */
class Count {
 public:
  Count(const std::function<void(int64_t, int64_t)>& tell, int64_t total) : tell_(tell), total_(total) {}
  void add(int64_t some) {
    done_ += some;
    if (tell_) tell_(done_, total_);
  }

 private:
  const std::function<void(int64_t, int64_t)>& tell_;
  int64_t done_ = 0, total_;
};

void add_rows(const Tensor& y, std::span<double> sum) {
  for (int64_t n = 0; n < y.shape()[0]; ++n) {
    const std::span<const float> row = y.row(n);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += row[i];
  }
}

double dot(std::span<const float> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < b.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/** Share of points on their own mean's side of the middle, each left out of its mean: the mean of both kinds'. */
double separable(const Tensor& a, std::span<const double> mean_a, const Tensor& b, std::span<const double> mean_b) {
  const auto right = [](const Tensor& own, std::span<const double> mean, std::span<const double> other) {
    const double count = static_cast<double>(own.shape()[0]);
    int64_t hits = 0;
    for (int64_t n = 0; n < own.shape()[0]; ++n) {
      const std::span<const float> h = own.row(n);
      double side = 0;
      for (size_t i = 0; i < h.size(); ++i) {
        const double without = (count * mean[i] - h[i]) / (count - 1);
        side += (without - other[i]) * (h[i] - (without + other[i]) / 2);
      }
      hits += side > 0;
    }
    return static_cast<double>(hits) / count;
  };
  return (right(a, mean_a, mean_b) + right(b, mean_b, mean_a)) / 2;
}

}  // namespace

ConceptDirections concept_directions(Subject& subject, const DirectionQuestion& question) {
  const int64_t concepts = std::ssize(question.concepts), sets = question.sets, classes = std::ssize(question.classes);
  int64_t largest = 0;
  for (const ConceptPictures& one : question.concepts) {
    require(one.x.shape()[0] >= 2, "concept '{}' has {} picture{}: at least 2 were wanted", one.name, one.x.shape()[0],
            one.x.shape()[0] == 1 ? "" : "s");
    largest = std::max(largest, one.x.shape()[0]);
  }
  require(question.pictures >= 4, "concepts: {} pictures to draw random sets from; at least 4 were wanted", question.pictures);
  ConceptDirections found;
  found.drawn = std::min(largest, question.pictures / 2);
  const int64_t numbers = subject.shape(question.node).size(), rows = concepts + 2 * sets;
  const int64_t bytes = (rows * 2 + largest + found.drawn) * numbers * static_cast<int64_t>(sizeof(double));
  require(bytes <= kMostBytes, "concepts: means of {} numbers of '{}' take {}, {} is the most; a smaller `node`, or fewer `sets`", numbers,
          question.node, bytes_text(bytes), bytes_text(kMostBytes));

  int64_t total = 2 * sets * found.drawn;
  for (const ConceptPictures& one : question.concepts) total += one.x.shape()[0];
  for (const auto& places : question.of_class) total += std::ssize(places);
  Count count(question.progress, total);

  // Random sets, of which the first is kept: how well a concept can be told from it.
  Means means{numbers, std::vector<double>(static_cast<size_t>(rows * numbers))};
  const RandomStream random(question.seed, "concepts/random sets");
  Tensor first;
  for (int64_t r = 0; r < 2 * sets; ++r) {
    std::vector<int64_t> order = permutation(question.pictures, random, static_cast<uint64_t>(r));
    order.resize(static_cast<size_t>(found.drawn));
    const Tensor y = subject.activation(question.read(order), question.node);
    const Tensor flat = y.reshaped({found.drawn, numbers});
    require(all_finite(flat.span()), "concepts: node '{}' gives numbers that are not finite", question.node);
    add_rows(flat, means.row(concepts + r));
    for (double& v : means.row(concepts + r)) v /= static_cast<double>(found.drawn);
    if (r == 0) first = flat;
    count.add(found.drawn);
  }
  for (int64_t k = 0; k < concepts; ++k) {
    const Tensor& x = question.concepts[static_cast<size_t>(k)].x;
    const Tensor flat = subject.activation(x, question.node).reshaped({x.shape()[0], numbers});
    require(all_finite(flat.span()), "concepts: node '{}' gives numbers that are not finite", question.node);
    add_rows(flat, means.row(k));
    for (double& v : means.row(k)) v /= static_cast<double>(x.shape()[0]);
    found.separable.push_back(separable(flat, means.row(k), first, means.row(concepts)));
    count.add(x.shape()[0]);
  }

  found.concepts.assign(static_cast<size_t>(concepts), std::vector<DirectionScore>(static_cast<size_t>(classes)));
  found.random.resize(static_cast<size_t>(classes));
  for (size_t y = 0; y < static_cast<size_t>(classes); ++y) {
    const std::vector<int64_t>& places = question.of_class[y];
    const int64_t images = std::ssize(places);
    // What each direction's ends are along each picture's slope: ⟨g, a − b⟩ is a difference of two of them.
    std::vector<double> along(static_cast<size_t>(images * rows));
    for (int64_t from = 0; from < images; from += subject.batch()) {
      const int64_t some = std::min(subject.batch(), images - from);
      const Tensor x = question.read(std::span(places).subspan(static_cast<size_t>(from), static_cast<size_t>(some)));
      const Passed passed = subject.pass(x, {.objective = {}, .gradients = {question.node}},
                                         std::vector<int64_t>(static_cast<size_t>(some), question.classes[y]));
      const Tensor& gradient = passed.gradients.at(question.node);
      require(all_finite(gradient.span()), "concepts: slopes at node '{}' are not finite", question.node);
      parallel(some, 1, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n)
          for (int64_t i = 0; i < rows; ++i) along[static_cast<size_t>((from + n) * rows + i)] = dot(gradient.row(n), means.row(i));
      });
      count.add(some);
    }
    const auto share = [&](int64_t towards, int64_t against) {
      int64_t up = 0;
      for (int64_t n = 0; n < images; ++n)
        up += along[static_cast<size_t>(n * rows + towards)] > along[static_cast<size_t>(n * rows + against)];
      return static_cast<double>(up) / static_cast<double>(images);
    };
    std::vector<double> slopes(static_cast<size_t>(rows));  // of all the class's pictures along each mean
    for (int64_t n = 0; n < images; ++n)
      for (int64_t i = 0; i < rows; ++i) slopes[static_cast<size_t>(i)] += along[static_cast<size_t>(n * rows + i)];
    const Spread usual = spread_of(std::span<const double>(slopes).subspan(static_cast<size_t>(concepts)));
    // Sets that share pictures lie closer together than independent ones.
    const double drawn = static_cast<double>(found.drawn),
                 wide = usual.deviation / std::sqrt(1 - drawn / static_cast<double>(question.pictures));
    for (int64_t k = 0; k < concepts; ++k) {
      const double apart = slopes[static_cast<size_t>(k)] - usual.mean;
      const double pictures = static_cast<double>(question.concepts[static_cast<size_t>(k)].x.shape()[0]);
      const double expected = wide * std::sqrt(drawn / pictures + 0.5 / static_cast<double>(sets));
      double& p = found.concepts[static_cast<size_t>(k)][y].p;
      if (images > 0) p = expected > 0 ? two_sided_t(apart / expected, static_cast<double>(2 * sets - 1)) : 1;
    }
    for (int64_t r = 0; r < sets; ++r) {
      for (int64_t k = 0; k < concepts; ++k) found.concepts[static_cast<size_t>(k)][y].scores.push_back(share(k, concepts + r));
      found.random[y].scores.push_back(share(concepts + sets + r, concepts + r));
    }
  }
  return found;
}

}  // namespace convscope
