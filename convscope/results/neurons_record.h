#pragma once

#include "convscope/results/inspection.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** An image that drives a neuron. */
struct NeuronImage {
  int64_t image = 0;
  double activation = 0;
  int64_t row = 0, column = 0;
  std::string label;
  std::vector<int64_t> field;  // first and last row, first and last column

  void fields(auto&& named) {
    named("image", image, "its number in the data set");
    named("activation", activation, "the neuron's answer");
    named("row", row, "where in the node");
    named("column", column, "likewise");
    named("label", label, "the true class");
    named("field", field, "rows and columns of the image that this place sees, [first, last, first, last]; empty where it sees all of it");
  }
  void check(std::string_view whose) const;
};

/** A channel, or one at one place, and what drives it. */
struct NeuronRecord {
  std::string node;
  int64_t channel = 0;
  std::optional<int64_t> row = {}, column = {};  // none: the largest of all positions counts
  double selectivity = 0, mean = 0, deviation = 0;
  std::string tiles;
  std::vector<NeuronImage> top;

  void fields(auto&& field) {
    field("node", node, "the node that it is in");
    field("channel", channel, "its channel");
    field("row", row, "its place; null where the largest answer of all places counts");
    field("column", column, "likewise");
    field("selectivity", selectivity, "(mean answer to its top images − mean to all) / deviation over all");
    field("mean", mean, "of its answers to all images");
    field("deviation", deviation, "of its answers to all images");
    field("tiles", tiles, "PNG of its top images, in rows of `columns`");
    field("top", top, "its top images, strongest first");
  }
  void check(std::string_view whose) const;
};

/** Neurons of a node, each with the images that drive it most. */
struct NeuronsRecord : Provenance {
  static constexpr std::string_view kKind = "neurons";

  std::string node;
  std::string about;
  int64_t images = 0;
  std::string chosen;
  std::vector<int64_t> size = {1, 1};
  int64_t columns = 1;
  std::vector<NeuronRecord> neurons;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("node", node, "the node that the neurons are in");
    field("about", about, "where it stands in the network");
    field("images", images, "count of images that were looked at");
    field("chosen", chosen, "which channels these are");
    field("size", size, "rows and columns of an image");
    field("columns", columns, "images in a row of `tiles`");
    field("neurons", neurons, "one for each neuron");
  }
  void check(std::string_view whose) const;
};

}  // namespace convscope
