#include "convscope/results/clusters_summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace convscope {

std::string purity_text(const ClustersRecord& record) {
  return fmt::format("purity {:.1f} % (by chance {:.1f} %)", 100 * record.purity, 100 * record.chance);
}

std::string tsne_text(const ClustersRecord& record) {
  if (std::isnan(record.perplexity)) return "";
  return fmt::format("t-SNE of perplexity {:.3g}; trustworthiness by {} neighbours {:.3f} (on the directions of largest variance {:.3f})",
                     record.perplexity, record.neighbours, record.trustworthiness, record.trustworthiness_pca);
}

std::string classes_text(const ClusterRecord& cluster, std::span<const std::string> classes, size_t count) {
  std::vector<size_t> order(cluster.histogram.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return cluster.histogram[a] > cluster.histogram[b]; });
  std::string text;
  for (size_t i = 0; i < std::min(count, order.size()); ++i) {
    const int64_t images = cluster.histogram[order[i]];
    if (images > 0)
      text += fmt::format("{}{:.0f} % {}", text.empty() ? "" : ", ",
                          100.0 * static_cast<double>(images) / static_cast<double>(cluster.size), classes[order[i]]);
  }
  return text;
}

}  // namespace convscope
