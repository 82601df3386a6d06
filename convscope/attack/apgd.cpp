#include "convscope/attack/apgd.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** When step sizes are looked at: windows of .22, .19, .16 … of all steps, .06 at least. */
class Checkpoints {
 public:
  explicit Checkpoints(int64_t steps)
      : window_(std::max<int64_t>(share(0.22, steps), 1)),
        shorter_(std::max<int64_t>(share(0.03, steps), 1)),
        least_(std::max<int64_t>(share(0.06, steps), 1)) {}

  /** To be called after each step; the length of the window that ends with it, 0 where none does. */
  int64_t step() {
    if (++since_ < window_) return 0;
    const int64_t ended = window_;
    since_ = 0;
    window_ = std::max(window_ - shorter_, least_);
    return ended;
  }

 private:
  static int64_t share(double of, int64_t steps) { return static_cast<int64_t>(of * static_cast<double>(steps)); }

  int64_t window_, shorter_, least_, since_ = 0;
};

}  // namespace

/** One climb: the best place so far and its slope, and the step size. */
struct Apgd::Climb {
  double step;
  double best = -HUGE_VAL, last = -HUGE_VAL;
  std::vector<float> before = {}, at_best = {}, slope_at_best = {};
  int64_t rises = 0;
  bool halved = true;
  double best_at_checkpoint = -HUGE_VAL;

  void see(double loss, std::span<const float> x, std::span<const float> slope) {
    rises += loss > last;
    last = loss;
    if (loss <= best) return;
    best = loss;
    at_best.assign(x.begin(), x.end());
    slope_at_best.assign(slope.begin(), slope.end());
  }
  /** At the end of a window: whether the step was halved, and x has to go back. */
  bool halve(int64_t window, double rho) {
    const bool wandered = static_cast<double>(rises) <= rho * static_cast<double>(window);
    const bool stuck = !halved && best <= best_at_checkpoint;
    halved = wandered || stuck;
    best_at_checkpoint = best;
    rises = 0;
    if (halved) step /= 2;
    return halved;
  }
};

Apgd::Apgd(Options options, Objective::Of of, int64_t targets, std::string_view whose)
    : options_(std::move(options)), norm_(parse_norm(options_.norm, whose)), of_(of), targets_(targets) {
  require_count(options_.steps, whose, "steps");
  require_count(options_.restarts, whose, "restarts");
  require(options_.rho > 0 && options_.rho <= 1, "{}: rho {}: a share was wanted", whose, options_.rho);
}

Steps Apgd::run(Walk& walk) const {
  constexpr double kMomentum = 0.75;
  const std::vector<int64_t> targets = aims_of(walk, targets_);
  const auto size = walk.x().size();
  for (int64_t start = 0; start < options_.restarts; ++start)
    for (const int64_t target : targets) {
      // Log-odds towards a class are those against it, downwards.
      const bool downwards = of_ == Objective::Of::log_odds && walk.aims();
      const ClassPair classes = downwards ? ClassPair{target, target} : ClassPair{walk.image().label, target};
      const float sign = downwards ? -1.0f : 1.0f;
      walk.return_home();
      go_to_the_surface(walk, norm_, start * kMostClassesAimedAt + target);
      Climb climb{.step = 2.0 * walk.epsilon()};
      Checkpoints checkpoints(options_.steps);
      std::vector<float> slope(size);
      for (int64_t done = 0;; ++done) {
        const std::span<const float> up = co_await walk.slope_of(of_, classes);
        std::transform(up.begin(), up.end(), slope.begin(), [&](float v) { return sign * v; });
        climb.see(sign * climbed(walk, of_, classes), walk.x(), slope);
        if (done == options_.steps) break;
        if (done == 0) climb.rises = 0, climb.best_at_checkpoint = climb.best;  // the start is no step
        if (const int64_t window = done > 0 ? checkpoints.step() : 0; window > 0 && climb.halve(window, options_.rho)) {
          std::copy(climb.at_best.begin(), climb.at_best.end(), walk.x().begin());
          slope = climb.slope_at_best;
        }
        const std::vector<float> here(walk.x().begin(), walk.x().end());
        move_along(walk, slope, norm_, climb.step);
        if (done > 0) {
          for (size_t i = 0; i < size; ++i)
            walk.x()[i] = static_cast<float>(here[i] + kMomentum * (static_cast<double>(walk.x()[i]) - here[i]) +
                                             (1 - kMomentum) * (static_cast<double>(here[i]) - climb.before[i]));
          walk.keep_inside();
        }
        climb.before = here;
      }
      std::copy(climb.at_best.begin(), climb.at_best.end(), walk.x().begin());
      co_await walk.look();
    }
}

}  // namespace convscope
