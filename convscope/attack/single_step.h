#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/** x + ε sign(∇J): one signed step; Goodfellow et al. 2015, section 4. sign(0) = 0: pixels that do not matter stay. */
class Fgsm : public Attack {
 public:
  struct Options {
    bool unclipped = false;
    void fields(auto&& field) { field("unclipped", unclipped, "pictures may leave [0, 1], as in programs that do not cut them"); }
  };
  explicit Fgsm(Options options) : unclipped_(options.unclipped) {}
  bool pixels_only() const override { return !unclipped_; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  bool unclipped_;
};

/**
 * x + ε ∇J / |∇J|: one step along the slope itself, which is divided by its largest |number| (linf) or its length (l2). Where the slope is
 * zero everywhere the image stays.
 */
class NormedGradient : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    void fields(auto&& field) {
      field("norm", norm, "linf: the largest |number| of the step is epsilon; l2: its length is; l1: the sum of its sizes is");
    }
  };
  explicit NormedGradient(Options options) : norm_(parse_norm(options.norm, "normed-gradient")) {}
  Norm norm() const override { return norm_; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Norm norm_;
};

/**
 * The slope itself as a picture, without the image: ε sign(∇J), or ε ∇J / max |∇J|. The attribution study classified 0.01 sign(∇J) with
 * its negative numbers, which is no picture; what 8 bits hold of it, negative numbers black, is judged beside it.
 */
class GradientImageAttack : public Attack {
 public:
  struct Options {
    std::string picture = "sign";
    std::string negatives = "keep";
    void fields(auto&& field) {
      field("picture", picture, "sign: epsilon times the slope's signs; normed: its largest |number| is epsilon");
      field("negatives", negatives, "keep: numbers below 0 go into the network, as published; cut: they are 0, as in a file");
    }
  };
  explicit GradientImageAttack(Options options);
  bool from_black() const override { return true; }
  bool pixels_only() const override { return !negatives_; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  bool signs_, negatives_;
};

/** x ± ε, each sign drawn for itself: what any attack of that size must be better than. */
class NoiseAttack : public Attack {
 public:
  using Options = NoOptions;
  explicit NoiseAttack(Options) {}

 protected:
  Steps run(Walk& walk) const override;
};

}  // namespace convscope
