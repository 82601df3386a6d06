#include "convscope/subject/subject.h"

#include <algorithm>
#include <cmath>

#include "convscope/graph/ops/attack_loss.h"

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

Passed Subject::pass(const Tensor&, const Pass&, std::span<const int64_t>, const Tensor&) {
  fail("this is no network that could be gone through node by node");
}

Tensor Subject::table_from(const std::string& node, const Tensor&, const Tensor&, const Objective&) {
  fail("this is no network whose node '{}' could be given other values", node);
}

std::string_view attack_loss_name(const Objective& objective) {
  if (!objective.node.empty()) return {};
  switch (objective.of) {
    case Objective::Of::log_odds:
      return "log-odds";
    case Objective::Of::margin:
      return "margin";
    case Objective::Of::dlr:
      return "dlr";
    default:
      return {};
  }
}

void require_target(int64_t target, int64_t columns, const Objective& objective) {
  const std::string_view climbed = attack_loss_name(objective);
  const ClassPair classes = climbed.empty() ? ClassPair{target, target} : classes_of(climbed, target, columns);
  for (const int64_t number : {classes.own, classes.target})
    require(number >= 0 && number < columns, "target {}: {} has numbers 0 to {}", number,
            objective.node.empty() ? std::string("the network") : "node '" + objective.node + "'", columns - 1);
}

namespace {

double cross_entropy(std::span<const float> logits, int64_t target) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float v : logits) sum += std::exp(v - top);
  return std::log(sum) + top - logits[static_cast<size_t>(target)];
}

}  // namespace

std::vector<double> values(const Tensor& table, const Objective& objective, std::span<const int64_t> targets) {
  const bool loss = objective.node.empty() && objective.of == Objective::Of::loss;
  const std::string_view climbed = attack_loss_name(objective);
  const int64_t columns = table.shape()[1];
  std::vector<double> all;
  for (int64_t n = 0; n < table.shape()[0]; ++n) {
    const auto row = table.row(n);
    const int64_t target = targets[static_cast<size_t>(n)];
    require_target(target, columns, objective);
    if (!climbed.empty())
      all.push_back(attack_loss(climbed, row, classes_of(climbed, target, columns)));
    else
      all.push_back(loss ? cross_entropy(row, target) : row[static_cast<size_t>(target)]);
  }
  return all;
}

}  // namespace convscope
