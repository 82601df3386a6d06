#pragma once

#include "convscope/api/network.h"

namespace convscope {

/**
 * The same network with weights that know nothing: those that a training would begin with. Where a file does not tell how it began (ONNX),
 * filters are drawn from N(0, 2 / fan-in), He et al. 2015, and what is one number a channel keeps its numbers in another order.
 */
Network randomised(Network network, uint64_t seed);

/** A copy of a network whose last layers are drawn anew, ever more of them; Adebayo et al. 2018. */
class RedrawnNetwork {
 public:
  RedrawnNetwork(const Network& network, const Setting& setting, uint64_t seed, int64_t batch);

  Subject& subject() { return subject_; }
  int64_t stages() const { return stages_; }
  /** In state `stages` all layers are drawn anew. */
  void set_state(int64_t stage);

 private:
  std::map<std::string, Tensor> own_, drawn_;
  std::vector<std::vector<std::string>> layers_;  // names of their parameters, the last layer first
  int64_t stages_;
  std::shared_ptr<Weights> weights_;
  NetworkSubject subject_;
};

}  // namespace convscope
