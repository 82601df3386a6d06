#include "convscope/results/clusters_record.h"

#include <algorithm>

namespace convscope {

void ClusterRecord::check(std::string_view whose) const { require_beside(tiles, whose); }

void NearRecord::check(std::string_view whose) const { require_beside(tiles, whose); }

void ClustersRecord::check(std::string_view whose) const {
  require(columns >= 1, "{}: {} columns", whose, columns);
  for (const ClusterRecord& cluster : clusters)
    require(cluster.histogram.size() == classes.size(), "{}: a histogram of {} classes, there are {}", whose, cluster.histogram.size(),
            classes.size());
}

void ClusterPoints::check(std::string_view whose) const {
  const size_t count = image.size();
  require(label.size() == count && cluster.size() == count && x.size() == count && y.size() == count, "{}: its columns differ in length",
          whose);
  require(tsne_x.size() == tsne_y.size() && (tsne_x.empty() || tsne_x.size() == count), "{}: its columns differ in length", whose);
}

ClusterPoints points_from_json(const Json& j, const ClustersRecord& record, std::string_view whose) {
  ClusterPoints points = record_from_json<ClusterPoints>(j, whose);
  const auto within = [](const std::vector<int64_t>& numbers, size_t bound) {
    return std::all_of(numbers.begin(), numbers.end(), [&](int64_t n) { return n >= 0 && n < static_cast<int64_t>(bound); });
  };
  require(within(points.label, record.classes.size()) && within(points.cluster, record.clusters.size()),
          "{}: a class or cluster that is not there", whose);
  return points;
}

}  // namespace convscope
