#pragma once

#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "convscope/subject/subject.h"

namespace convscope {

/** Pictures that have something in common: what a person calls a concept. */
struct ConceptPictures {
  std::string name;
  Tensor x;  // [M, C, H, W]
};

/** What is asked of concepts. */
struct DirectionQuestion {
  std::string node;
  std::vector<ConceptPictures> concepts;       // [K] of at least two pictures each
  std::vector<int64_t> classes;                // [Y] whose logits are looked at
  std::vector<std::vector<int64_t>> of_class;  // [Y] places of pictures of each of them
  int64_t pictures = 0;                        // that random sets are drawn from
  int64_t sets = 10;                           // of random pictures
  uint64_t seed = 1;
  std::function<Tensor(std::span<const int64_t>)> read;            // pictures at some places, [N, C, H, W]
  std::function<void(int64_t done, int64_t total)> progress = {};  // pictures that went through
};

/** How often a class's logit grows along a concept's direction. */
struct DirectionScore {
  std::vector<double> scores;                           // [sets] against each random set: share of the class's pictures
  double p = std::numeric_limits<double>::quiet_NaN();  // of a concept: two-sided, of a mean slope along it that random sets have as well
};
struct ConceptDirections {
  int64_t drawn = 0;                                  // pictures of a random set
  std::vector<double> separable;                      // [K] balanced accuracy, each picture left out in turn
  std::vector<std::vector<DirectionScore>> concepts;  // [K][Y]
  std::vector<DirectionScore> random;                 // [Y] of random sets taken for a concept
};

/**
 * Testing with concept activation vectors, Kim et al. 2018 (1711.11279), with FastCAV's directions (2505.17883): what a node gives for a
 * picture is a point h of all its numbers, and the direction of a concept against random pictures is v = mean h of the concept − mean h of
 * the random set. (FastCAV subtracts the mean of both together, which is the same direction.) The score of a class is the share of its
 * pictures whose logit grows along v, ⟨∂z / ∂h, v⟩ > 0; it is taken against each of `sets` random sets. As many further random sets stand
 * in for a concept: a concept whose scores do not differ from theirs says nothing.
 *
 * Scores against several random sets share the concept's mean, so they are no independent samples, and a t-test on them finds too much: of
 * random pictures taken for a concept a fifth and more at 5 %, where the network is linear behind the node. So `p` is of the class's mean
 * slope along the concept's mean, beside those along the means of all 2 · `sets` random sets: Student's t with 2 · `sets` − 1 degrees of
 * freedom, where the concept's mean varies as one of its count of pictures does.
 *
 * Random sets are as large as the largest concept, or half of all pictures where these are fewer. An error of subjects that are no network,
 * of a concept of fewer than two pictures, and where there are fewer than four pictures to draw from.
 */
ConceptDirections concept_directions(Subject& subject, const DirectionQuestion& question);

}  // namespace convscope
