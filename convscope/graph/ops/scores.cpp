#include "convscope/graph/ops/scores.h"

#include <algorithm>
#include <cmath>

namespace convscope {

ScoreRow score_row(const Tensor& x, int64_t n) {
  const auto values = x.row(n);
  return {values.begin(), values.end()};
}

ScoreRow log_softmax(const ScoreRow& x) {
  const double top = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double v : x) sum += std::exp(v - top);
  ScoreRow logs;
  for (const double v : x) logs.push_back(v - top - std::log(sum));
  return logs;
}

int64_t label_at(std::string_view kind, const Tensor& labels, int64_t n, int64_t classes, int64_t least, const RunContext& context) {
  const float label = labels[n];
  require(label >= static_cast<float>(least) && label < static_cast<float>(classes) && label == std::floor(label),
          "{}: sample {} has the label {}; a whole number from {} to {} was wanted, one of the network's {} classes", kind,
          context.sample(n), label, least, classes - 1, classes);
  return static_cast<int64_t>(label);
}

}  // namespace convscope
