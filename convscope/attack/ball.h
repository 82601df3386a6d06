#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace convscope {

/** How far a picture is from another: the largest |difference| of a pixel, the root of the sum of their squares, or their sum. */
enum class Norm { linf, l2, l1 };

/** As options name them; anything else is an error that opens with `whose`. */
Norm parse_norm(std::string_view text, std::string_view whose);
std::string_view name_of(Norm norm);

/** The smallest float that is not below a − b, and the largest that is not above a + b. */
float difference_rounded_up(float a, float b);
float sum_rounded_down(float a, float b);

/**
 * All pictures within ε of a centre, a ball, of which only pixels in [0, 1] count unless somebody wants the others too. Floats are rounded
 * towards the centre, so that what `keep` leaves is inside to the last bit: |x′ − x| ≤ ε holds for the exact difference and thus for the
 * rounded one.
 */
class Ball {
 public:
  Ball() = default;
  /** `centre` outlives it. */
  Ball(std::span<const float> centre, float radius, Norm norm, bool pixels_only = true);

  /** The nearest point of the ball, then of the pixel range; of l1 the nearest of both at once. */
  void keep(std::span<float> x) const;
  float radius() const { return radius_; }
  Norm norm() const { return norm_; }

 private:
  void onto_sphere(std::span<float> x) const;
  void onto_l1_ball(std::span<float> x) const;
  /** The centre plus `wanted`, or the next float towards the centre. */
  float towards_centre(size_t i, double wanted) const;

  std::span<const float> centre_;
  float radius_ = 0;
  Norm norm_ = Norm::linf;
  bool pixels_only_ = true;
  std::vector<float> low_, high_;  // each pixel's own limits
};

/** Of one direction: its largest |number|, its length, or the sum of its sizes. */
double size_of(std::span<const float> direction, Norm norm);

/** No two pictures of so many numbers in [0, 1] are farther from each other. */
double farthest(Norm norm, int64_t numbers);

/** By that norm. */
double distance(std::span<const float> x, std::span<const float> y, Norm norm);
/** max |x − y|, the root of Σ (x − y)², and Σ |x − y|. */
double linf_distance(std::span<const float> x, std::span<const float> y);
double l2_distance(std::span<const float> x, std::span<const float> y);
double l1_distance(std::span<const float> x, std::span<const float> y);

}  // namespace convscope
