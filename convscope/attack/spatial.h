#pragma once

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * The image turned and shifted, without slopes: the place of a grid, or of some random ones, where its class is least ahead; Engstrom et
 * al. 2019. What comes in from outside is black, pixels are interpolated between four. ε is the share of the largest turn and shift that
 * the attack may take, 1 without one; places are tried from the least change on.
 */
class Spatial : public Attack {
 public:
  struct Options {
    double rotation = 30;
    double shift = 0.1;
    int64_t angles = 31;
    int64_t shifts = 5;
    int64_t random = 0;

    void fields(auto&& field) {
      field("rotation", rotation, "largest turn, in degrees");
      field("shift", shift, "largest shift, as a share of rows and columns");
      field("angles", angles, "turns of the grid");
      field("shifts", shifts, "shifts of the grid, along rows and along columns");
      field("random", random, "so many random places instead of the grid");
    }
  };
  explicit Spatial(Options options);
  bool in_ball() const override { return false; }
  bool wants_epsilon() const override { return false; }

 protected:
  Steps run(Walk& walk) const override;

 private:
  Options options_;
};

/** `image` [C, H, W] turned by `angle` (radians, from rows to columns) around its middle, then moved by so many rows and columns. */
std::vector<float> moved_image(std::span<const float> image, const Shape& shape, double angle, double rows, double columns);

}  // namespace convscope
