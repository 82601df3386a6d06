#pragma once

/** What members of the family share. */

#include "convscope/attack/attack.h"

namespace convscope {

/** So many classes are told apart in the names of random streams. */
inline constexpr int64_t kMostClassesAimedAt = int64_t{1} << 24;

/** An error where a count is not from 1 to a million. */
void require_count(int64_t count, std::string_view whose, std::string_view what);

/**
 * Classes that a walk goes towards, one after the other: its goal; without one the `count` likeliest ones of its image but its own, or with
 * 0 its own class alone, which stands for all others.
 */
std::vector<int64_t> aims_of(const Walk& walk, int64_t count);

/** The boundary that lies before a class: the label's, or where the class is the goal that of whichever other class leads at the last
 * answer. */
ClassPair boundary_before(const Walk& walk, int64_t target);

/** The value of what a member climbs, from the walk's last logits. */
double climbed(const Walk& walk, Objective::Of of, ClassPair classes);

/** Numbers of any sign, each pixel's by itself: evenly from −1 to 1 (linf), or of the normal distribution. `stream` is the name by which
 * they are drawn. */
std::vector<float> random_direction(const Walk& walk, std::string_view stream);

/** By a random direction to the surface of the ball: the largest number as long as ε (linf), or all (l2); of l1 as near as there is a place
 * to the direction itself. */
void go_to_the_surface(Walk& walk, int64_t number);

/** By how much the label is ahead of all others at the last answer, or the class aimed at behind: what is to fall below 0. */
double lead(const Walk& walk);

/** The mean of slopes at one place. */
class MeanSlope {
 public:
  explicit MeanSlope(const Walk& walk) : sum_(walk.x().size()) {}

  void add(std::span<const float> slope, float sign = 1) {
    for (size_t i = 0; i < sum_.size(); ++i) sum_[i] += sign * slope[i];
    ++count_;
  }
  std::span<const float> mean() {
    if (count_ > 1)
      for (float& v : sum_) v /= static_cast<float>(count_);
    count_ = 1;
    return sum_;
  }

 private:
  std::vector<float> sum_;
  int64_t count_ = 0;
};

/** So large a share of the numbers, the largest ones, by their signs; all of the same size, with the sum of sizes 1. */
std::vector<float> signs_of_largest(std::span<const float> numbers, double share);

/** One step that long along the slope's signs (linf), along the slope (l2), or along the signs of its largest hundredth (l1; Tramèr and
 * Boneh 2019, section 4.1). */
void move_along(Walk& walk, std::span<const float> up, double length);

}  // namespace convscope
