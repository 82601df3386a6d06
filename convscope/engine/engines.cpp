#include "convscope/engine/check/check_engine.h"
#include "convscope/engine/onednn/onednn_engine.h"
#include "convscope/engine/program.h"
#include "convscope/engine/reference/reference_engine.h"

namespace convscope {

const Table<Engine>& engines() {
  static const Table<Engine> table{
      "engine",
      {
          entry<OneDnnEngine, Engine>("onednn", "oneDNN's primitives and our kernels, planned over the whole graph"),
          entry<ReferenceEngine, Engine>("reference", "the ops' own plain loops: slow and true"),
          entry<CheckEngine, Engine>("check", "a fast engine and the reference side by side; an error where they differ"),
      }};
  return table;
}

Execution execution_of(std::string_view precision, std::string_view engine) {
  const Choice by = parse_choice(engine);
  (void)engines().make(by);  // an unknown name or option shows now
  return {precision_of(precision), by};
}

std::unique_ptr<Program> compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) {
  return engines().make(request.engine)->compile(network, std::move(weights), request);
}

}  // namespace convscope
