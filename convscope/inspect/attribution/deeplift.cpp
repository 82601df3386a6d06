#include "convscope/inspect/attribution/deeplift.h"

#include <cmath>

#include "convscope/graph/rules/lift.h"
#include "convscope/inspect/attribution/integrated_gradients.h"
#include "convscope/inspect/attribution/rectified.h"

namespace convscope {

std::string DeepLift::legend() const {
  const std::string from = options_.baseline.ends_with(".npy") ? "the baseline" : options_.baseline;
  return fmt::format("red: it is more by the pixel's difference from {}; blue: less", from);
}

Maps DeepLift::explain(Subject& subject, const Tensor& x, const Question& question) const {
  network_of(subject, "deeplift");
  require(!question.objective.node.empty() || question.objective.of != Objective::Of::loss,
          "deeplift: it has no rule for a loss; it is `of` logits or softmax");
  const Tensor from = IntegratedGradients({.baseline = options_.baseline}).baselines(x, question);
  const auto before = values(subject.table(from, question.objective), question.objective, question.targets);
  Passed passed = subject.pass(x, {.objective = question.objective, .ruling = lift_ruling()}, question.targets, from);
  Maps maps{std::move(passed.gradients.at(std::string(kPixels))), {}};
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    double sum = 0;
    const auto map = maps.values.row(n);
    for (size_t i = 0; i < map.size(); ++i) sum += map[i] *= x.row(n)[i] - from.row(n)[i];
    const double difference = passed.value[static_cast<size_t>(n)] - before[static_cast<size_t>(n)];
    maps.completeness.push_back({.difference = difference, .gap = std::abs(sum - difference)});
  }
  return maps;
}

}  // namespace convscope
