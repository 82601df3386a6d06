#pragma once

#include <map>

#include "convscope/subject/network_subject.h"

namespace convscope {

/**
 * A network up to some nodes, and the way back from them: whatever number f somebody makes of what the nodes give, its slope for the pixels
 * is that of Σ a · s, where a is what they give and s = ∂f/∂a, the seeds. Nothing is computed behind the nodes. Of nodes that are not all
 * reached from the pixels, or none, an error.
 */
class SeededNetwork {
 public:
  SeededNetwork(const NetworkSubject& network, std::vector<std::string> nodes);

  /** [C, H, W]. */
  const Shape& image() const { return image_; }
  const std::vector<std::string>& nodes() const { return nodes_; }
  /** Shape of what node k gives for one image, and where its numbers begin in a row of `given`. */
  const Shape& shape(size_t k) const { return shapes_[k]; }
  int64_t begin(size_t k) const { return begins_[k]; }

  /** x [N, C, H, W] → [N, F]: the numbers of all nodes, one node behind the other, each in row-major order. */
  Tensor given(const Tensor& x);
  struct Slopes {
    Tensor gradient;              // [N, C, H, W]
    std::vector<int64_t> opened;  // [N] rectifiers that let nothing through and were opened; 0 without `redirected`
  };
  /** `seeds` [N, F]. `redirected`: by `redirected_ruling` (graph/rules/rectifiers.h). An image's slope is its own. */
  Slopes slopes(const Tensor& x, const Tensor& seeds, bool redirected);

 private:
  Program& program(bool back, bool redirected, int64_t batch);
  template <typename PerBatch>
  void in_batches(Program& program, int64_t batch, const Tensor& x, const Tensor* seeds, PerBatch&& take);

  Graph graph_;  // its output are the numbers [N, F]
  std::shared_ptr<Weights> weights_;
  NetworkSubject::Options options_;
  Shape image_;
  std::vector<std::string> nodes_;
  std::vector<Shape> shapes_;
  std::vector<int64_t> begins_;
  int64_t numbers_ = 0;
  bool rectified_ = false;
  struct Compiled {
    std::unique_ptr<Program> program;
    bool notes = false;  // whether anything is told of opened rectifiers
  };
  std::map<std::tuple<bool, bool, int64_t>, Compiled> programs_;
};

}  // namespace convscope
