#include "convscope/attack/ball.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "convscope/attack/projections.h"
#include "convscope/base/error.h"
#include "convscope/base/nearest.h"

namespace convscope {

Norm parse_norm(std::string_view text, std::string_view whose) {
  const std::vector<std::string> known{"linf", "l2", "l1"};
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1})
    if (text == name_of(norm)) return norm;
  throw Error(fmt::format("{}: no norm '{}'{}", whose, text, known_names(text, known)));
}

std::string_view name_of(Norm norm) { return norm == Norm::linf ? "linf" : norm == Norm::l2 ? "l2" : "l1"; }

float sum_rounded_down(float a, float b) {
  // a + b = sum + rest exactly; Knuth's two-sum.
  const double x = a, y = b, sum = x + y, y_part = sum - x, rest = (x - (sum - y_part)) + (y - y_part);
  const float rounded = static_cast<float>(sum);
  const bool above = static_cast<double>(rounded) > sum || (static_cast<double>(rounded) == sum && rest < 0);
  return above ? std::nextafter(rounded, -std::numeric_limits<float>::infinity()) : rounded;
}

float difference_rounded_up(float a, float b) { return -sum_rounded_down(b, -a); }

Ball::Ball(std::span<const float> centre, float radius, Norm norm, bool pixels_only)
    : centre_(centre), radius_(radius), norm_(norm), pixels_only_(pixels_only), low_(centre.size()), high_(centre.size()) {
  for (size_t i = 0; i < centre.size(); ++i) {
    low_[i] = difference_rounded_up(centre[i], radius);
    high_[i] = sum_rounded_down(centre[i], radius);
    if (!pixels_only) continue;
    low_[i] = std::max(0.0f, low_[i]);
    high_[i] = std::min(1.0f, high_[i]);
  }
}

namespace {

constexpr double kSums = 1e-10;  // what a sum of sizes or squares may be off by

}  // namespace

float Ball::towards_centre(size_t i, double wanted) const {
  const double c = centre_[i];
  const float x = static_cast<float>(c + wanted);
  return std::abs(static_cast<double>(x) - c) > std::abs(wanted) ? std::nextafter(x, centre_[i]) : x;
}

/** Each difference shrinks by the same share, and its float lies no farther out than that. */
void Ball::onto_sphere(std::span<float> x) const {
  const double inside = static_cast<double>(radius_) * (1 - kSums), distance = l2_distance(x, centre_);
  if (distance <= inside) return;
  const double share = inside / distance;
  for (size_t i = 0; i < x.size(); ++i) x[i] = towards_centre(i, share * (static_cast<double>(x[i]) - centre_[i]));
}

/** Each difference shrinks by the same amount, after which it is no longer than its pixel has room. */
void Ball::onto_l1_ball(std::span<float> x) const {
  std::vector<double> size(x.size()), room(x.size(), HUGE_VAL);
  for (size_t i = 0; i < x.size(); ++i) {
    const double by = static_cast<double>(x[i]) - centre_[i];
    size[i] = std::abs(by);
    if (pixels_only_) room[i] = by > 0 ? 1.0 - centre_[i] : centre_[i];
  }
  const double less = shrinkage_onto_l1_ball(size, room, static_cast<double>(radius_) * (1 - kSums));
  if (less == 0) return;
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = towards_centre(i, std::copysign(std::clamp(size[i] - less, 0.0, room[i]), static_cast<double>(x[i]) - centre_[i]));
}

void Ball::keep(std::span<float> x) const {
  if (norm_ == Norm::l2) onto_sphere(x);
  if (norm_ == Norm::l1) onto_l1_ball(x);
  // The order of the arguments turns what is not a number into the lower limit.
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::min(std::max(low_[i], x[i]), high_[i]);
}

double size_of(std::span<const float> direction, Norm norm) {
  double largest = 0, squares = 0, sum = 0;
  for (const float v : direction) {
    const double size = std::abs(static_cast<double>(v));
    largest = std::max(largest, size);
    squares += size * size;
    sum += size;
  }
  return norm == Norm::linf ? largest : norm == Norm::l2 ? std::sqrt(squares) : sum;
}

double farthest(Norm norm, int64_t numbers) {
  const auto n = static_cast<double>(numbers);
  return norm == Norm::linf ? 1 : norm == Norm::l2 ? std::sqrt(n) : n;
}

double distance(std::span<const float> x, std::span<const float> y, Norm norm) {
  return norm == Norm::linf ? linf_distance(x, y) : norm == Norm::l2 ? l2_distance(x, y) : l1_distance(x, y);
}

double linf_distance(std::span<const float> x, std::span<const float> y) {
  double largest = 0;
  for (size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(static_cast<double>(x[i]) - y[i]));
  return largest;
}

double l2_distance(std::span<const float> x, std::span<const float> y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double difference = static_cast<double>(x[i]) - y[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

double l1_distance(std::span<const float> x, std::span<const float> y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += std::abs(static_cast<double>(x[i]) - y[i]);
  return sum;
}

}  // namespace convscope
