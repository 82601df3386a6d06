#pragma once

#include "convscope/subject/subject.h"

namespace convscope {

/**
 * A network in two sizes of batch. Programs have a fixed batch, and what a request leaves of it is computed in vain: so full batches go
 * through the large one, and the rest through the small one where that computes fewer images. Attacks end with a few images that hold out
 * long. No image's answer depends on what else is in its batch; by how many images a batch has, other kernels may be chosen, and answers
 * then differ by rounding.
 */
class TailSubject : public Subject {
 public:
  /** Of the same network; both outlive it. */
  TailSubject(Subject& large, Subject& small) : large_(large), small_(small) {}

  Shape image() const override { return large_.image(); }
  int64_t classes() const override { return large_.classes(); }
  int64_t batch() const override { return large_.batch(); }
  Tensor table(const Tensor& x, const Objective& objective) override;
  Tensor activation(const Tensor& x, const std::string& node) override { return large_.activation(x, node); }
  Shape shape(const std::string& node) const override { return large_.shape(node); }
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override;

 private:
  /** How many of so many images go through the large one. */
  int64_t in_large(int64_t count) const;

  Subject& large_;
  Subject& small_;
};

}  // namespace convscope
