#pragma once

#include <span>
#include <string>
#include <vector>

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
  std::vector<RankedClass> top;  // likeliest first, at least one
};

/** The `most` likeliest classes of one image, from its softmax [Y]; of equals the first. */
std::vector<RankedClass> ranked(std::span<const float> confidences, std::span<const std::string> classes, size_t most);

/** `{file, class, index, confidence, top: [{class, index, confidence}]}`. */
Json prediction_to_json(const Prediction& p);

}  // namespace convscope
