#pragma once

#include "convscope/api/attack.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** Images and targets, one row an attempt. */
struct ChosenImages {
  Pictures pictures;             // [N]
  std::vector<int64_t> labels;   // [N]
  std::vector<int64_t> targets;  // [N]; empty where none is aimed at
  Tensor logits;                 // [N, Y] of the clean images
  int64_t examined = 0, correct = 0, top5 = 0;
};

/**
 * The images that an attack starts from, in which order, as the network's clean answers decide, batch by batch until there are enough:
 * untargeted all, with a target those that are right, sure enough and not of that class.
 */
ChosenImages choose_images(Subject& judge, const Pictures& pictures, const AttackOptions& options, const Setting& setting);

}  // namespace convscope
