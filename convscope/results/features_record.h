#pragma once

#include "convscope/results/neurons_record.h"

namespace convscope {

/** A picture that was made to drive a number of the network. */
struct FeaturePicture {
  int64_t draw = 0;
  double begin = 0;
  double end = 0;
  double times = kUnknown;
  double high_frequencies = 0;
  std::string png = {};
  std::string npy = {};
  int64_t opened = 0;
  std::string seen = {};
  std::string transparency = {};

  void fields(auto&& field) {
    field("draw", draw, "which beginning it has, from 0");
    field("begin", begin, "the number at the noise that it began with");
    field("end", end, "the number at the picture");
    field("times", times,
          "that over the number of the best image of the data; not there where that is not above 0, or not below where it is driven down");
    field("high_frequencies", high_frequencies, "share of its energy at frequencies above a quarter cycle a pixel");
    field("png", png, "PNG of it");
    field("npy", npy, "the picture itself, [C, H, W]");
    field("opened", opened, "times that a rectifier let nothing of it through and was opened");
    field("seen", seen, "of maco, PNG of it on white, there where anything was asked for");
    field("transparency", transparency, "of maco, [H, W]: how much was asked for over all steps, |slope| of the pixels");
  }
  void check(std::string_view whose) const;
};

/** A channel, a neuron or a class: what was made for it, and the data's images that drive it most, or least where it is driven down. */
struct FeatureRecord {
  int64_t channel = 0;
  std::string name;
  std::string objective;
  double mean = 0, deviation = 0;
  double alike = kUnknown;
  std::vector<FeaturePicture> pictures;
  std::string tiles;
  std::vector<NeuronImage> top;

  void fields(auto&& field) {
    field("channel", channel, "its channel in the node; of an `objective` its place among them");
    field("name", name, "of the network's last node: the class; empty for others");
    field("objective", objective, "the sum that is driven, where it is no single channel; else empty");
    field("mean", mean, "of the number over the data's images");
    field("deviation", deviation, "likewise");
    field("alike", alike, "mean cosine of what the node's channels answer to pictures of different beginnings; not there of one picture");
    field("pictures", pictures, "one for each beginning");
    field("tiles", tiles, "PNG of its top images, in rows of `columns`");
    field("top", top, "the data's images of the largest number, largest first; of the smallest where it is driven down");
  }
  void check(std::string_view whose) const;
  /** The largest number of the data's images, the smallest where it is driven down; NaN where none were looked at. */
  double best() const { return top.empty() ? kUnknown : top.front().activation; }
};

/** Pictures that drive a node's channels as far as they go. */
struct FeaturesRecord : Provenance {
  static constexpr std::string_view kKind = "features";

  std::string node;
  std::string about;
  std::string number;
  int64_t images = 0;
  int64_t steps = 0;
  double seconds = 0;
  int64_t columns = 1;
  std::vector<int64_t> size;
  int64_t spectrum_images = 0;
  std::string spectrum;
  std::vector<FeatureRecord> features;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("node", node, "the node, or all of an objective's");
    field("about", about, "where it stands in the network");
    field("number", number, "what is driven, in words");
    field("images", images, "count of images that were looked at");
    field("steps", steps, "of the climb");
    field("seconds", seconds, "that all pictures took");
    field("columns", columns, "images in a row of `tiles`");
    field("size", size, "rows and columns of the data's images, of which `field` tells parts");
    field("spectrum_images", spectrum_images, "of maco, count of images whose mean magnitudes the pictures have; 0 of others");
    field("spectrum", spectrum, "of maco, these magnitudes, [C, H, W / 2 + 1], of the colours' principal axes");
    field("features", features, "one for each channel");
  }
  void check(std::string_view whose) const;
  /** Whether the numbers were driven down instead of up. */
  bool down() const { return options.value("minimise", false); }
};

/** "12.3, 2.1 × the best of 2000 images", "less than the best image": what a picture reaches. */
std::string reached_text(const FeaturesRecord& record, const FeatureRecord& feature, const FeaturePicture& picture);

}  // namespace convscope
