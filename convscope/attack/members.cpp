#include "convscope/attack/members.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace convscope {

double lead(const Walk& walk) {
  const auto z = walk.logits();
  const int64_t aimed = walk.aims() ? walk.image().goal : walk.image().label;
  double other = -HUGE_VAL;
  for (int64_t y = 0; y < std::ssize(z); ++y)
    if (y != aimed) other = std::max<double>(other, z[static_cast<size_t>(y)]);
  const double own = z[static_cast<size_t>(aimed)];
  return walk.aims() ? other - own : own - other;
}

void require_count(int64_t count, std::string_view whose, std::string_view what) {
  constexpr int64_t kMost = 1'000'000;
  require(count >= 1 && count <= kMost, "{}: {} {}; 1 to {} were wanted", whose, count, what, kMost);
}

std::vector<int64_t> aims_of(const Walk& walk, int64_t count) {
  const Walk::Image& image = walk.image();
  if (walk.aims()) return {image.goal};
  if (count == 0) return {image.label};
  std::vector<int64_t> classes(image.logits.size());
  std::iota(classes.begin(), classes.end(), 0);
  std::erase(classes, image.label);
  std::stable_sort(classes.begin(), classes.end(),
                   [&](int64_t a, int64_t b) { return image.logits[static_cast<size_t>(a)] > image.logits[static_cast<size_t>(b)]; });
  if (std::ssize(classes) > count) classes.resize(static_cast<size_t>(count));
  return classes;
}

ClassPair boundary_before(const Walk& walk, int64_t target) {
  if (!walk.aims()) return {walk.image().label, target};
  const auto z = walk.logits().empty() ? walk.image().logits : walk.logits();
  int64_t leads = target == 0 ? 1 : 0;
  for (int64_t y = 0; y < std::ssize(z); ++y)
    if (y != target && z[static_cast<size_t>(y)] > z[static_cast<size_t>(leads)]) leads = y;
  return {leads, target};
}

double climbed(const Walk& walk, Objective::Of of, ClassPair classes) {
  return attack_loss(attack_loss_name({.of = of}), walk.logits(), classes);
}

std::vector<float> random_direction(const Walk& walk, std::string_view stream) {
  const RandomStream random = walk.random(stream);
  std::vector<float> direction(walk.x().size());
  for (size_t i = 0; i < direction.size(); ++i)
    direction[i] = walk.norm() == Norm::linf ? 2 * random.uniform(i, walk.number()) - 1 : random.normal(i, walk.number());
  return direction;
}

void go_to_the_surface(Walk& walk, int64_t number) {
  const std::vector<float> direction = random_direction(walk, fmt::format("surface {}", number));
  if (walk.norm() == Norm::l1)
    walk.add(direction, 1);
  else if (const double size = size_of(direction, walk.norm()); size > 0)
    walk.add(direction, walk.epsilon() / size);
}

std::vector<float> signs_of_largest(std::span<const float> numbers, double share) {
  std::vector<float> sizes(numbers.size());
  std::transform(numbers.begin(), numbers.end(), sizes.begin(), [](float v) { return std::isnan(v) ? 0.0f : std::abs(v); });
  const double below = std::clamp((1 - share) * static_cast<double>(sizes.size()), 0.0, static_cast<double>(sizes.size() - 1));
  const auto least = sizes.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(sizes.begin(), least, sizes.end());
  std::vector<float> signs(numbers.size());
  int64_t count = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == 0 || !(std::abs(numbers[i]) >= *least)) continue;
    signs[i] = numbers[i] > 0 ? 1.0f : -1.0f;
    ++count;
  }
  for (float& v : signs) v /= static_cast<float>(std::max<int64_t>(1, count));
  return signs;
}

void move_along(Walk& walk, std::span<const float> up, double length) {
  constexpr double kShare = 0.01;
  if (walk.norm() == Norm::linf)
    walk.add_signs(up, static_cast<float>(length));
  else if (walk.norm() == Norm::l1)
    walk.add(signs_of_largest(up, kShare), length);
  else if (const double size = size_of(up, Norm::l2); size > 0)
    walk.add(up, length / size);
}

}  // namespace convscope
