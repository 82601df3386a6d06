#pragma once

#include "convscope/graph/rules/relevance.h"
#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Layer-wise relevance propagation, Bach et al. 2015, by the rules of graph/rules/relevance.h; composites by zennit's names:
 *
 *                                  convolutions   dense     first
 *   epsilon-plus                   z-plus         epsilon   –
 *   epsilon-plus-flat              z-plus         epsilon   flat
 *   epsilon-alpha2-beta1           alpha-beta     epsilon   –
 *   epsilon-alpha2-beta1-flat      alpha-beta     epsilon   flat
 *   epsilon-gamma-box              gamma          epsilon   z-box
 *   epsilon                        epsilon        epsilon   –
 *
 * "first" are the layers that see pixels in the graph, whatever their order in a file. A map's numbers are relevance of pixels, in shares
 * of the output; what biases and stabilisers absorb is told beside it, and both add up to the output.
 */
class Relevance : public Attribution {
 public:
  struct Options {
    std::string composite = "epsilon-plus-flat";
    std::string conv, dense, first;
    double epsilon = 1e-6, gamma = 0.25, alpha = 2;
    bool biases = true;
    void fields(auto&& field) {
      field(
          "composite", composite,
          "rules that go together: epsilon-plus, epsilon-plus-flat, epsilon-alpha2-beta1, epsilon-alpha2-beta1-flat, epsilon-gamma-box or "
          "epsilon");
      field("conv", conv, "another rule for convolutions: epsilon, gamma, z-plus, alpha-beta, w-square or flat");
      field("dense", dense, "another one for dense layers");
      field("first", first, "another one for layers that see pixels; these, z-box for pixels from 0 to 1, or none");
      field("epsilon", epsilon, "the stabiliser of the epsilon rule: larger ones absorb more and give quieter maps");
      field("gamma", gamma, "of the gamma rule: how much more what speaks for it counts");
      field("alpha", alpha, "of alpha-beta; beta is alpha − 1");
      field("biases", biases,
            "biases of convolutions and dense layers take their share; false: all goes to their inputs. Through many layers with large "
            "biases "
            "hardly anything arrives otherwise");
    }
  };
  explicit Relevance(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override { return "red: the pixel's share in it; blue: against it"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  RelevanceRules rules_;
};

/**
 * Excitation backprop, Zhang et al. 2016: relevance that begins with 1 and goes down as a probability, in proportion to x w where it speaks
 * for the layer's number (z-plus without biases); nothing is below 0.
 */
class Excitation : public Attribution {
 public:
  using Options = NoOptions;
  explicit Excitation(Options) {}
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override {
    return "red: where a walk down from it, along what excites it, mostly arrives; blue: sums of opposite signs on its way";
  }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;
};

}  // namespace convscope
