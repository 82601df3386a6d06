#include "convscope/subject/subject.h"

#include <algorithm>
#include <cmath>

namespace convscope {

std::vector<int64_t> predicted(Subject& subject, const Tensor& x) {
  const Tensor logits = subject.logits(x);
  std::vector<int64_t> classes;
  for (int64_t n = 0; n < x.shape()[0]; ++n) classes.push_back(argmax(logits.row(n)));
  return classes;
}

void Subject::stream(const std::string& node, int64_t count, const Fill& fill, const Take& take) {
  const Shape one = image();
  for (int64_t first = 0; first < count; first += batch()) {
    Tensor x({std::min(batch(), count - first), one[0], one[1], one[2]});
    fill(first, x.span());
    const Tensor y = activation(x, node);
    take(first, x.shape()[0], y.reshaped({y.shape()[0], y.shape().inner()}));
  }
}

void Subject::stream_signals(int64_t, const Fill&, const TakeSignals&) { fail("this network is not known to drop samples anywhere"); }

void require_target(int64_t target, int64_t columns, const Objective& objective) {
  require(target >= 0 && target < columns, "target {}: {} has numbers 0 to {}", target,
          objective.node.empty() ? std::string("the network") : "node '" + objective.node + "'", columns - 1);
}

std::vector<double> values(const Tensor& table, const Objective& objective, std::span<const int64_t> targets) {
  const bool loss = objective.node.empty() && objective.of == Objective::Of::loss;
  std::vector<double> all;
  for (int64_t n = 0; n < table.shape()[0]; ++n) {
    const auto row = table.row(n);
    const int64_t target = targets[static_cast<size_t>(n)];
    require_target(target, table.shape()[1], objective);
    const double own = row[static_cast<size_t>(target)];
    if (!loss) {
      all.push_back(own);
      continue;
    }
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float v : row) sum += std::exp(v - top);
    all.push_back(std::log(sum) + top - own);
  }
  return all;
}

}  // namespace convscope
