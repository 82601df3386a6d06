#pragma once

#include "convscope/results/inspection.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** A heap of images that a layer finds alike. */
struct ClusterRecord {
  int64_t size = 0;
  double purity = 0;
  std::vector<int64_t> histogram;
  std::vector<int64_t> nearest;
  std::vector<int64_t> farthest;
  std::string tiles;

  void fields(auto&& field) {
    field("size", size, "count of its images");
    field("purity", purity, "share of its commonest class");
    field("histogram", histogram, "count of images of each class");
    field("nearest", nearest, "numbers of the images nearest to its centre, nearest first");
    field("farthest", farthest, "numbers of those farthest from it, farthest last; none where `nearest` has all");
    field("tiles", tiles, "PNG of the nearest and then the farthest, in rows of `columns`");
  }
  void check(std::string_view whose) const;
};

struct ClustersRecord : Provenance {
  static constexpr std::string_view kKind = "clusters";

  std::string node;
  std::string about;
  int64_t images = 0;
  int64_t numbers = 0;
  bool standardised = false;
  double purity = 0, chance = 0;
  int64_t columns = 1;
  std::vector<std::string> classes;
  std::vector<ClusterRecord> clusters;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("node", node, "the node whose answers are compared");
    field("about", about, "where it stands in the network");
    field("images", images, "count of images");
    field("numbers", numbers, "length of an image's answer");
    field("standardised", standardised, "whether each number was brought to mean 0 and deviation 1 first");
    field("purity", purity, "share of images that are of their cluster's commonest class");
    field("chance", chance, "what it would be had classes nothing to do with clusters: mean over shuffles of the labels");
    field("columns", columns, "images in a row of `tiles`");
    field("classes", classes, "names of the classes");
    field("clusters", clusters, "one for each cluster, largest first");
  }
  /** Each histogram is of the record's classes. */
  void check(std::string_view whose) const;
};

/** Where each image lies on the two directions of largest variance: a column for each fact, an item for each image. */
struct ClusterPoints {
  std::vector<int64_t> image, label, cluster;
  std::vector<double> x, y;

  void fields(auto&& field) {
    field("image", image, "number in the data set");
    field("label", label, "true class");
    field("cluster", cluster, "place in the list of clusters");
    field("x", x, "on the direction of largest variance");
    field("y", y, "on the one of second largest");
  }
  /** The columns have one length. */
  void check(std::string_view whose) const;
};

/** Clusters and classes that the record does not have are an error. */
ClusterPoints points_from_json(const Json& j, const ClustersRecord& record, std::string_view whose);

}  // namespace convscope
