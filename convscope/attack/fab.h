#pragma once

#include <string>

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * The nearest picture beyond a boundary, by its linearisation again and again: from where it is and from the image at once; Croce and Hein
 * 2020 (FAB), algorithm 1.
 *
 *   x ← (1 − α) (x + η d) + α (image + η d₀)      d, d₀ the shortest steps to the linearised boundary; α = |d| / (|d| + |d₀|), .1 at most
 *   beyond it: kept where it is nearer than the best, then x ← image + β (x − image)
 */
class Fab : public Attack {
 public:
  struct Options {
    std::string norm = "linf";
    int64_t steps = 100;
    int64_t restarts = 1;

    void fields(auto&& field) {
      field("norm", norm, "linf, l2 or l1: what is to be small");
      field("steps", steps, "steps, each time");
      field("restarts", restarts, "times that it is tried, from the second on from a random place half as far as the best");
    }
  };
  /** Towards whichever boundary is nearest, which takes a slope for each class. */
  explicit Fab(Options options) : Fab(std::move(options), 0, "fab") {}
  Norm norm() const override { return norm_; }
  bool minimises() const override { return true; }

 protected:
  /** Towards each of so many classes; 0: whichever is nearest. */
  Fab(Options options, int64_t targets, std::string_view whose);
  Steps run(Walk& walk) const override;

 private:
  Options options_;
  Norm norm_;
  int64_t targets_;
};

/** Towards each of some classes. */
class FabT : public Fab {
 public:
  struct Options : Fab::Options {
    int64_t targets = 9;
    void fields(auto&& field) {
      Fab::Options::fields(field);
      field("targets", targets, "towards each of so many classes, the likeliest ones of the image but its own");
    }
  };
  explicit FabT(const Options& options) : Fab(options, options.targets, "fab-t") {
    require(options.targets >= 1, "fab-t: {} targets; at least 1 was wanted", options.targets);
  }
};

}  // namespace convscope
