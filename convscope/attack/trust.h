#pragma once

/**
 * Whether a figure of robustness can be believed. An attack that fails is no proof: slopes may be lost, steps too few, answers random. So
 * the figure is held against what must be weaker and what must be stronger; Carlini et al. 2019, Croce and Hein 2020 (their checks), Pintor
 * et al. 2022 (indicators of attack failure).
 */

#include <string>
#include <vector>

#include "convscope/attack/attack.h"

namespace convscope {

enum class Trust { ok, doubtful, broken };

/** One reason. */
struct TrustCheck {
  std::string name;  // "black box"
  double value;      // a share of the images, but for: how far answers lie apart, 1 for probabilities, how unstable margins are
  double limit;      // above it the finding is not ok
  Trust finding;
  std::string text;  // what was compared, with figures
};

struct TrustReport {
  Trust verdict = Trust::ok;  // the worst of the findings
  double epsilon = 0;         // within which it was looked at
  int64_t images = 0;         // on so many images that were attacked
  std::vector<TrustCheck> checks;
};

struct TrustOptions {
  int64_t images = 100;
  int64_t queries = 1000;  // of the black box
  int64_t steps = 200, restarts = 5;
  int64_t draws = 100;      // random pictures around each image
  Subject* twin = nullptr;  // another network of the same classes, undefended; null: there is none
};

/**
 * Looks at what `attack` found, within the largest ε that left some images right (the largest of all where none did), on the first images
 * that it attacked:
 *
 *   same answer twice    the network answers alike when it is asked again, or slopes are of another network than answers
 *   logits               the answers are no probabilities: a loss would take softmax of a softmax
 *   slopes               none is 0 in every pixel, where the attack asks for slopes
 *   curve                no larger ε leaves more images right, where each was attacked by itself
 *   unbounded            within the whole pixel range steps along slopes fool every image
 *   noise                random signs of the same ε fool fewer images (linf)
 *   more steps           PGD with many more steps, from several random places, fools no more
 *   black box            random squares, which want no slopes, fool no more
 *   stable               how far the class is ahead changes by no more than half, in the mean, where pixels change by up to 4/255: a jagged
 *                        loss leads slopes astray (indicator "unstable predictions" of Pintor et al.)
 *   transfer             pictures that PGD makes for the twin, where there is one, fool no more
 */
TrustReport judge_robustness(const Attack& attack, Subject& subject, const AttackedImages& images, const AttackResult& result,
                             const AttackSettings& settings, const TrustOptions& options = {});

/** "ok", "doubtful", "broken". */
std::string_view name_of(Trust trust);

}  // namespace convscope
