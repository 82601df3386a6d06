#pragma once

#include "convscope/results/inspection.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** A part of an image that has much of a concept. */
struct CraftCrop {
  int64_t image = 0;
  int64_t row = 0, column = 0;
  double share = 0;

  void fields(auto&& field) {
    field("image", image, "number of the image");
    field("row", row, "uppermost row of the crop");
    field("column", column, "leftmost column");
    field("share", share, "of the concept in it");
  }
};

/** A concept that a network was found to see in images of a class. */
struct CraftConcept {
  double importance = 0, deviation = 0;
  std::string tiles;
  std::string maps;
  std::vector<CraftCrop> crops;

  void fields(auto&& field) {
    field("importance", importance, "total Sobol index of the class's logit, mean over the explained images");
    field("deviation", deviation, "of it over these images");
    field("tiles", tiles, "PNG of the crops that have most of it, in rows of `columns`");
    field("maps", maps, "PNG of the explained images with where the concept is, in rows of `columns`");
    field("crops", crops, "those of `tiles`, most of it first");
  }
  void check(std::string_view whose) const;
};

/** Concepts that a network sees in images of one class: CRAFT. */
struct CraftRecord : Provenance {
  static constexpr std::string_view kKind = "craft";

  std::string node;
  std::string about;
  std::string of_class;
  int64_t images = 0;
  int64_t crop = 0;
  int64_t crops = 0;
  double error = 0;
  double lost = 0;
  int64_t columns = 1;
  std::vector<int64_t> explained;
  std::string npy;
  std::vector<CraftConcept> concepts;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("node", node, "the node in which the concepts were found");
    field("about", about, "where it stands in the network");
    field("class", of_class, "the class whose images they are and whose logit they matter to");
    field("images", images, "count of images that the network takes for it");
    field("crop", crop, "side of their crops in pixels");
    field("crops", crops, "count of crops");
    field("error", error, "|A − U W| / |A| of the factorisation");
    field("lost", lost, "mean share of the logit that is lost when the concepts alone go on from the node");
    field("columns", columns, "images in a row of `tiles` and `maps`");
    field("explained", explained, "numbers of the images whose importances and maps are told");
    field("npy", npy, "the maps, [images, concepts, h, w] of the node's positions");
    field("concepts", concepts, "most important first");
  }
  void check(std::string_view whose) const;
};

}  // namespace convscope
