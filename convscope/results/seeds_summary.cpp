#include "convscope/results/seeds_summary.h"

#include "convscope/results/spread.h"

namespace convscope {

std::string seed_folder_name(int64_t seed) { return fmt::format("seed-{}", seed); }

void summarise(SeedsSummary& s) {
  const Spread last = spread_of(s.accuracies, kShares), best = spread_of(s.best_accuracies, kShares);
  s.accuracy_mean = last.mean;
  s.accuracy_deviation = last.deviation;
  s.accuracy_interval_95 = last.interval_95;
  s.best_accuracy_mean = best.mean;
  s.best_accuracy_deviation = best.deviation;
  s.best_accuracy_interval_95 = best.interval_95;
}

}  // namespace convscope
