#include "convscope/attack/walk.h"

#include <algorithm>

namespace convscope {

Walk::Walk(const Image& image, std::span<const float> centre, Norm norm, uint64_t seed, bool pixels_only)
    : image_(image),
      centre_(centre),
      norm_(norm),
      seed_(seed),
      pixels_only_(pixels_only),
      x_(image.clean.begin(), image.clean.end()),
      slope_(image.clean.size()) {}

void Walk::begin(float epsilon, bool in_ball) {
  epsilon_ = epsilon;
  in_ball_ = in_ball;
  const double radius = in_ball ? epsilon : farthest(norm_, std::ssize(x_));
  ball_ = Ball(centre_, static_cast<float>(radius), norm_, pixels_only_);
  return_home();
  iterations_ = 0;
  looked_ = false;
}

void Walk::widen(double times) {
  // Not by rounding: one time is ε itself, to the last bit.
  const float radius = times == 1 ? epsilon_ : static_cast<float>(std::min(times * epsilon_, farthest(norm_, std::ssize(x_))));
  if (radius != ball_.radius()) ball_ = Ball(centre_, radius, norm_, pixels_only_);
}

void Walk::return_home() { std::copy(clean().begin(), clean().end(), x_.begin()); }

void Walk::add_signs(std::span<const float> up, float by) {
  for (size_t i = 0; i < x_.size(); ++i) x_[i] += by * static_cast<float>((up[i] > 0) - (up[i] < 0));
  keep_inside();
}

void Walk::add(std::span<const float> direction, double by) {
  for (size_t i = 0; i < x_.size(); ++i) x_[i] += static_cast<float>(by * direction[i]);
  keep_inside();
}

void Walk::ask_slope(const Asked& asked) {
  question_ = Question::slope;
  asked_ = asked;
}

void Walk::take_slope(std::span<const float> slope, std::span<const float> logits) {
  const bool plain = asked_.plain();
  const float sign = plain && aims() ? -1.0f : 1.0f;  // down the loss of the class aimed at
  for (size_t i = 0; i < slope.size(); ++i) slope_[i] = sign * slope[i];
  logits_.assign(logits.begin(), logits.end());
  if (plain && slope_at_home_.empty() && std::equal(x_.begin(), x_.end(), clean().begin())) {
    slope_at_home_ = slope_;
    logits_at_home_ = logits_;
  }
}

void Walk::take_answer(std::span<const float> logits, bool reached) {
  logits_.assign(logits.begin(), logits.end());
  reached_ = reached;
}

bool Walk::knows_slope() {
  if (slope_at_home_.empty() || !std::equal(x_.begin(), x_.end(), clean().begin())) return false;
  slope_ = slope_at_home_;
  logits_ = logits_at_home_;
  return true;
}

std::span<const float> Walk::next_slope() {
  ++iterations_;
  looked_ = false;
  return slope_;
}

}  // namespace convscope
