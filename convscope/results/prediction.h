#pragma once

#include <span>
#include <string>
#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** A class with the network's confidence in it. */
struct RankedClass {
  std::string name;
  int64_t index = 0;
  double confidence = 0;

  void fields(auto&& field) {
    field("class", name, "its name");
    field("index", index, "its place among the network's classes, from 0");
    field("confidence", confidence, "softmax of the logits, 0 … 1");
  }
};

/** What a network says about one image file. */
struct Prediction {
  std::string file;
  std::string name;
  int64_t index = 0;
  double confidence = 0;
  std::vector<RankedClass> top;

  Prediction() = default;
  /** `top`: likeliest first, at least one. */
  Prediction(std::string file, std::vector<RankedClass> top);

  void fields(auto&& field) {
    field("file", file, "the image; of one of a data set its number there");
    field("class", name, "name of the likeliest class");
    field("index", index, "its place among the network's classes, from 0");
    field("confidence", confidence, "softmax of the logits, 0 … 1");
    field("top", top, "the likeliest classes, likeliest first");
  }
};

/** An image file that cannot be read, and why. */
struct UnreadImage {
  std::string file;
  std::string error;

  void fields(auto&& field) {
    field("file", file, "the image");
    field("error", error, "why it cannot be read");
  }
};

/** What a network says about image files. */
struct Predictions : Provenance {
  std::vector<Prediction> predictions;
  std::vector<UnreadImage> errors;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("predictions", predictions, "one for each file that can be read, in their order");
    field("errors", errors, "one for each of the others, where there are any");
  }
};

/** The `most` likeliest classes of one image, from its softmax [Y]; of equals the first. */
std::vector<RankedClass> ranked(std::span<const float> confidences, std::span<const std::string> classes, size_t most);

}  // namespace convscope
