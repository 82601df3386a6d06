#include "convscope/inspect/clusters/clusters.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

class ClustersOfHeaps : public ::testing::Test {
 protected:
  ClustersOfHeaps() : points({90, 6}), labels(90) {
    const RandomStream random(1, "cluster heaps");
    for (int64_t n = 0; n < 90; ++n) {
      labels[static_cast<size_t>(n)] = n % 3;
      for (int64_t d = 0; d < 6; ++d)
        points[n * 6 + d] = (d == n % 3 ? 5.0f : 0.0f) + 0.1f * random.normal(static_cast<uint64_t>(d), static_cast<uint64_t>(n));
    }
  }
  Tensor points;
  std::vector<int64_t> labels;
};

TEST_F(ClustersOfHeaps, ArePureWhereClassesAreHeaps) {
  const Clusters found = find_clusters(points, labels, 3, {.k_means = {.clusters = 3}});
  EXPECT_EQ(found.purity, 1);
  EXPECT_LT(found.chance, 0.6);
  EXPECT_GT(found.chance, 0.33);
  for (const Cluster& c : found.clusters) {
    EXPECT_EQ(c.members.size(), 30u);
    EXPECT_EQ(c.purity, 1);
  }
  EXPECT_EQ(found.map.shape(), (Shape{90, 2}));
}

TEST_F(ClustersOfHeaps, HaveTheirMembersNearestFirst) {
  points[0] = 5.0f + 2.0f;  // image 0 stays in its heap, far out
  const Clusters found = find_clusters(points, labels, 3, {.k_means = {.clusters = 3}});
  for (const Cluster& c : found.clusters) {
    if (c.histogram[0] > 0) {
      EXPECT_EQ(c.members.back(), 0);
    }
  }
}

TEST_F(ClustersOfHeaps, StandardisedDoNotCareForScales) {
  for (int64_t n = 0; n < 90; ++n) points[n * 6 + 5] = n % 2 ? 1e4f : -1e4f;  // a loud number that says nothing
  EXPECT_LT(find_clusters(points, labels, 3, {.k_means = {.clusters = 2}}).purity, 0.5);
  EXPECT_GT(find_clusters(points, labels, 3, {.k_means = {.clusters = 6}, .standardise = true}).purity, 0.95);
}

TEST(ClustersOfEqualPoints, AreNoMoreThanThereAreDifferentPoints) {
  Tensor points({12, 3});
  std::vector<int64_t> labels(12);
  for (int64_t n = 0; n < 12; ++n) {
    labels[static_cast<size_t>(n)] = n % 2;
    for (int64_t d = 0; d < 3; ++d) points[3 * n + d] = static_cast<float>(n % 2) + (n == 5 && d == 0 ? 1e-7f : 0.0f);
  }
  const Clusters found = find_clusters(points, labels, 2, {.k_means = {.clusters = 4, .restarts = 2}});
  ASSERT_EQ(found.clusters.size(), 2u);
  for (const Cluster& c : found.clusters) EXPECT_EQ(c.members.size(), 6u);
  EXPECT_EQ(found.purity, 1);
}

TEST_F(ClustersOfHeaps, HaveAMapByNeighboursThatCanBeTrustedMore) {
  const Clusters found = find_clusters(points, labels, 3, {.k_means = {.clusters = 3}, .perplexity = 1000});
  const NeighbourMap& map = found.neighbour_map;
  EXPECT_EQ(map.map.shape(), (Shape{90, 2}));
  EXPECT_NEAR(map.perplexity, 89.0 / 3, 1e-12) << "no more than the points bear";
  EXPECT_EQ(map.neighbours, 12);
  EXPECT_GT(map.trustworthiness, map.of_variance);
  EXPECT_EQ(find_clusters(points, labels, 3, {.k_means = {.clusters = 3}}).neighbour_map.map.size(), 0);
}

TEST_F(ClustersOfHeaps, KnowWhatIsNearAPoint) {
  const Clusters found = find_clusters(points, labels, 3, {.k_means = {.clusters = 3}, .near = {4, 0}, .neighbours = 5});
  ASSERT_EQ(found.near.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const int64_t own = i == 0 ? 4 : 0;
    ASSERT_EQ(found.near[i].size(), 5u);
    double before = 0;
    for (const Neighbour& one : found.near[i]) {
      EXPECT_NE(one.point, own);
      EXPECT_EQ(one.point % 3, own % 3) << "of its heap";
      EXPECT_GE(one.apart, before);
      before = one.apart;
    }
    double least = 1e30;
    for (int64_t n = 0; n < 90; ++n) {
      double squares = 0;
      for (int64_t d = 0; d < 6; ++d) squares += std::pow(points[n * 6 + d] - points[own * 6 + d], 2);
      if (n != own) least = std::min(least, std::sqrt(squares));
    }
    EXPECT_NEAR(found.near[i][0].apart, least, 1e-5);
  }
}

}  // namespace
}  // namespace convscope
