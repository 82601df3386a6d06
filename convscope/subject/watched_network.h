#pragma once

#include <map>

#include "convscope/subject/network_subject.h"

namespace convscope {

/**
 * A network asked about the same images again and again while its weights change: until they do, an answer that is known is not computed
 * twice. Slopes come with the logits, so these cost nothing more. All other questions go to a NetworkSubject.
 */
class WatchedNetwork : public Subject {
 public:
  /** `images` outlive it and stay as they are. */
  WatchedNetwork(Graph graph, std::shared_ptr<Weights> weights, const Tensor& images, const Execution& execution);

  Shape image() const override { return rest_.image(); }
  int64_t classes() const override { return rest_.classes(); }
  int64_t batch() const override { return rest_.batch(); }
  Shape shape(const std::string& node) const override { return rest_.shape(node); }
  Tensor table(const Tensor& x, const Objective& objective) override;
  Tensor activation(const Tensor& x, const std::string& node) override { return rest_.activation(x, node); }
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override;
  Passed pass(const Tensor& x, const Pass& pass, std::span<const int64_t> targets, const Tensor& baseline = {}) override {
    return rest_.pass(x, pass, targets, baseline);
  }
  Tensor table_from(const std::string& node, const Tensor& values, const Tensor& x, const Objective& objective) override {
    return rest_.table_from(node, values, x, objective);
  }
  const Graph* network() const override { return rest_.network(); }

 private:
  struct Answer {
    std::unique_ptr<Program> program;
    std::vector<int64_t> targets;
    uint64_t version = 0;  // of the weights that it last ran with; they begin with 1
  };
  bool is_watched(const Tensor& x) const;

  std::shared_ptr<Weights> weights_;
  const Tensor& images_;
  Execution execution_;
  NetworkSubject rest_;
  std::map<Objective, Answer> answers_;
};

}  // namespace convscope
