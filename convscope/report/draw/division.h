#pragma once

#include <string>
#include <vector>

#include "convscope/report/draw/colour.h"

namespace convscope {

/** One of the things that a whole is divided into. */
struct Part {
  std::string name;
  Colour colour;
};

/** A whole, and the share that each part has of it. */
struct Whole {
  std::string label;
  std::vector<double> shares;
};

/** Wholes that are divided into the same parts, and their mean, where each weighs the same. */
struct Division {
  std::vector<Part> parts;
  std::vector<Whole> wholes;
  std::vector<double> mean;
};

}  // namespace convscope
