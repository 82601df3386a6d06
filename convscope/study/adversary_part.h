#pragma once

#include <string>
#include <vector>

#include "convscope/study/run_under_attack.h"

namespace convscope {

/** An attack of the attribution study, and what it published of it. */
struct PublishedAttack {
  RunUnderAttack::State state;
  std::string method;
  std::string name;
  double epsilon;
  double fooled;  // share of images that were right, %
  std::string note;
};

/** The trained and the untrained network of a training under attack. */
struct AttackedTraining {
  std::string run;
  std::string whose;
  Json options;  // of its training
  std::vector<PublishedAttack> attacks;
  int64_t limit = 0;      // test images; 0: all
  std::string less = {};  // behind each note: what a shorter scale does less
};

/** A part behind the one that trains `run`. */
Part adversary_part(AttackedTraining attacked);

}  // namespace convscope
