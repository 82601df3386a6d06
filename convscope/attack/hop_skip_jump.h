#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * The nearest picture beyond the boundary by answers alone, neither slopes nor logits; Chen, Jordan and Wainwright 2020, algorithm 2.
 *
 *   v = Σ_b (φ_b − mean φ) u_b       φ_b = ±1: whether x + δ u_b is beyond; u_b of length 1
 *   x ← bisect towards the image from x + ξ v / |v| (l2), x + ξ sign(v) (linf)       ξ = |x − image| / √t, halved until it is beyond
 *
 * It begins with random pictures, so that one that aims at a class may find none.
 */
class HopSkipJump : public Attack {
 public:
  struct Options {
    std::string norm = "l2";
    int64_t queries = 5000;
    int64_t first = 100;

    void fields(auto&& field) {
      field("norm", norm, "linf or l2: what is to be small");
      field("queries", queries, "pictures that the network is asked about, at most");
      field("first", first, "of them, those of the first estimate of which way the boundary lies; of the t-th √t times as many");
    }
  };
  explicit HopSkipJump(Options options);
  Norm norm() const override { return norm_; }
  bool minimises() const override { return true; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
  Norm norm_;
};

}  // namespace convscope
