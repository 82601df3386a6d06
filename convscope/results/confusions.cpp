#include "convscope/results/confusions.h"

#include <algorithm>
#include <numeric>

namespace convscope {

std::vector<Confusion> most_confused(const Evaluation& e, size_t most) {
  std::vector<Confusion> all;
  for (size_t is = 0; is < e.confusion.size(); ++is) {
    const std::vector<int64_t>& row = e.confusion[is];
    const auto samples = static_cast<double>(std::accumulate(row.begin(), row.end(), int64_t{0}));
    for (size_t said = 0; said < row.size(); ++said)
      if (is != said && row[said] > 0) all.push_back({is, said, row[said], static_cast<double>(row[said]) / samples});
  }
  std::stable_sort(all.begin(), all.end(), [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  if (all.size() > most) all.resize(most);
  return all;
}

Evaluation with_classes_that_occur(const Evaluation& evaluation, size_t most) {
  std::vector<size_t> occur;
  for (size_t y = 0; y < evaluation.confusion.size(); ++y)
    if (std::any_of(evaluation.confusion[y].begin(), evaluation.confusion[y].end(), [](int64_t count) { return count > 0; }))
      occur.push_back(y);
  if (evaluation.classes.size() <= most || occur.empty() || occur.size() >= most) return evaluation;
  Evaluation e = evaluation;
  e.classes.clear();
  e.confusion.assign(occur.size() + 1, std::vector<int64_t>(occur.size() + 1));
  for (size_t row = 0; row < occur.size(); ++row) {
    const std::vector<int64_t>& counts = evaluation.confusion[occur[row]];
    e.classes.push_back(evaluation.classes[occur[row]]);
    int64_t others = std::accumulate(counts.begin(), counts.end(), int64_t{0});
    for (size_t column = 0; column < occur.size(); ++column) {
      e.confusion[row][column] = counts[occur[column]];
      others -= counts[occur[column]];
    }
    e.confusion[row].back() = others;
  }
  e.classes.push_back("other classes");
  return e;
}

}  // namespace convscope
