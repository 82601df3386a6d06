#include "convscope/cli/commands/train_seeds.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "convscope/base/json_file.h"
#include "convscope/base/split.h"
#include "convscope/cli/flags.h"
#include "convscope/cli/output.h"

namespace convscope {

namespace {

void write(const Path& run, SeedsSummary& s) {
  summarise(s);
  write_json(run / kSeedsFile, fields_to_json(s));
}

}  // namespace

std::vector<int64_t> parse_seeds(std::string_view text, int64_t first) {
  constexpr int64_t kMost = 1000;
  std::vector<int64_t> all;
  for (const std::string_view part : split(text, ',')) {
    const int64_t seed = value_of<int64_t>(part).value_or(-1);
    if (seed < 0) throw UsageError(fmt::format("train: --seeds takes seeds, 1,2,3, or how many there are to be, got '{}'", text));
    if (std::find(all.begin(), all.end(), seed) != all.end()) throw UsageError(fmt::format("train: --seeds names {} twice", seed));
    all.push_back(seed);
  }
  if (all.size() > 1) return all;
  const int64_t count = all.front();
  if (count < 1 || count > kMost)
    throw UsageError(fmt::format("train: --seeds {}: from 1 to {} trainings were wanted; several seeds are said as 1,2,3", count, kMost));
  all.clear();
  for (int64_t i = 0; i < count; ++i) all.push_back(first + i);
  return all;
}

Path seed_folder(const Path& run, int64_t seed) { return run / seed_folder_name(seed); }

SeedsSummary train_seeds(const Path& run, const std::vector<int64_t>& seeds,
                         const std::function<TrainingSummary(const Path& run, int64_t seed)>& train_one) {
  SeedsSummary all;
  all.run = run.string();
  all.ending = "stopped";
  all.seeds = seeds;
  make_folder(run);
  write(run, all);
  for (size_t i = 0; i < seeds.size(); ++i) {
    say(fmt::format("seed {} ({} of {})\n", seeds[i], i + 1, seeds.size()));
    const TrainingSummary one = train_one(seed_folder(run, seeds[i]), seeds[i]);
    if (one.ending == "stopped") return all;
    all.accuracies.push_back(one.accuracy);
    if (one.best_epoch > 0) all.best_accuracies.push_back(one.best_accuracy);
    all.best_chosen_on = one.best_chosen_on;
    if (i + 1 == seeds.size()) all.ending = "finished";
    write(run, all);
  }
  return all;
}

std::string seeds_table(const SeedsSummary& s) {
  const auto accuracy = [](const std::vector<double>& values, size_t i) { return i < values.size() ? percent(values[i]) : std::string(); };
  const auto known = [](double share) { return std::isnan(share) ? std::string() : percent(share); };
  const auto interval = [](const std::vector<double>& ends) {
    return ends.size() == 2 ? fmt::format("{} to {}", percent(ends[0]), percent(ends[1])) : std::string();
  };
  TextTable table({"test accuracy", "last epoch", "best epoch"}, {1, 2});
  for (size_t i = 0; i < s.accuracies.size(); ++i)
    table.row({fmt::format("seed {}", s.seeds[i]), accuracy(s.accuracies, i), accuracy(s.best_accuracies, i)});
  table.row({"mean", known(s.accuracy_mean), known(s.best_accuracy_mean)});
  table.row({"standard deviation", known(s.accuracy_deviation), known(s.best_accuracy_deviation)});
  table.row({"95 % interval of the mean", interval(s.accuracy_interval_95), interval(s.best_accuracy_interval_95)});
  return table.text() + fmt::format("best epochs chosen on {}; numbers in {}\n",
                                    s.best_chosen_on == "validation" ? "held-out training samples" : "the test set",
                                    (Path(s.run) / kSeedsFile).string());
}

}  // namespace convscope
