#pragma once

#include <memory>

#include "convscope/data/dataset.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** Some pictures, and all that is known of them. */
struct Pictures {
  Tensor x;                          // [N, C, H, W]
  std::vector<int64_t> numbers;      // [N] in the data set, or among the files
  std::vector<int64_t> labels;       // [N], or empty where nobody knows
  std::vector<std::string> sources;  // [N] files; empty for those of a data set
  std::vector<std::string> classes;  // [Y] names
  std::string data;                  // what people call where they are from: "cifar10, test"
};

/** Those of a data set with these numbers. */
Pictures take_pictures(const Dataset& data, std::span<const int64_t> numbers, std::string name);

/** Image n as people can see it: grey where it has neither 1 nor 3 channels. */
Tensor shown_channels(const Tensor& x, int64_t n);

/** As many images of that shape as share a program well: large pictures take more memory each. */
int64_t usual_batch(const Shape& image);

/** A class by name or number; the error shows the nearest. */
int64_t parse_class(std::string_view text, std::span<const std::string> classes);

/** Name of class `y`, its number where it has none. */
std::string class_name(std::span<const std::string> classes, int64_t y);

}  // namespace convscope
