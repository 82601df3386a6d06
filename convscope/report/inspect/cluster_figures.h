#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/clusters_record.h"

namespace convscope {

/** A block for each cluster: its nearest images, below them its farthest, and its classes as a bar. `tiles` are the records' montages. */
Figure cluster_sheet(const ClustersRecord& record, std::span<const Image> tiles);

/** Where images lie on the two directions of largest variance, coloured by class. */
Figure cluster_map(const ClustersRecord& record, const ClusterPoints& points);
/** Where an image stands in that figure. */
std::vector<Point> cluster_places(const ClusterPoints& points);

/** Which images stand for their neighbourhood on a map of pictures, as indices of points with their cells. */
struct Stand {
  int64_t point = 0, row = 0, column = 0;
};
std::vector<Stand> cluster_stands(const ClusterPoints& points);
/** The map with pictures in place of dots, rimmed by class; `pictures` are those of the stands. */
Figure cluster_picture_map(const ClustersRecord& record, const ClusterPoints& points, std::span<const Stand> stands,
                           std::span<const Image> pictures);

}  // namespace convscope
