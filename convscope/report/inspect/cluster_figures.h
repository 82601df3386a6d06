#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/clusters_record.h"

namespace convscope {

/** A block for each cluster: its nearest images, below them its farthest, and its classes as a bar. `tiles` are the records' montages. */
Figure cluster_sheet(const ClustersRecord& record, std::span<const Image> tiles);

inline constexpr std::string_view kVarianceMap = "on the two directions of largest variance";

/** The same images where they lie on the t-SNE map; nothing where there is none. */
std::optional<ClusterPoints> on_tsne_map(const ClusterPoints& points);

/** Where images lie on the two directions of largest variance, or on the map that `directions` tells of, coloured by class. */
Figure cluster_map(const ClustersRecord& record, const ClusterPoints& points, std::string_view directions = kVarianceMap);
/** Where an image stands in that figure. */
std::vector<Point> cluster_places(const ClusterPoints& points);

/** Which images stand for their neighbourhood on a map of pictures, as indices of points with their cells. */
struct Stand {
  int64_t point = 0, row = 0, column = 0;
};
std::vector<Stand> cluster_stands(const ClusterPoints& points);
/** The map with pictures in place of dots, rimmed by class; `pictures` are those of the stands. */
Figure cluster_picture_map(const ClustersRecord& record, const ClusterPoints& points, std::span<const Stand> stands,
                           std::span<const Image> pictures, std::string_view directions = kVarianceMap);

}  // namespace convscope
