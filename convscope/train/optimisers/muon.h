#pragma once

#include "convscope/train/optimiser.h"

namespace convscope {

/**
 * Momentum whose step is made orthogonal, for the kernels of convolutions; Jordan et al. 2024 (kellerjordan.github.io/posts/muon), in the
 * form of the CIFAR-10 trainings, where kernels keep their norm. A kernel [K, C, R, S] counts as a matrix W of K rows:
 *
 *   M ← momentum M + G                                  M = 0 before the first step
 *   W ← √K W / |W| − rate · orthogonal(G + momentum M)  orthogonal(M) without nesterov; train/optimisers/orthogonal.h
 *
 * All other parameters go by stochastic gradient descent with Nesterov momentum (train/optimisers/sgd.h), `other_momentum`, and rates of
 * their own: `dense_rate` times the rate for the weights of linear layers, `vector_rate` times it for biases and scales. Their weight decay
 * is decoupled from these: at each step about rate · weight_decay of a number goes.
 */
class Muon : public Optimiser {
 public:
  struct Options {
    double momentum = 0.95;
    bool nesterov = true;
    int64_t iterations = 5;
    double dense_rate = 1;
    double vector_rate = 1;
    double other_momentum = 0.9;
    double weight_decay = 0;
    void fields(auto&& field) {
      field("momentum", momentum, "share of the last step's direction that goes into the next, for kernels");
      field("nesterov", nesterov, "look ahead along the momentum, for kernels");
      field("iterations", iterations, "of Newton and Schulz: more make the step more nearly orthogonal");
      field("dense_rate", dense_rate, "rate of linear layers' weights, as a factor of the rate");
      field("vector_rate", vector_rate, "rate of biases and scales, as a factor of the rate");
      field("other_momentum", other_momentum, "momentum of all but kernels");
      field("weight_decay", weight_decay, "of all but kernels, decoupled from their rates");
    }
  };
  explicit Muon(Options options);
  int moments() const override { return 1; }
  void update(const Update& u) const override;

 private:
  void update_kernel(const Update& u, const Weights::Entry& kernel) const;
  void update_other(const Update& u, const Weights::Entry& other) const;

  Options options_;
};

}  // namespace convscope
