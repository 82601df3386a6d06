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
  AttackedNetwork(const Graph& graph, std::shared_ptr<Weights> weights, int64_t batch, Precision precision = Precision::fp32)
      : large_(graph, weights, {.batch = batch, .precision = precision, .rules = {}}),
        small_(graph, weights, {.batch = small_batch(batch), .precision = precision, .rules = {}}) {}
  AttackedNetwork(const AttackedNetwork&) = delete;
  AttackedNetwork& operator=(const AttackedNetwork&) = delete;

  Subject& subject() { return subject_; }

 private:
  static int64_t small_batch(int64_t batch) { return std::clamp<int64_t>(batch / 8, 1, 8); }

  NetworkSubject large_, small_;
  TailSubject subject_{large_, small_};
};

}  // namespace convscope
