#include "convscope/results/clusters_summary.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(ACluster, IsToldByItsCommonestClassesAndItsPurityBesideChance) {
  const std::vector<std::string> classes{"cat", "dog", "frog"};
  ClusterRecord cluster;
  cluster.size = 10;
  cluster.histogram = {3, 7, 0};
  EXPECT_EQ(classes_text(cluster, classes, 1), "70 % dog");
  EXPECT_EQ(classes_text(cluster, classes, 3), "70 % dog, 30 % cat");
  ClustersRecord record;
  record.purity = 0.431;
  record.chance = 0.179;
  EXPECT_EQ(purity_text(record), "purity 43.1 % (by chance 17.9 %)");
}

}  // namespace
}  // namespace convscope
