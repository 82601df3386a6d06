#include "convscope/tensor/k_means.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"

namespace convscope {
namespace {

/** 60 points about three far corners of a space of 40 dimensions, in turn. */
Tensor three_heaps() {
  Tensor x({60, 40});
  const RandomStream random(1, "heaps");
  for (int64_t n = 0; n < 60; ++n)
    for (int64_t d = 0; d < 40; ++d)
      x[n * 40 + d] = (d == n % 3 ? 10.0f : 0.0f) + 0.1f * random.normal(static_cast<uint64_t>(d), static_cast<uint64_t>(n));
  return x;
}

TEST(KMeansClusters, FindHeapsThatAreFarApart) {
  const Tensor x = three_heaps();
  const KMeans means = k_means(x, {.clusters = 3, .restarts = 3});
  for (int64_t n = 3; n < 60; ++n) EXPECT_EQ(means.cluster[static_cast<size_t>(n)], means.cluster[static_cast<size_t>(n % 3)]);
  EXPECT_NE(means.cluster[0], means.cluster[1]);
  EXPECT_NE(means.cluster[1], means.cluster[2]);
  double inertia = 0;
  for (int64_t n = 0; n < 60; ++n)
    for (int64_t d = 0; d < 40; ++d)
      inertia += std::pow(static_cast<double>(x[n * 40 + d]) - means.centres[means.cluster[static_cast<size_t>(n)] * 40 + d], 2);
  EXPECT_NEAR(means.inertia, inertia, 1e-3 * inertia);
}

TEST(KMeansClusters, AreNeverEmptyAndTheSameForAnyThreads) {
  const Tensor x = three_heaps();
  const int before = threads();
  const KMeans two = k_means(x, {.clusters = 20, .restarts = 2});
  set_threads(1);
  const KMeans one = k_means(x, {.clusters = 20, .restarts = 2});
  set_threads(before);
  EXPECT_EQ(one.cluster, two.cluster);
  std::vector<int> sizes(20);
  for (const int64_t k : two.cluster) ++sizes[static_cast<size_t>(k)];
  for (const int size : sizes) EXPECT_GT(size, 0);
}

TEST(KMeansClusters, HoldEachPointByItsNearestCentre) {
  Tensor x({300, 24});  // no heaps: many points lie between centres, and centres move long
  const RandomStream random(1, "cloud");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.normal(static_cast<uint64_t>(i));
  const KMeans means = k_means(x, {.clusters = 12, .restarts = 1});
  for (int64_t n = 0; n < 300; ++n) {
    std::vector<double> apart(12);
    for (int64_t k = 0; k < 12; ++k)
      for (int64_t d = 0; d < 24; ++d)
        apart[static_cast<size_t>(k)] += std::pow(static_cast<double>(x[n * 24 + d]) - means.centres[k * 24 + d], 2);
    EXPECT_NEAR(apart[static_cast<size_t>(means.cluster[static_cast<size_t>(n)])], *std::min_element(apart.begin(), apart.end()), 1e-5);
  }
}

TEST(KMeansClusters, OfEqualPointsStillEnd) { EXPECT_EQ(k_means(Tensor({8, 3}), {.clusters = 4, .restarts = 2}).inertia, 0); }

TEST(KMeansClusters, ThereAreNoMoreOfThanPoints) { EXPECT_THROW_SAYING(k_means(Tensor({3, 2}), {.clusters = 4}), "1 to 3"); }

TEST(PrincipalComponents, AreTheLongAxesInOrder) {
  Tensor x({200, 12});
  const RandomStream random(1, "axes");
  for (int64_t n = 0; n < 200; ++n)
    for (int64_t d = 0; d < 12; ++d)
      x[n * 12 + d] = 3 + (d == 7 ? 9.0f : d == 2 ? 4.0f : 0.2f) * random.normal(static_cast<uint64_t>(d), static_cast<uint64_t>(n));
  const Tensor on = principal_components(x, 2);
  double variance[2] = {}, mean[2] = {}, across = 0;
  for (int64_t n = 0; n < 200; ++n) {
    for (int64_t k = 0; k < 2; ++k)
      mean[k] += on[2 * n + k] / 200.0, variance[k] += on[2 * n + k] * static_cast<double>(on[2 * n + k]) / 200;
    across += on[2 * n] * static_cast<double>(on[2 * n + 1]) / 200;
  }
  EXPECT_NEAR(mean[0], 0, 1e-4);
  EXPECT_NEAR(std::sqrt(variance[0]), 9, 1.5);
  EXPECT_NEAR(std::sqrt(variance[1]), 4, 0.8);
  EXPECT_NEAR(across, 0, 1e-2);
}

}  // namespace
}  // namespace convscope
