#include "convscope/tensor/t_sne.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"

namespace convscope {
namespace {

/** The same numbers are given to scikit-learn 1.9.1 for the figures below: sin(0.7 n (d + 1)) + 0.1 ((7 n + 3 d) mod 11). */
Tensor waves() {
  Tensor x({40, 6});
  for (int64_t n = 0; n < 40; ++n)
    for (int64_t d = 0; d < 6; ++d)
      x[n * 6 + d] = static_cast<float>(std::sin(0.7 * static_cast<double>(n * (d + 1))) + 0.1 * static_cast<double>((n * 7 + d * 3) % 11));
  return x;
}

TEST(Trustworthiness, IsAsScikitLearnHasIt) {
  const Tensor x = waves();
  Tensor y({40, 2});
  for (int64_t n = 0; n < 40; ++n)
    for (int64_t d = 0; d < 2; ++d) y[n * 2 + d] = x[n * 6 + d];
  const Tensor apart = squared_distances(x);
  EXPECT_NEAR(trustworthiness(apart, y, 5), 0.69921875, 1e-9);
  EXPECT_NEAR(trustworthiness(apart, y, 12), 0.7125, 1e-9);
  EXPECT_THROW_SAYING(trustworthiness(apart, y, 20), "fewer than half");
}

TEST(Trustworthiness, OfThePointsThemselvesIsOne) {
  Tensor x({20, 2});
  for (int64_t i = 0; i < x.size(); ++i) x[i] = RandomStream(1, "plane").normal(static_cast<uint64_t>(i));
  EXPECT_EQ(trustworthiness(squared_distances(x), x, 6), 1);
}

/** scikit-learn 1.9.1, exact, from the principal components: divergence 0.2184, trustworthiness by 5 neighbours 0.952. */
TEST(Tsne, KeepsNeighboursAsWellAsScikitLearn) {
  const Tensor x = waves();
  int64_t told = 0;
  const Tsne made = t_sne(x, {.perplexity = 8, .progress = [&](int64_t done, int64_t) { told = done; }});
  EXPECT_EQ(told, 1000);
  EXPECT_LT(made.divergence, 0.24);
  EXPECT_GT(made.divergence, 0.19);
  EXPECT_GT(trustworthiness(squared_distances(x), made.map, 5), 0.93);
  const int before = threads();
  set_threads(3);
  EXPECT_EQ(max_difference(t_sne(x, {.perplexity = 8}).map, made.map), 0);
  set_threads(before);
}

TEST(Tsne, KeepsHeapsApart) {
  Tensor x({60, 8});
  const RandomStream random(1, "heaps");
  for (int64_t n = 0; n < 60; ++n)
    for (int64_t d = 0; d < 8; ++d)
      x[n * 8 + d] = (d == n % 3 ? 10.0f : 0.0f) + random.normal(static_cast<uint64_t>(d), static_cast<uint64_t>(n));
  const Tsne made = t_sne(x, {.perplexity = 10, .iterations = 400});
  const Tensor apart = squared_distances(made.map);
  for (int64_t n = 0; n < 60; ++n) {
    int64_t nearest = -1;
    for (int64_t m = 0; m < 60; ++m)
      if (m != n && (nearest < 0 || apart[n * 60 + m] < apart[n * 60 + nearest])) nearest = m;
    EXPECT_EQ(nearest % 3, n % 3) << n;
  }
}

TEST(Tsne, OfPointsThatAreAllTheSameAndOfTooFewSaysSo) {
  const Tsne same = t_sne(Tensor({10, 3}), {.perplexity = 3, .iterations = 20});
  EXPECT_TRUE(all_finite(same.map.span()));
  EXPECT_THROW_SAYING(t_sne(Tensor({3, 3}), {.perplexity = 1}), "at least 4 points");
  EXPECT_THROW_SAYING(t_sne(Tensor({10, 3}), {.perplexity = 30}), "a perplexity of 30 among 10 points");
}

}  // namespace
}  // namespace convscope
