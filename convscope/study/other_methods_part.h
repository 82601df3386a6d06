#pragma once

#include <string>
#include <vector>

#include "convscope/study/study.h"

namespace convscope {

/** The images of a study's network explained by methods that the study does not have, each checked. */
struct OtherMethods {
  std::string run, whose;  // a training of the study, and what it is called
  Json options;            // of that training
  int64_t images = 16;     // test images
  std::vector<std::string> methods = usual_other_methods();
  int64_t check_steps = 0;  // as `explain --check-steps`

  /** One of each kind: slopes, paths, rules on the graph, activation maps, hiding; and noise, which all must be better than. */
  static std::vector<std::string> usual_other_methods();
};

/**
 * A part of its own, "RUN-methods": the maps lie in the training's folder, where the page shows them side by side with the table of
 * `explain --check`; a figure for each method and each measure, with its interval, its controls and in words how it stands beside them.
 */
Part other_methods_part(const OtherMethods& asked);

}  // namespace convscope
