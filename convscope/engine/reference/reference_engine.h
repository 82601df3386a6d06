#pragma once

#include "convscope/engine/program.h"

namespace convscope {

/** Walks the graph through the ops' own plain loops, without folding or fusing: slow and true. fp32 only. */
class ReferenceEngine : public Engine {
 public:
  using Options = NoOptions;
  explicit ReferenceEngine(Options) {}
  std::unique_ptr<Program> compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) const override;
};

}  // namespace convscope
