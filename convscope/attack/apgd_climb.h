#pragma once

#include <memory>
#include <vector>

#include "convscope/attack/walk.h"

namespace convscope {

/** When step sizes are looked at: windows of .22, .19, .16 … of all steps, .06 at least; Croce and Hein 2020, section 3. */
class Checkpoints {
 public:
  explicit Checkpoints(int64_t steps);
  /** To be called after each step; the length of the window that ends with it, 0 where none does. */
  int64_t step();

 private:
  int64_t window_, shorter_, least_, since_ = 0;
};

/** One climb of APGD within one ball: the best place so far and its slope, and how far to step. */
class Climb {
 public:
  virtual ~Climb() = default;

  /** What was found where it is, first at the start. */
  void see(double loss, const Walk& walk, std::span<const float> slope);
  /** The next place counts as a step up where it is above this, not above the start. */
  void compare_first_with(double loss) { last_ = loss; }
  /** To be called after each step: whether a checkpoint wants it to go on from the best place. */
  virtual bool goes_back(const Walk& walk) = 0;
  /** The next step, along a slope. */
  virtual void move(Walk& walk, std::span<const float> slope) = 0;

  const std::vector<float>& best() const { return best_; }
  const std::vector<float>& slope_at_best() const { return slope_at_best_; }

 protected:
  double highest_ = -HUGE_VAL;
  double step_ = 0;
  int64_t rises_ = 0;  // steps up since the last checkpoint

 private:
  double last_ = HUGE_VAL;  // the start is no step up
  std::vector<float> best_, slope_at_best_;
};

/**
 * linf and l2: with momentum; the step begins with 2 ε and halves where too few of the steps went up, or the best place is the old one and
 * it was not halved there.
 */
class HalvingClimb : public Climb {
 public:
  HalvingClimb(const Walk& walk, int64_t steps, double rho);
  bool goes_back(const Walk& walk) override;
  void move(Walk& walk, std::span<const float> slope) override;

 private:
  Checkpoints checkpoints_;
  double rho_, highest_at_checkpoint_ = -HUGE_VAL;
  bool halved_ = true, began_ = false;
  std::vector<float> here_, before_;
};

/**
 * l1: along the signs of the slope's largest numbers, two thirds as many as have changed at the best place. Where these become fewer the
 * step is ε again, from the best place; else it is divided by 1.5, to a tenth of ε; Croce and Hein 2021 ("Mind the box"), section 4.
 */
class SparseClimb : public Climb {
 public:
  /** `radius`: of the ball that it is within. */
  SparseClimb(const Walk& walk, int64_t steps, double radius);
  bool goes_back(const Walk& walk) override;
  void move(Walk& walk, std::span<const float> slope) override;

 private:
  void allow(int64_t changed, const Walk& walk);

  double radius_, share_ = 0;
  int64_t window_, since_ = 0, changed_;
};

}  // namespace convscope
