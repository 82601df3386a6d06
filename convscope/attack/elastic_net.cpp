#include "convscope/attack/elastic_net.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/factor_search.h"
#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** The pixel that a step went to, with its change cut by β; in [0, 1]. */
double shrunk(double to, double clean, double beta) {
  const double by = to - clean;
  if (std::abs(by) <= beta) return clean;
  return std::clamp(by > 0 ? to - beta : to + beta, 0.0, 1.0);
}

}  // namespace

ElasticNet::ElasticNet(Options options) : options_(options) {
  require_count(options_.steps, "ead", "steps");
  require_count(options_.searches, "ead", "searches");
  require(options_.rate > 0 && options_.c > 0 && options_.beta >= 0 && options_.kappa >= 0,
          "ead: rate and c above 0, and beta and kappa of 0 or more were wanted");
}

Steps ElasticNet::run(Walk& walk) const {
  const auto clean = walk.clean();
  // By how much any other class is ahead of the label, or the goal ahead of any other.
  const int64_t own = walk.aims() ? walk.image().goal : walk.image().label;
  const double sign = walk.aims() ? -1 : 1;
  FactorSearch factor{.c = options_.c};
  double least = HUGE_VAL;
  std::vector<float> best(clean.begin(), clean.end());
  for (int64_t search = 0; search < options_.searches; ++search) {
    std::vector<double> x(clean.begin(), clean.end()), ahead = x;  // the picture, and where its momentum takes it
    bool reached = false;
    double before = HUGE_VAL;
    for (int64_t done = 0; done < options_.steps; ++done) {
      const auto go_to = [&](const std::vector<double>& place) {
        for (size_t i = 0; i < place.size(); ++i) walk.x()[i] = static_cast<float>(place[i]);
        walk.keep_inside();
      };
      go_to(ahead);
      const std::span<const float> slope = co_await walk.slope_of(Objective::Of::margin, {own, own});
      const double pull = sign * climbed(walk, Objective::Of::margin, {own, own}) < options_.kappa ? sign * factor.c : 0;
      const auto t = static_cast<double>(done), rate = options_.rate * std::sqrt(1 - t / static_cast<double>(options_.steps));
      for (size_t i = 0; i < x.size(); ++i) {
        const double to = ahead[i] - rate * (2 * (ahead[i] - clean[i]) - pull * slope[i]), old = x[i];
        x[i] = shrunk(to, clean[i], options_.beta);
        ahead[i] = x[i] + t / (t + 3) * (x[i] - old);
      }

      go_to(x);
      co_await walk.answer();
      const double margin = sign * climbed(walk, Objective::Of::margin, {own, own}), length = l2_distance(walk.x(), clean),
                   sum = l1_distance(walk.x(), clean);
      const bool there = margin > 0 && margin >= options_.kappa;
      reached = reached || there;
      if (there && sum < least) {
        least = sum;
        best.assign(walk.x().begin(), walk.x().end());
      }
      if (done % std::max<int64_t>(1, options_.steps / 10) != 0) continue;
      const double loss = length * length + options_.beta * sum + factor.c * std::max(0.0, options_.kappa - margin);
      if (loss > 0.9999 * before) break;
      before = loss;
    }
    factor.next(reached);
  }
  std::copy(best.begin(), best.end(), walk.x().begin());
  co_await walk.look();
}

}  // namespace convscope
