#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * Random squares, kept where the margin of the logits falls: needs no slope; Andriushchenko et al. 2020, algorithms 1 to 3. A square's
 * share of the picture begins with p and halves after 10, 50, 200, 500, 1,000, 2,000, 4,000, 6,000 and 8,000 queries. Each image draws its
 * own squares, anywhere in the picture; as_reference: all images share them, and none touches the last row or column, as in the published
 * program.
 *
 *   linf  from vertical stripes of ±ε; a square of one sign a channel
 *   l2    from a grid of bumps of two signs; the share of ε² of one window goes to another
 *   l1    the same with steeper bumps and the share of ε, and then to the nearest place in ball and pixel range; Croce and Hein 2021
 */
class Square : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    int64_t queries = 5000;
    double p = 0.8;
    bool as_reference = false;

    void fields(auto&& field) {
      field("norm", norm, kNormHelp);
      field("queries", queries, "pictures that the network is asked about, at most");
      field("p", p, "share of the picture that the first squares cover");
      field("as_reference", as_reference, kAsReferenceHelp);
    }
  };
  explicit Square(Options options);
  Norm norm() const override { return norm_; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
  Norm norm_;
};

}  // namespace convscope
