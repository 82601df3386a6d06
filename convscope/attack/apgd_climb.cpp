#include "convscope/attack/apgd_climb.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/members.h"

namespace convscope {

namespace {

int64_t share_of(int64_t steps, double share) { return std::max<int64_t>(1, static_cast<int64_t>(share * static_cast<double>(steps))); }

int64_t count_changed(std::span<const float> x, std::span<const float> clean) {
  int64_t count = 0;
  for (size_t i = 0; i < x.size(); ++i) count += x[i] != clean[i];
  return count;
}

}  // namespace

Checkpoints::Checkpoints(int64_t steps) : window_(share_of(steps, 0.22)), shorter_(share_of(steps, 0.03)), least_(share_of(steps, 0.06)) {}

int64_t Checkpoints::step() {
  if (++since_ < window_) return 0;
  const int64_t ended = window_;
  since_ = 0;
  window_ = std::max(window_ - shorter_, least_);
  return ended;
}

void Climb::see(double loss, const Walk& walk, std::span<const float> slope) {
  rises_ += loss > last_;
  last_ = loss;
  if (loss <= highest_ && !best_.empty()) return;
  highest_ = loss;
  best_.assign(walk.x().begin(), walk.x().end());
  slope_at_best_.assign(slope.begin(), slope.end());
}

HalvingClimb::HalvingClimb(const Walk& walk, int64_t steps, double rho) : checkpoints_(steps), rho_(rho) { step_ = 2.0 * walk.epsilon(); }

bool HalvingClimb::goes_back(const Walk&) {
  const int64_t window = checkpoints_.step();
  if (window == 0) return false;
  const bool wandered = static_cast<double>(rises_) <= rho_ * static_cast<double>(window);
  const bool stuck = !halved_ && highest_ <= highest_at_checkpoint_;
  halved_ = wandered || stuck;
  highest_at_checkpoint_ = highest_;
  rises_ = 0;
  if (halved_) step_ /= 2;
  return halved_;
}

void HalvingClimb::move(Walk& walk, std::span<const float> slope) {
  constexpr double kMomentum = 0.75;
  here_.assign(walk.x().begin(), walk.x().end());
  move_along(walk, slope, step_);
  if (began_) {
    for (size_t i = 0; i < here_.size(); ++i)
      walk.x()[i] = static_cast<float>(here_[i] + kMomentum * (static_cast<double>(walk.x()[i]) - here_[i]) +
                                       (1 - kMomentum) * (static_cast<double>(here_[i]) - before_[i]));
    walk.keep_inside();
  }
  began_ = true;
  std::swap(before_, here_);
}

SparseClimb::SparseClimb(const Walk& walk, int64_t steps, double radius)
    : radius_(radius), window_(share_of(steps, 0.04)), changed_(count_changed(walk.x(), walk.clean())) {
  step_ = radius;
  allow(changed_, walk);
}

void SparseClimb::allow(int64_t changed, const Walk& walk) {
  constexpr double kFewer = 1.5;
  changed_ = changed;
  share_ = static_cast<double>(changed) / kFewer / static_cast<double>(std::ssize(walk.x()));
}

bool SparseClimb::goes_back(const Walk& walk) {
  constexpr double kMuchFewer = 0.95, kShorter = 1.5, kLeast = 10;
  if (++since_ < window_) return false;
  since_ = 0;
  const int64_t changed = count_changed(best(), walk.clean());
  const bool sparser = static_cast<double>(changed) < kMuchFewer * static_cast<double>(changed_);
  step_ = sparser ? radius_ : std::max(step_ / kShorter, radius_ / kLeast);
  allow(changed, walk);
  return sparser;
}

void SparseClimb::move(Walk& walk, std::span<const float> slope) { walk.add(signs_of_largest(slope, share_), step_); }

}  // namespace convscope
