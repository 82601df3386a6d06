#pragma once

#include <functional>
#include <memory>

#include "convscope/data/dataset.h"
#include "convscope/engine/program.h"
#include "convscope/results/evaluation.h"

namespace convscope {

/** An error that says what came and what was wanted where pictures or classes of the data are not the network's. */
void check_fits(const Graph& network, const Dataset& data);

/** Accuracy of a network on a data set, every sample counted once, the last partial batch included; compiled once, run after each epoch. */
class Evaluator {
 public:
  Evaluator(const Graph& network, std::shared_ptr<Weights> weights, std::shared_ptr<const Dataset> data,
            Precision precision = Precision::fp32, int64_t batch = 256);
  Evaluation run(const std::function<void(int64_t done, int64_t total)>& progress = {});

 private:
  std::shared_ptr<const Dataset> data_;
  int64_t batch_;
  std::unique_ptr<Program> program_;
};

}  // namespace convscope
