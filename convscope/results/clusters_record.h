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

/** An image and how far its answer lies from another's. */
struct NearImage {
  int64_t image = 0;
  double apart = 0;

  void fields(auto&& field) {
    field("image", image, "its number");
    field("apart", apart, "distance of the node's answers");
  }
};

/** An image that was asked about, and those that the node finds most alike. */
struct NearRecord {
  int64_t image = 0;
  std::string tiles;
  std::vector<NearImage> nearest;

  void fields(auto&& field) {
    field("image", image, "number of the image that was asked about");
    field("tiles", tiles, "PNG of it and then of the nearest, in rows of `columns`");
    field("nearest", nearest, "images whose answers are nearest to its, nearest first");
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
  double perplexity = kUnknown, divergence = kUnknown;
  int64_t neighbours = 0;
  double trustworthiness = kUnknown, trustworthiness_pca = kUnknown;
  std::vector<NearRecord> near;

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
    field("perplexity", perplexity, "of the t-SNE map; not there where there is none, as are the following four");
    field("divergence", divergence, "Kullback and Leibler's, of neighbours on that map from those of the answers");
    field("neighbours", neighbours, "nearest ones by which trustworthiness is told");
    field("trustworthiness", trustworthiness, "of the t-SNE map, 1 where the nearest on it are the nearest (Venna and Kaski 2001)");
    field("trustworthiness_pca", trustworthiness_pca, "of the map of the two directions of largest variance");
    field("near", near, "one for each image that was asked about");
  }
  /** Each histogram is of the record's classes. */
  void check(std::string_view whose) const;
};

/** Where each image lies on the maps: a column for each fact, an item for each image. */
struct ClusterPoints {
  std::vector<int64_t> image, label, cluster;
  std::vector<double> x, y;
  std::vector<double> tsne_x = {}, tsne_y = {};

  void fields(auto&& field) {
    field("image", image, "number in the data set");
    field("label", label, "true class");
    field("cluster", cluster, "place in the list of clusters");
    field("x", x, "on the direction of largest variance");
    field("y", y, "on the one of second largest");
    field("tsne_x", tsne_x, "on the t-SNE map; empty where there is none");
    field("tsne_y", tsne_y, "likewise");
  }
  /** The columns have one length, or those of the t-SNE map none. */
  void check(std::string_view whose) const;
};

/** Clusters and classes that the record does not have are an error. */
ClusterPoints points_from_json(const Json& j, const ClustersRecord& record, std::string_view whose);

}  // namespace convscope
