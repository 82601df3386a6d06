#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/api/setting.h"
#include "convscope/base/file.h"
#include "convscope/results/seeds_summary.h"
#include "convscope/results/training_summary.h"

namespace convscope {

/** Seeds as people write them: several, "1,2,5", or how many from `first` on, "3". */
std::vector<int64_t> parse_seeds(std::string_view text, int64_t first);

/** Where the training with this seed is kept. */
Path seed_folder(const Path& run, int64_t seed);

/** Trains with one seed after the other; `seeds.json` tells after each what is known so far. Ends early where a training was stopped. */
SeedsSummary train_seeds(const Path& run, const std::vector<int64_t>& seeds,
                         const std::function<TrainingSummary(const Path& run, int64_t seed)>& train_one, const Setting& setting = {});

}  // namespace convscope
