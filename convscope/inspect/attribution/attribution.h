#pragma once

/**
 * The family of attributions: which pixels a number of the network depends on.
 * A method takes any count of images and gives a map for each; it decides nothing about targets and draws nothing.
 */

#include "convscope/base/table.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** What is asked of some images [N, C, H, W]: for each, the number of the objective that its target chooses. */
struct Question {
  Objective objective;
  std::vector<int64_t> targets;  // [N]
  std::vector<int64_t> labels;   // [N] true classes; empty where nobody knows them
  uint64_t seed = 1;             // of methods that draw
  std::vector<int64_t> numbers;  // [N] each image's number, by which it draws; empty: 0 … N−1
  int64_t number(int64_t n) const { return numbers.empty() ? n : numbers[static_cast<size_t>(n)]; }
};

/** How the sum of a map misses what it should be, and what it took. */
struct Completeness {
  double difference = 0;  // f(x) − f(baseline): what the map should add up to
  double gap = 0;         // |sum − difference|
  int64_t steps = 0;
};

struct Maps {
  Tensor values;                           // [N, C, H, W], or [N, 1, H, W] where channels are not told apart
  std::vector<Completeness> completeness;  // [N], of methods that promise it; else empty
};

class Attribution {
 public:
  virtual ~Attribution() = default;
  /** Whether numbers below zero mean something: against the target, where those above speak for it. */
  virtual bool has_sign() const = 0;
  /** Whether it is of the true class's loss whatever the target is. */
  virtual bool of_true_loss() const { return false; }
  virtual Maps explain(Subject& subject, const Tensor& x, const Question& question) const = 0;
};

/** The family. */
const Table<Attribution>& attributions();

/** Each image's map divided by its largest absolute number; a map of zeros stays one. */
void normalise_each(Tensor& maps);

}  // namespace convscope
