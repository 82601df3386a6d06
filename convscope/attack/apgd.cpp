#include "convscope/attack/apgd.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/apgd_climb.h"
#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** Steps within one ball. */
struct Stage {
  double width;  // in ε
  int64_t steps;
};

/** l1 comes from wider balls; Croce and Hein 2021, section 4. */
std::vector<Stage> stages_of(Norm norm, int64_t steps) {
  if (norm != Norm::l1) return {{1, steps}};
  const int64_t share = std::min(static_cast<int64_t>(std::ceil(0.3 * static_cast<double>(steps))), (steps - 1) / 2);
  std::vector<Stage> stages;
  for (const Stage& stage : {Stage{3, share}, {2, share}, {1, steps - 2 * share}})
    if (stage.steps > 0) stages.push_back(stage);
  stages.back().width = 1;
  return stages;
}

std::unique_ptr<Climb> climb_of(const Walk& walk, const Stage& stage, double rho) {
  if (walk.norm() == Norm::l1) return std::make_unique<SparseClimb>(walk, stage.steps, stage.width * walk.epsilon());
  return std::make_unique<HalvingClimb>(walk, stage.steps, rho);
}

}  // namespace

Apgd::Apgd(Options options, Objective::Of of, int64_t targets, std::string_view whose)
    : options_(std::move(options)), norm_(parse_norm(options_.norm, whose)), of_(of), targets_(targets) {
  require_count(options_.steps, whose, "steps");
  require_count(options_.restarts, whose, "restarts");
  require_count(options_.eot, whose, "eot");
  require(options_.rho > 0 && options_.rho <= 1, "{}: rho {}: a share was wanted", whose, options_.rho);
}

Steps Apgd::run(Walk& walk) const {
  const std::vector<int64_t> targets = aims_of(walk, targets_);
  const std::vector<Stage> stages = stages_of(norm_, options_.steps);
  for (int64_t start = 0; start < options_.restarts; ++start)
    for (const int64_t target : targets) {
      // Log-odds towards a class are those against it, downwards.
      const bool downwards = of_ == Objective::Of::log_odds && walk.aims();
      const ClassPair classes = downwards ? ClassPair{target, target} : ClassPair{walk.image().label, target};
      const float sign = downwards ? -1.0f : 1.0f;
      walk.return_home();
      walk.widen(stages.front().width);
      go_to_the_surface(walk, start * kMostClassesAimedAt + target);
      for (const Stage& stage : stages) {
        walk.widen(stage.width);
        walk.keep_inside();
        const std::unique_ptr<Climb> climb = climb_of(walk, stage, options_.rho);
        for (int64_t done = 0;; ++done) {
          MeanSlope up(walk);
          double loss = 0;
          for (int64_t draw = 0; draw < options_.eot; ++draw) {
            up.add(co_await walk.slope_of(of_, classes), sign);
            const double here = sign * climbed(walk, of_, classes);
            loss = options_.as_reference ? here : loss + here;
          }
          const std::span<const float> slope = up.mean();
          climb->see(loss, walk, slope);
          // Log-odds have no 0 of their own: they are above it where the cross-entropy is, which is everywhere.
          if (options_.as_reference && done == 0) climb->compare_first_with(of_ == Objective::Of::log_odds ? -HUGE_VAL : 0);
          if (done == stage.steps) break;
          const bool back = done > 0 && climb->goes_back(walk);
          if (back) std::copy(climb->best().begin(), climb->best().end(), walk.x().begin());
          climb->move(walk, back ? std::span<const float>(climb->slope_at_best()) : slope);
        }
        std::copy(climb->best().begin(), climb->best().end(), walk.x().begin());
      }
      co_await walk.look();
    }
}

}  // namespace convscope
