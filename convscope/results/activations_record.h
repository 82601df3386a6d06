#pragma once

#include "convscope/results/inspection.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** One channel's answer to one image. */
struct ChannelAnswer {
  int64_t channel = 0;
  double low = 0, high = 0, mean = 0, active = 0;

  void fields(auto&& field) {
    field("channel", channel, "its number in the node");
    field("low", low, "least number of the map");
    field("high", high, "largest, drawn white");
    field("mean", mean, "mean over its positions");
    field("active", active, "share of positions above 0");
  }
};

/** A node's maps of one image. */
struct ImageAnswers {
  int64_t image = 0;
  std::string source;
  std::string label;
  std::string input;
  std::string tiles;
  std::string npy;
  std::vector<ChannelAnswer> channels;

  void fields(auto&& field) {
    field("image", image, "its number in the data set, or among the files");
    field("source", source, "file of the image; empty where it is from a data set");
    field("label", label, "the true class; empty where nobody knows");
    field("input", input, "PNG of the image");
    field("tiles", tiles, "PNG of the maps, in rows of `columns`");
    field("npy", npy, "all channels of the node, [C, H, W]");
    field("channels", channels, "one for each channel that is shown");
  }
  void check(std::string_view whose) const;
};

/** What a node gives for some images, channel by channel. */
struct ActivationsRecord : Provenance {
  static constexpr std::string_view kKind = "activations";

  std::string node;
  std::string about;
  std::vector<int64_t> shape;
  bool sign = false;
  int64_t columns = 1;
  std::string array;
  std::vector<ImageAnswers> images;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("node", node, "the node that is shown");
    field("about", about, "where it stands in the network");
    field("shape", shape, "of its answer to an image, [C, H, W]");
    field("sign", sign, "whether it has numbers below zero; drawn blue to red then, else black to white");
    field("columns", columns, "maps in a row of `tiles`");
    field("array", array, "all answers as one array [N, C, H, W], in the order of `images`");
    field("images", images, "one for each image");
  }
  void check(std::string_view whose) const;
};

}  // namespace convscope
