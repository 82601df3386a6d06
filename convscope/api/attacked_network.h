#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "convscope/attack/tail.h"
#include "convscope/subject/network_subject.h"

namespace convscope {

/** A network as attacks want it: with a second, small batch for the few images that hold out long. Programs are compiled when needed. */
class AttackedNetwork {
 public:
  AttackedNetwork(const Graph& graph, std::shared_ptr<Weights> weights, int64_t batch, const Execution& execution = {})
      : large_(graph, weights, {.batch = batch, .precision = execution.precision, .engine = execution.engine}),
        small_(graph, weights, {.batch = small_batch(batch), .precision = execution.precision, .engine = execution.engine}) {}
  AttackedNetwork(const AttackedNetwork&) = delete;
  AttackedNetwork& operator=(const AttackedNetwork&) = delete;

  Subject& subject() { return subject_; }

 private:
  static int64_t small_batch(int64_t batch) { return std::clamp<int64_t>(batch / 8, 1, 8); }

  NetworkSubject large_, small_;
  TailSubject subject_{large_, small_};
};

}  // namespace convscope
