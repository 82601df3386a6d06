#pragma once

#include <array>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** What an attack within one ε does to answers and to aliasing. */
struct AliasingCurvePoint {
  double epsilon = 0;
  double accuracy = 0;
  std::array<double, 2> accuracy_interval_95 = {0, 1};
  double top5_accuracy = kUnknown;
  std::array<double, 2> top5_interval_95 = {kUnknown, kUnknown};
  double median = 0, low = 0, high = 0;
  double contribution_median = 0, contribution_low = 0, contribution_high = 0;
  double legacy_median = kUnknown, legacy_low = kUnknown, legacy_high = kUnknown;

  void fields(auto&& field) {
    field("epsilon", epsilon, "largest change of a pixel, which lies in [0, 1]");
    field("accuracy", accuracy, "share of the attacked images that are named right");
    field("accuracy_interval_95", accuracy_interval_95, "[low, high], Wilson's interval of it");
    field("top5_accuracy", top5_accuracy, "whose class is among the five largest logits; only with more than 5 classes");
    field("top5_interval_95", top5_interval_95, "likewise");
    field("median", median, "over the images, of the share that is aliased or tangled, mean over the signals; folds unscaled");
    field("low", low, "of that share, what 1 % of the images lie below");
    field("high", high, "what 1 % of the images lie above");
    field("contribution_median", contribution_median, "likewise with folds scaled as they add up");
    field("contribution_low", contribution_low, "likewise");
    field("contribution_high", contribution_high, "likewise");
    field("legacy_median", legacy_median, "`median` by the published programs' accounting");
    field("legacy_low", legacy_low, "likewise");
    field("legacy_high", legacy_high, "likewise");
  }
  void check(std::string_view whose) const;
};

/** Aliasing under attack: curve.json beside the record of the images as they are. */
struct AliasingCurve : Provenance {
  std::string attack;
  int64_t images = 0;
  std::vector<AliasingCurvePoint> points;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("attack", attack, "the attack with its options");
    field("images", images, "count of images that are attacked");
    field("points", points, "one for each epsilon, each larger than the one before");
  }
  void check(std::string_view whose) const;
};

}  // namespace convscope
