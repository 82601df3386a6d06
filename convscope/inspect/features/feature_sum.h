#pragma once

#include <span>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

/** A part of what a picture is made for. */
struct FeatureTerm {
  enum class Of {
    channel,    // mean over the positions of a channel; of a node [N, F] its number
    position,   // a channel at one position
    layer,      // mean of the squares of all that the node gives: deep dream (Mordvintsev et al. 2015)
    direction,  // mean over positions of ⟨a, v⟩ max(0.1, cos)^power, Olah et al. 2017 (Lucid's `direction`)
    variation,  // Σ |horizontal differences| + |vertical differences| of the picture itself
  } of = Of::channel;
  double factor = 1;
  std::string node = {};  // of `variation` none
  int64_t channel = 0, row = 0, column = 0;
  std::vector<float> direction = {};  // [C]
};

/** Terms that are added up. */
struct FeatureSum {
  std::string text;
  std::vector<FeatureTerm> terms;
};

/**
 * What people write: sums with ` ; ` between them, of terms with ` + ` and ` - ` between them (spaces around the signs: names of nodes may
 * have any of them), each with a factor and `*` in front where it has one.
 *
 *   NODE:CHANNEL   NODE:CHANNEL:ROW:COLUMN   NODE   NODE@FILE.npy, a direction [C]   tv, the total variation
 *
 * Nodes and channels that are not there are an error.
 */
std::vector<FeatureSum> parse_feature_sums(std::string_view text, const Graph& graph);

/** The nodes of some sums, each once, in the order in which they come. */
std::vector<std::string> nodes_of(std::span<const FeatureSum> sums);

/**
 * A term without its factor, of what its node [C, H, W] or [F] gives for one image; where `seeds` is not empty, `factor` times its slope
 * for those numbers is added to them.
 */
double term_of_node(const FeatureTerm& term, const Shape& shape, std::span<const float> a, double power, double factor,
                    std::span<float> seeds);

/** The total variation of a picture [C, H, W], likewise with its slope. */
double total_variation(std::span<const float> picture, const Shape& image, double factor, std::span<float> slope);

}  // namespace convscope
