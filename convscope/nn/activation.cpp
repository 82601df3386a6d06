#include "convscope/nn/activation.h"

#include <string>
#include <vector>

#include "convscope/nn/one_of.h"

namespace convscope {

Value PRelu::build(Builder& graph, std::string_view name, Value x) const {
  const Shape in = graph.shape(x);
  require(in.rank() >= 2, "prelu '{}': the input is {}, [N, C, …] was wanted", graph.path(name), in);
  const Shape slopes = options_.channels ? Shape{in[1]} : Shape{1};
  const Value weight = graph.parameter(fmt::format("{}.weight", name), slopes, fmt::format("constant,value={}", options_.start));
  return graph.add<PReluOp>(name, {}, {x, weight});
}

Value RRelu::build(Builder& graph, std::string_view name, Value x) const {
  return graph.add<RReluOp>(name, {.lower = options_.lower, .upper = options_.upper, .stream = graph.path(name)}, {x});
}

std::string_view unabbreviated(std::string_view act) { return act == "lrelu" ? LeakyReluOp::kKind : act; }

std::unique_ptr<Layer> activation(std::string_view name, std::string_view whose) {
  std::vector<std::string> names;
  each_activation([&]<typename T>() { names.emplace_back(T::kKind); });
  for (const char* other : {"lrelu", "prelu", "rrelu"}) names.emplace_back(other);
  require_one_of(whose, "act", std::string(name), names);
  return layers().make(unabbreviated(name));
}

}  // namespace convscope
