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
          entry<CheckEngine, Engine>("check", "a fast engine and the reference side by side"),
      }};
  return table;
}

std::unique_ptr<Program> compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) {
  return engines().make("onednn")->compile(network, std::move(weights), request);
}

}  // namespace convscope
