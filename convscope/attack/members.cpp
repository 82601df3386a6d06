#include "convscope/attack/members.h"

#include <algorithm>
#include <numeric>

namespace convscope {

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

void go_to_the_surface(Walk& walk, Norm norm, int64_t number) {
  const RandomStream random = walk.random(fmt::format("surface {}", number));
  std::vector<float> direction(walk.x().size());
  for (size_t i = 0; i < direction.size(); ++i)
    direction[i] = norm == Norm::linf ? 2 * random.uniform(i, walk.number()) - 1 : random.normal(i, walk.number());
  if (const double size = size_of(direction, norm); size > 0) walk.add(direction, walk.epsilon() / size);
}

void move_along(Walk& walk, std::span<const float> up, Norm norm, double length) {
  if (norm == Norm::linf)
    walk.add_signs(up, static_cast<float>(length));
  else if (const double size = size_of(up, norm); size > 0)
    walk.add(up, length / size);
}

}  // namespace convscope
