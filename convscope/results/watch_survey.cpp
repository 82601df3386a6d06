#include "convscope/results/watch_survey.h"

#include <algorithm>

namespace convscope {

namespace {

constexpr double kShareThatFits = 0.9;

/** `largest` is each map's number farthest from 0. */
WatchScale scale_of(std::vector<float> largest) {
  if (largest.empty()) return {};
  std::sort(largest.begin(), largest.end());
  double limit = largest[static_cast<size_t>(kShareThatFits * static_cast<double>(largest.size() - 1))];
  if (limit == 0) limit = largest.back();  // nearly all maps are zero
  const auto above = largest.end() - std::upper_bound(largest.begin(), largest.end(), static_cast<float>(limit));
  return {limit, static_cast<double>(above) / static_cast<double>(largest.size())};
}

}  // namespace

void for_each_frame(const Path& folder, const WatchRecord& record, const std::function<void(const WatchFrames&, int64_t f)>& see) {
  for (const Path& file : frame_files(folder)) {
    const WatchFrames frames = read_frames(file, record);
    for (int64_t f = 0; f < frames.count(); ++f) see(frames, f);
  }
}

WatchSurvey survey(const Path& folder, const WatchRecord& record) {
  WatchSurvey seen;
  std::vector<std::vector<float>> largest(record.methods.size());
  for_each_frame(folder, record, [&](const WatchFrames& frames, int64_t f) {
    seen.updates.push_back(frames.updates[static_cast<size_t>(f)]);
    for (int64_t m = 0; m < frames.methods; ++m)
      for (int64_t n = 0; n < frames.images; ++n) largest[static_cast<size_t>(m)].push_back(127 * frames.unit(f, m, n));
  });
  for (std::vector<float>& of_method : largest) seen.scales.push_back(scale_of(std::move(of_method)));
  return seen;
}

}  // namespace convscope
