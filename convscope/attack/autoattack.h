#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * Several attacks, each on the images that those before left right: what is right in the end has withstood all of them; Croce and Hein
 * 2020.
 *
 *   standard   apgd-ce, apgd-t, fab-t, square; in l1 apgd-ce from 5 places, and apgd-t towards 5 classes
 *   plus       5 restarts of apgd-ce, of apgd-dlr and of fab; square, apgd-t, fab-t
 *   rand       apgd-ce and apgd-dlr by means of 20 slopes, for networks that draw random numbers when they answer
 *
 * as_reference: what the published program does otherwise than its papers say (square, apgd), to be held against its figures.
 *
 * An image is done when its picture in floats is taken for something else. Of several ε each part is asked of those that still leave an
 * image right.
 */
class AutoAttack : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    std::string suite = "standard";
    bool individual = false;
    bool as_reference = false;

    void fields(auto&& field) {
      field("norm", norm, kNormHelp);
      field("suite", suite, "standard; plus, which is more of it; rand, for networks that draw random numbers when they answer");
      field("individual", individual, "each attack is asked of all images, not of those alone that are left: what each finds by itself");
      field("as_reference", as_reference, kAsReferenceHelp);
    }
  };
  explicit AutoAttack(Options options);
  Norm norm() const override { return norm_; }
  bool takes_long() const override { return true; }
  AttackResult perform(Subject& subject, const AttackedImages& images, const Goal& goal, std::span<const double> epsilons,
                       const AttackSettings& settings = {}) const override;

 protected:
  /** It has no way of its own. */
  Steps run(Walk& walk) const override;

 private:
  std::vector<Choice> parts() const;

  Options options_;
  Norm norm_;
};

}  // namespace convscope
