#pragma once

#include <functional>
#include <string>
#include <vector>

#include "convscope/inspect/concepts/factors.h"
#include "convscope/subject/subject.h"

namespace convscope {

struct CraftOptions {
  std::string node;
  int64_t of_class = 0;
  int64_t rank = 20;
  int64_t crop = 64;      // side of the crops, in pixels
  int64_t designs = 32;   // of the Sobol indices, for each picture rank + 2 times as many answers
  int64_t explained = 8;  // of the pictures, the first ones: for importances and maps
  uint64_t seed = 1;
  std::function<void(int64_t done, int64_t total)> progress = {};
};

/** A part of a picture and how much of a concept is in it. */
struct ConceptCrop {
  int64_t picture = 0;  // its place
  int64_t row = 0, column = 0;
  double share = 0;
};

struct FoundConcept {
  double importance = 0;           // mean total Sobol index over the explained pictures
  double deviation = 0;            // of it over them
  std::vector<ConceptCrop> crops;  // all, largest share first
};

struct Craft {
  std::vector<FoundConcept> concepts;  // [R] most important first
  Tensor maps;                         // [explained, R, h, w] of the node's positions; the same order
  double error = 0;                    // |A − U W| / |A| over the crops
  double lost = 0;                     // mean over the explained pictures of |z(U W) − z| / |z|: what of the logit is lost
  int64_t crops = 0;
};

/** Upper left corners of crops along a side: every 80 % of a crop, the last one at the end of what is left. */
std::vector<int64_t> crop_places(int64_t side, int64_t crop);

/**
 * CRAFT, Fel et al. 2023 (2211.10154): concepts that a network itself sees in pictures of a class. What a node with positions gives for
 * crops of the pictures, enlarged to the network's size and averaged over positions, is A [N, C]; U W ≈ A without numbers below 0 makes R
 * concepts of it, rows of W. A picture's concepts are shares u ≥ 0 at each position, a ≈ u W: its maps. A concept's importance is the total
 * Sobol index of the class's logit when all shares of each concept are multiplied by a mask in [0, 1] and the network goes on from the node
 * with u W.
 *
 * x [N, C, H, W] are pictures of the class. An error where the node has no positions or gives numbers below 0.
 */
Craft craft(Subject& subject, const Tensor& x, const CraftOptions& options);

}  // namespace convscope
