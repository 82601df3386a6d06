#pragma once

#include <span>
#include <string>

#include "convscope/results/clusters_record.h"

namespace convscope {

/** "62 % cat, 20 % dog, 11 % frog": the commonest classes, at most `count` of them. */
std::string classes_text(const ClusterRecord& cluster, std::span<const std::string> classes, size_t count);

/** "purity 43.1 % (by chance 17.9 %)". */
std::string purity_text(const ClustersRecord& record);

/** "t-SNE of perplexity 30; trustworthiness 0.97 (on the directions of largest variance 0.84)"; empty where there is no such map. */
std::string tsne_text(const ClustersRecord& record);

}  // namespace convscope
