#pragma once

#include "convscope/models/model.h"

namespace convscope {

/**
 * The network that study C writes from scratch: six 3×3 convolutions of 32, 32, 64, 64, 128 and 128 filters, each with ReLU and then
 * batch norm; behind every second one a 2×2 pool and dropout of 0.2, 0.3 and 0.4; one dense layer.
 *
 * Its batch norm takes statistics over the batch alone, position by position, with one scale and one offset for a layer: eps 1e-7,
 * momentum 0.01, biased variance. 307,510 parameters on 32×32 and 10 classes; 308,394 with norm=per-channel.
 *
 * init=faithful is what the study did: convolutions and all biases from N(0, 1), the dense weights from N(0, 1) / √fan-in.
 */
class Scratch : public Model {
 public:
  struct Options {
    std::string norm = "per-activation";
    std::string init = "faithful";
    bool dropout = true;
    void fields(auto&& field) {
      field("norm", norm, "per-activation, as published, or per-channel, the usual batch norm");
      field("init", init, "faithful: N(0, 1) weights and biases, as published; he: N(0, 2 / fan-in) and zeros");
      field("dropout", dropout, "0.2, 0.3 and 0.4 behind the pools");
    }
  };
  explicit Scratch(Options options);
  Task usual_task() const override { return {{3, 32, 32}, 10}; }

 protected:
  Value logits(Builder& graph, Value x, int64_t classes) const override;

 private:
  Options options_;
};

}  // namespace convscope
