#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * Several attacks, each on the images that those before left right: what is right in the end has withstood all of them; Croce and Hein
 * 2020.
 *
 *   standard   apgd-ce, apgd-t, fab-t, square
 *   plus       5 restarts of apgd-ce, of apgd-dlr and of fab; square, apgd-t, fab-t
 *
 * An image is done when its picture in floats is taken for something else. Its third version, `rand`, is for networks that draw random
 * numbers when they answer: those here do not.
 */
class AutoAttack : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    std::string suite = "standard";

    void fields(auto&& field) {
      field("norm", norm, "linf or l2: what epsilon measures");
      field("suite", suite, "standard or plus");
    }
  };
  explicit AutoAttack(Options options);
  Norm norm() const override { return norm_; }
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
