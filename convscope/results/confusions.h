#pragma once

#include "convscope/results/evaluation.h"

namespace convscope {

/** Samples of one class that the network takes for another. */
struct Confusion {
  size_t is = 0, said = 0;
  int64_t count = 0;
  double share = 0;  // of the true class
};

/** The most frequent ones, at most so many; of equal ones in the order of the classes. */
std::vector<Confusion> most_confused(const Evaluation& evaluation, size_t most);

/** With more than `most` classes: those that occur, if they are fewer, and what else was predicted as one more, so that `most` stand there.
 */
Evaluation with_classes_that_occur(const Evaluation& evaluation, size_t most);

}  // namespace convscope
