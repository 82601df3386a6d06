#include "convscope/results/evaluation.h"

#include <cmath>

namespace convscope {

namespace {

struct Counts {
  int64_t correct = 0;
  int64_t total = 0;
};

Counts counts_of(const std::vector<std::vector<int64_t>>& confusion, size_t classes, std::string_view whose) {
  Counts counts;
  require(classes == confusion.size(), "{}: a confusion matrix of {} rows for {} classes", whose, confusion.size(), classes);
  for (size_t y = 0; y < confusion.size(); ++y) {
    require(confusion[y].size() == confusion.size(), "{}: row {} of the confusion matrix has {} numbers, {} were wanted", whose, y,
            confusion[y].size(), confusion.size());
    for (const int64_t count : confusion[y]) {
      require(count >= 0, "{}: row {} of the confusion matrix holds the count {}", whose, y, count);
      require(!__builtin_add_overflow(counts.total, count, &counts.total), "{}: its confusion matrix counts more than can be", whose);
    }
    counts.correct += confusion[y][y];
  }
  return counts;
}

}  // namespace

std::array<double, 2> wilson_interval(int64_t correct, int64_t total) {
  require(correct >= 0 && correct <= total, "{} correct out of {}: cannot be", correct, total);
  if (total == 0) return {0, 1};
  constexpr double z = 1.959963984540054;
  const double n = static_cast<double>(total);
  const double p = static_cast<double>(correct) / n;
  const double centre = p + z * z / (2 * n);
  const double reach = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // The ends are exact where rounding would put them a hair off.
  return {correct == 0 ? 0 : (centre - reach) / scale, correct == total ? 1 : (centre + reach) / scale};
}

Evaluation evaluation_of(std::vector<std::vector<int64_t>> confusion, std::vector<std::string> classes) {
  const Counts counts = counts_of(confusion, classes.size(), "evaluation");
  Evaluation e;
  e.correct = counts.correct;
  e.total = counts.total;
  e.accuracy = counts.total == 0 ? 0 : static_cast<double>(counts.correct) / static_cast<double>(counts.total);
  e.accuracy_interval_95 = wilson_interval(counts.correct, counts.total);
  e.confusion = std::move(confusion);
  e.classes = std::move(classes);
  return e;
}

void Evaluation::check(std::string_view whose) const {
  const Counts counts = counts_of(confusion, classes.size(), whose);
  require(counts.total == total && counts.correct == correct, "{}: {} of {} are correct, its confusion matrix says {} of {}", whose,
          correct, total, counts.correct, counts.total);
}

}  // namespace convscope
