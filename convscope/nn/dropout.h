#pragma once

#include "convscope/nn/layer.h"

namespace convscope {

/**
 * Inverted dropout, Srivastava et al. 2014: in training an element is 0 with probability `rate`, the others are divided by 1 − rate.
 * Its random numbers come from a stream named after its path: layers of different names drop independently.
 */
class Dropout : public Layer {
 public:
  struct Options {
    double rate = 0.5;
    void fields(auto&& field) { field("rate", rate, "share of elements set to 0"); }
  };
  explicit Dropout(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;
  bool draws() const override { return true; }

 private:
  Options options_;
};

/** Stochastic depth, Huang et al. 2016: the same of whole images, for the branch of a residual block. */
class StochasticDepth : public Layer {
 public:
  struct Options {
    double rate = 0.1;
    void fields(auto&& field) { field("rate", rate, "share of images whose branch is 0"); }
  };
  explicit StochasticDepth(Options options) : options_(options) {}
  Value build(Builder& graph, std::string_view name, Value x) const override;
  bool draws() const override { return true; }

 private:
  Options options_;
};

}  // namespace convscope
