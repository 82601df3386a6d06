#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/data/dataset.h"
#include "convscope/engine/program.h"
#include "convscope/results/evaluation.h"

namespace convscope {

/** What is evaluated, and what people call it. */
struct EvaluationSubject {
  const Graph& graph;
  std::shared_ptr<Weights> weights;
  std::shared_ptr<const Dataset> data;
  std::string network_name = {};  // "resnet20"
  std::string data_name = {};     // "cifar10, test"
  Execution execution = {};
  int64_t batch = 256;
};

/**
 * Every sample once. The folder gets what a report page shows of it: evaluation.json, predictions/ (the first images and the most confident
 * mistakes, with their pictures) and figures/confusion-matrix.
 */
Evaluation evaluate_into(const Path& folder, const EvaluationSubject& subject,
                         const std::function<void(int64_t done, int64_t total)>& progress = {});

}  // namespace convscope
