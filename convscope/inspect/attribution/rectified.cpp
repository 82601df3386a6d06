#include "convscope/inspect/attribution/rectified.h"

#include <cmath>

#include "convscope/graph/rules/rectifiers.h"

namespace convscope {

const Graph& network_of(const Subject& subject, std::string_view method) {
  const Graph* network = subject.network();
  require(network != nullptr, "{}: it goes through a network node by node, and this is none", method);
  return *network;
}

std::string Rectified::legend() const {
  const std::string_view way = way_ == Way::guided ? "through open rectifiers" : "through all rectifiers";
  if (options_.absolute) return fmt::format("bright: most comes down to the pixel {}, up or down", way);
  return fmt::format("red: it grows as the pixel gets brighter, by what is above 0 {}; blue: it falls", way);
}

Maps Rectified::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const bool guided = way_ == Way::guided;
  const std::string_view name = guided ? "guided-backprop" : "deconvolution";
  require(has_rectifier(network_of(subject, name), question.objective.node),
          "{}: there is no rectifier (ReLU or its kin) before what is explained, so the map would be the plain gradient; take the method "
          "gradient",
          name);
  Passed passed =
      subject.pass(x, {.objective = question.objective, .ruling = guided ? guided_ruling() : deconvolution_ruling()}, question.targets);
  Maps maps{std::move(passed.gradients.at(std::string(kPixels))), {}};
  if (options_.absolute)
    for (float& v : maps.values.span()) v = std::abs(v);
  maps.over = "by a rule that may hardly depend on class and weights (Adebayo et al. 2018)";
  return maps;
}

}  // namespace convscope
