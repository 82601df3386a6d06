#include "convscope/api/train_seeds.h"

#include <algorithm>

#include "convscope/base/json_file.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

void write(const Path& run, SeedsSummary& s, const Setting& setting) {
  if (!setting.ranks->is_root()) return;
  summarise(s);
  write_json(run / kSeedsFile, fields_to_json(s));
}

/** Of one of the trainings, what is true of all: without its own file and seed. */
Provenance shared_origin(Provenance one, int64_t first_seed) {
  one.network.file.clear();
  one.network.sha256.clear();
  one.options.erase("seed");
  one.seed = first_seed;
  return one;
}

}  // namespace

std::vector<int64_t> parse_seeds(std::string_view text, int64_t first) {
  constexpr int64_t kMost = 1000;
  std::vector<int64_t> all;
  for (const std::string_view part : split(text, ',')) {
    const int64_t seed = value_of<int64_t>(part).value_or(-1);
    if (seed < 0) throw WrongUse(fmt::format("`seeds` takes seeds, 1,2,3, or how many there are to be, got '{}'", text));
    if (std::find(all.begin(), all.end(), seed) != all.end()) throw WrongUse(fmt::format("`seeds` names {} twice", seed));
    all.push_back(seed);
  }
  if (all.size() > 1) return all;
  const int64_t count = all.front();
  if (count < 1 || count > kMost)
    throw WrongUse(fmt::format("`seeds` {}: from 1 to {} trainings were wanted; several seeds are said as 1,2,3", count, kMost));
  all.clear();
  for (int64_t i = 0; i < count; ++i) all.push_back(first + i);
  return all;
}

Path seed_folder(const Path& run, int64_t seed) { return run / seed_folder_name(seed); }

SeedsSummary train_seeds(const Path& run, const std::vector<int64_t>& seeds,
                         const std::function<TrainingSummary(const Path& run, int64_t seed)>& train_one, const Setting& setting) {
  SeedsSummary all;
  all.run = run.string();
  all.ending = "stopped";
  all.seeds = seeds;
  if (setting.ranks->is_root()) make_folder(run);
  write(run, all, setting);
  for (size_t i = 0; i < seeds.size(); ++i) {
    setting.tell(fmt::format("seed {} ({} of {})", seeds[i], i + 1, seeds.size()));
    const TrainingSummary one = train_one(seed_folder(run, seeds[i]), seeds[i]);
    if (one.ending == "stopped") return all;
    all.came_from(shared_origin(one, seeds.front()));
    all.accuracies.push_back(one.accuracy);
    if (one.best_epoch > 0) all.best_accuracies.push_back(one.best_accuracy);
    all.best_chosen_on = one.best_chosen_on;
    if (i + 1 == seeds.size()) all.ending = "finished";
    write(run, all, setting);
  }
  return all;
}

}  // namespace convscope
