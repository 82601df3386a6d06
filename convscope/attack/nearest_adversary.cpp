#include "convscope/attack/nearest_adversary.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/factor_search.h"
#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** Adam on w of x′ = (1 + tanh w) / 2, from the image on. */
class TanhAdam {
 public:
  explicit TanhAdam(std::span<const float> clean, double rate)
      : rate_(rate), start_(clean.size()), move_(clean.size()), first_(clean.size()), second_(clean.size()) {
    constexpr double kInside = 0.999999;  // 0 and 1 have no w
    for (size_t i = 0; i < clean.size(); ++i) start_[i] = std::atanh(kInside * (2.0 * clean[i] - 1));
  }

  void restart() {
    std::fill(move_.begin(), move_.end(), 0);
    std::fill(first_.begin(), first_.end(), 0);
    std::fill(second_.begin(), second_.end(), 0);
    steps_ = 0;
  }
  void put(std::span<float> x) const {
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(0.5 + 0.5 * std::tanh(start_[i] + move_[i]));
  }
  /** `slope(i)`: of the loss, for pixel i. */
  void step(const auto& slope) {
    constexpr double kFirst = 0.9, kSecond = 0.999, kEpsilon = 1e-8;
    ++steps_;
    const double correction = std::sqrt(1 - std::pow(kSecond, steps_)) / (1 - std::pow(kFirst, steps_));
    for (size_t i = 0; i < move_.size(); ++i) {
      const double tanh = std::tanh(start_[i] + move_[i]), g = slope(i) * 0.5 * (1 - tanh * tanh);
      first_[i] = kFirst * first_[i] + (1 - kFirst) * g;
      second_[i] = kSecond * second_[i] + (1 - kSecond) * g * g;
      move_[i] -= rate_ * correction * first_[i] / (std::sqrt(second_[i]) + kEpsilon);
    }
  }

 private:
  double rate_;
  int64_t steps_ = 0;
  std::vector<double> start_, move_, first_, second_;
};

}  // namespace

DeepFool::DeepFool(Options options) : options_(options) {
  require_count(options_.steps, "deepfool", "steps");
  require(options_.candidates >= 2, "deepfool: {} candidates; at least 2 were wanted", options_.candidates);
  require(options_.overshoot >= 0 && options_.overshoot <= 1, "deepfool: overshoot {}: a share was wanted", options_.overshoot);
}

Steps DeepFool::run(Walk& walk) const {
  constexpr double kMore = 1e-4;  // added to each distance, as published
  const std::vector<int64_t> classes = aims_of(walk, options_.candidates - 1);
  const auto clean = walk.clean();
  std::vector<double> moved(clean.size());
  for (int64_t done = 0; done < options_.steps; ++done) {
    double least = HUGE_VAL, size = 0;
    std::vector<float> nearest;
    bool beyond = false;
    for (const int64_t target : classes) {
      const ClassPair between = boundary_before(walk, target);
      const std::span<const float> slope = co_await walk.slope_of(Objective::Of::margin, between);
      const double margin = climbed(walk, Objective::Of::margin, between), length = size_of(slope, Norm::l2);
      const int64_t first = argmax(walk.logits());
      beyond = walk.aims() ? first == target : first != walk.image().label;
      if (beyond) break;
      if (!(length > 0) || !(std::abs(margin) / length < least)) continue;
      least = std::abs(margin) / length;
      size = length;
      nearest.assign(slope.begin(), slope.end());
    }
    if (beyond || nearest.empty()) break;
    for (size_t i = 0; i < clean.size(); ++i) {
      moved[i] += (least + kMore) / size * nearest[i];
      walk.x()[i] = static_cast<float>(clean[i] + (1 + options_.overshoot) * moved[i]);
    }
    walk.keep_inside();
  }
  co_await walk.look();
}

CarliniWagner::CarliniWagner(Options options) : options_(options) {
  require_count(options_.steps, "cw", "steps");
  require_count(options_.searches, "cw", "searches");
  require(options_.rate > 0 && options_.c > 0 && options_.kappa >= 0, "cw: rate and c above 0 and kappa of 0 or more were wanted");
}

Steps CarliniWagner::run(Walk& walk) const {
  const auto clean = walk.clean();
  // By how much any other class is ahead of the label, or the goal ahead of any other.
  const int64_t own = walk.aims() ? walk.image().goal : walk.image().label;
  const double sign = walk.aims() ? -1 : 1;
  TanhAdam adam(clean, options_.rate);
  FactorSearch factor{.c = options_.c};
  double least = HUGE_VAL;
  std::vector<float> best(clean.begin(), clean.end());
  constexpr int64_t kMany = 10;  // searches, of which the last takes what is known to succeed
  for (int64_t search = 0; search < options_.searches; ++search) {
    if (options_.searches >= kMany && search + 1 == options_.searches && factor.high < HUGE_VAL) factor.c = factor.high;
    adam.restart();
    bool reached = false;
    double before = HUGE_VAL;
    for (int64_t done = 0; done < options_.steps; ++done) {
      adam.put(walk.x());
      const std::span<const float> slope = co_await walk.slope_of(Objective::Of::margin, {own, own});
      const double margin = sign * climbed(walk, Objective::Of::margin, {own, own}), distance = l2_distance(walk.x(), clean);
      const bool there = margin > 0 && margin >= options_.kappa;
      reached = reached || there;
      if (there && distance < least) {
        least = distance;
        best.assign(walk.x().begin(), walk.x().end());
      }
      const double missing = options_.kappa - margin, loss = distance * distance + factor.c * std::max(0.0, missing);
      if (done % std::max<int64_t>(1, options_.steps / 10) == 0) {
        if (loss > 0.9999 * before) break;
        before = loss;
      }
      const double pull = missing > 0 ? sign * factor.c : 0;
      adam.step([&](size_t i) { return 2 * (static_cast<double>(walk.x()[i]) - clean[i]) - pull * slope[i]; });
    }
    factor.next(reached);
  }
  std::copy(best.begin(), best.end(), walk.x().begin());
  co_await walk.look();
}

}  // namespace convscope
