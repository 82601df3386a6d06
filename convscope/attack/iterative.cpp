#include "convscope/attack/iterative.h"

#include <cmath>

#include "convscope/attack/members.h"

namespace convscope {

namespace {

constexpr double kMostReach = 1e6;

void require_step(double alpha, std::string_view whose) {
  require(alpha >= 0 && alpha <= 1, "{}: alpha {}: a step of 0 to 1 was wanted, in pixel units", whose, alpha);
}

float step_size(double alpha, double reach, float epsilon, int64_t steps) {
  return static_cast<float>(alpha > 0 ? alpha : reach * epsilon / static_cast<double>(steps));
}

/** Anywhere in the ball: each pixel by itself, or a random direction and length. */
void go_anywhere(Walk& walk, int64_t start) {
  const std::vector<float> direction = random_direction(walk, fmt::format("start {}", start));
  double length = walk.epsilon();
  if (walk.norm() != Norm::linf)
    length *= walk.random(fmt::format("length {}", start)).uniform(0, walk.number()) / size_of(direction, walk.norm());
  walk.add(direction, length);
}

}  // namespace

IteratedFgsm::IteratedFgsm(Options options) : options_(options) {
  require_count(options_.steps, "ifgsm", "steps");
  require_step(options_.alpha, "ifgsm");
}

Steps IteratedFgsm::run(Walk& walk) const {
  const float alpha = step_size(options_.alpha, 1, walk.epsilon(), options_.steps);
  for (int64_t done = 0; done < options_.steps; ++done) {
    const std::span<const float> up = co_await walk.slope();
    walk.add_signs(up, alpha);
  }
}

Pgd::Pgd(Options options) : options_(std::move(options)), norm_(parse_norm(options_.norm, "pgd")) {
  require_count(options_.steps, "pgd", "steps");
  require(options_.alpha >= 0, "pgd: alpha {}: 0 or more was wanted", options_.alpha);
  require(options_.reach > 0 && options_.reach <= kMostReach, "pgd: reach {}: more than 0 was wanted", options_.reach);
  require_count(options_.restarts, "pgd", "restarts");
  require_count(options_.eot, "pgd", "eot");
}

Steps Pgd::run(Walk& walk) const {
  const float alpha = step_size(options_.alpha, options_.reach, walk.epsilon(), options_.steps);
  for (int64_t start = 0; start < options_.restarts; ++start) {
    walk.return_home();
    if (options_.random_start || start > 0) go_anywhere(walk, start);
    for (int64_t done = 0; done < options_.steps; ++done) {
      MeanSlope up(walk);
      for (int64_t draw = 0; draw < options_.eot; ++draw) up.add(co_await walk.slope(draw > 0));
      move_along(walk, up.mean(), alpha);
    }
    co_await walk.look();
  }
}

MomentumFgsm::MomentumFgsm(Options options) : options_(options) {
  require_count(options_.steps, "mifgsm", "steps");
  require_step(options_.alpha, "mifgsm");
  require(options_.decay >= 0 && options_.decay <= 10, "mifgsm: decay {}: 0 to 10 was wanted", options_.decay);
}

Steps MomentumFgsm::run(Walk& walk) const {
  const float alpha = step_size(options_.alpha, 1, walk.epsilon(), options_.steps);
  const auto decay = static_cast<float>(options_.decay);
  std::vector<float> momentum(walk.x().size());
  for (int64_t done = 0; done < options_.steps; ++done) {
    const std::span<const float> up = co_await walk.slope();
    double sum = 0;
    for (const float v : up) sum += std::abs(v);
    const float share = sum > 0 ? static_cast<float>(1 / sum) : 0;
    for (size_t i = 0; i < up.size(); ++i) momentum[i] = decay * momentum[i] + share * up[i];
    walk.add_signs(momentum, alpha);
  }
}

Descent::Descent(Options options) : options_(options) {
  require_count(options_.iterations, "descent", "steps");
  require(options_.alpha > 0 && options_.alpha <= 1, "descent: alpha {}: more than 0 and at most 1 was wanted", options_.alpha);
}

Steps Descent::run(Walk& walk) const {
  const auto alpha = static_cast<float>(options_.alpha);
  for (int64_t done = 0; done < options_.iterations; ++done) {
    const std::span<const float> up = co_await walk.slope();
    const double size = size_of(up, Norm::linf);
    if (size == 0) break;  // it is flat: every further step would stay
    walk.add(up, alpha / size);
  }
}

}  // namespace convscope
