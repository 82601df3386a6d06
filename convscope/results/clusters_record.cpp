#include "convscope/results/clusters_record.h"

#include <algorithm>

namespace convscope {

Json clusters_to_json(const ClustersRecord& record) {
  Json j = result_to_json(record);
  j["clusters"] = Json::array();
  for (const ClusterRecord& cluster : record.clusters) j["clusters"].push_back(result_to_json(cluster));
  return j;
}

ClustersRecord clusters_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json clusters = taken_list(own, "clusters", whose);
  ClustersRecord record = result_from_json<ClustersRecord>(own, whose);
  require(record.columns >= 1, "{}: {} columns", whose, record.columns);
  for (const Json& one : clusters) {
    const ClusterRecord& cluster = record.clusters.emplace_back(result_from_json<ClusterRecord>(one, whose));
    require_beside(cluster.tiles, whose);
    require(cluster.histogram.size() == record.classes.size(), "{}: a histogram of {} classes, there are {}", whose,
            cluster.histogram.size(), record.classes.size());
  }
  return record;
}

ClusterPoints points_from_json(const Json& j, const ClustersRecord& record, std::string_view whose) {
  ClusterPoints points = result_from_json<ClusterPoints>(j, whose);
  const size_t count = points.image.size();
  require(points.label.size() == count && points.cluster.size() == count && points.x.size() == count && points.y.size() == count,
          "{}: its columns differ in length", whose);
  const auto within = [](const std::vector<int64_t>& numbers, size_t bound) {
    return std::all_of(numbers.begin(), numbers.end(), [&](int64_t n) { return n >= 0 && n < static_cast<int64_t>(bound); });
  };
  require(within(points.label, record.classes.size()) && within(points.cluster, record.clusters.size()),
          "{}: a class or cluster that is not there", whose);
  return points;
}

}  // namespace convscope
