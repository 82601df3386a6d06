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
  EXPECT_EQ(tsne_text(record), "");
  record.perplexity = 30;
  record.neighbours = 12;
  record.trustworthiness = 0.97;
  record.trustworthiness_pca = 0.8444;
  EXPECT_EQ(tsne_text(record),
            "t-SNE of perplexity 30; trustworthiness by 12 neighbours 0.970 (on the directions of largest variance 0.844)");
}

}  // namespace
}  // namespace convscope
