#pragma once

#include "convscope/engine/program.h"

namespace convscope {

/** Runs a fast engine and the reference side by side and refuses a result that strays: |fast − true| ≤ tolerance · max |true|, for each
 * result. */
class CheckEngine : public Engine {
 public:
  struct Options {
    std::string engine = "onednn";
    double tolerance = 1e-4;
    void fields(auto&& field) {
      field("engine", engine, "the engine that is checked, and its options");
      field("tolerance", tolerance, "largest difference, relative to the largest true number of that result");
    }
  };
  explicit CheckEngine(Options options) : options_(std::move(options)) {}
  std::unique_ptr<Program> compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) const override;

 private:
  Options options_;
};

}  // namespace convscope
