#include "convscope/results/learning_signs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace convscope {

namespace {

int64_t sum(const std::vector<int64_t>& counts) { return std::accumulate(counts.begin(), counts.end(), int64_t{0}); }

std::vector<int64_t> said(const Evaluation& e) {
  std::vector<int64_t> counts(e.classes.size());
  for (const std::vector<int64_t>& row : e.confusion)
    for (size_t y = 0; y < row.size(); ++y) counts[y] += row[y];
  return counts;
}

double share(int64_t count, int64_t total) { return total > 0 ? static_cast<double>(count) / static_cast<double>(total) : 0; }

}  // namespace

std::optional<size_t> only_answer(const Evaluation& e) {
  const auto asked = std::count_if(e.confusion.begin(), e.confusion.end(), [](const auto& row) { return sum(row) > 0; });
  const std::vector<int64_t> counts = said(e);
  const auto occurs = [](int64_t count) { return count > 0; };
  if (asked < 2 || std::count_if(counts.begin(), counts.end(), occurs) != 1) return std::nullopt;
  return static_cast<size_t>(std::find_if(counts.begin(), counts.end(), occurs) - counts.begin());
}

double chance(const Evaluation& e) {
  int64_t most = 0;
  for (const std::vector<int64_t>& row : e.confusion) most = std::max(most, sum(row));
  return share(most, e.total);
}

std::vector<std::string> signs_of_not_learning(const Evaluation& e, const EpochMetrics& epoch, int64_t train_samples) {
  constexpr double kCollapsed = 0.99, kCommon = 0.9, kLost = 10;
  std::vector<std::string> signs;
  const auto classes = static_cast<double>(e.classes.size());
  if (classes < 2 || e.total == 0) return signs;

  const double by_chance = chance(e);
  const auto learnt = std::llround(epoch.train_accuracy * static_cast<double>(train_samples));
  if (e.accuracy_interval_95[0] <= by_chance && wilson_interval(learnt, train_samples)[0] <= by_chance)
    signs.push_back(fmt::format("{:.2f} % of {} samples are right, and by chance {:.2f} %", 100 * e.accuracy, e.total, 100 * by_chance));

  const std::vector<int64_t> counts = said(e);
  const auto most = std::max_element(counts.begin(), counts.end());
  if (by_chance <= kCommon && share(*most, e.total) >= kCollapsed)
    signs.push_back(fmt::format("{} {} are taken for '{}'", *most == e.total ? std::string("all") : std::to_string(*most) + " of", e.total,
                                e.classes[static_cast<size_t>(most - counts.begin())]));

  const double guessing = std::log(classes), loss = std::max(e.loss, epoch.train_loss);
  if (loss > kLost * guessing) signs.push_back(fmt::format("the loss is {:.3g}, and of mere guessing {:.3g}", loss, guessing));
  return signs;
}

}  // namespace convscope
