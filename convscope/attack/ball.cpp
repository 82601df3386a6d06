#include "convscope/attack/ball.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/nearest.h"

namespace convscope {

Norm parse_norm(std::string_view text, std::string_view whose) {
  const std::vector<std::string> known{"linf", "l2"};
  require(text == "linf" || text == "l2", "{}: no norm '{}'{}", whose, text, known_names(text, known));
  return text == "linf" ? Norm::linf : Norm::l2;
}

float sum_rounded_down(float a, float b) {
  // a + b = sum + rest exactly; Knuth's two-sum.
  const double x = a, y = b, sum = x + y, y_part = sum - x, rest = (x - (sum - y_part)) + (y - y_part);
  const float rounded = static_cast<float>(sum);
  const bool above = static_cast<double>(rounded) > sum || (static_cast<double>(rounded) == sum && rest < 0);
  return above ? std::nextafter(rounded, -std::numeric_limits<float>::infinity()) : rounded;
}

float difference_rounded_up(float a, float b) { return -sum_rounded_down(b, -a); }

Ball::Ball(std::span<const float> centre, float radius, Norm norm, bool pixels_only)
    : centre_(centre), radius_(radius), norm_(norm), low_(centre.size()), high_(centre.size()) {
  for (size_t i = 0; i < centre.size(); ++i) {
    low_[i] = difference_rounded_up(centre[i], radius);
    high_[i] = sum_rounded_down(centre[i], radius);
    if (!pixels_only) continue;
    low_[i] = std::max(0.0f, low_[i]);
    high_[i] = std::min(1.0f, high_[i]);
  }
}

/** Each difference shrinks by the same share, and its float lies no farther out than that. */
void Ball::onto_sphere(std::span<float> x) const {
  constexpr double kSums = 1e-10;  // what the sum of squares may be off by
  const double inside = static_cast<double>(radius_) * (1 - kSums), distance = l2_distance(x, centre_);
  if (distance <= inside) return;
  const double share = inside / distance;
  for (size_t i = 0; i < x.size(); ++i) {
    const double c = centre_[i], wanted = share * (static_cast<double>(x[i]) - c);
    x[i] = static_cast<float>(c + wanted);
    if (std::abs(static_cast<double>(x[i]) - c) > std::abs(wanted)) x[i] = std::nextafter(x[i], centre_[i]);
  }
}

void Ball::keep(std::span<float> x) const {
  if (norm_ == Norm::l2) onto_sphere(x);
  // The order of the arguments turns what is not a number into the lower limit.
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::min(std::max(low_[i], x[i]), high_[i]);
}

double size_of(std::span<const float> direction, Norm norm) {
  double largest = 0, squares = 0;
  for (const float v : direction) {
    largest = std::max(largest, std::abs(static_cast<double>(v)));
    squares += static_cast<double>(v) * v;
  }
  return norm == Norm::linf ? largest : std::sqrt(squares);
}

double farthest(Norm norm, int64_t numbers) { return norm == Norm::linf ? 1 : std::sqrt(static_cast<double>(numbers)); }

double distance(std::span<const float> x, std::span<const float> y, Norm norm) {
  return norm == Norm::linf ? linf_distance(x, y) : l2_distance(x, y);
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

}  // namespace convscope
