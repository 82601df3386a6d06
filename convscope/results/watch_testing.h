#pragma once

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/watch_survey.h"
#include "convscope/tensor/image.h"

namespace convscope {

/** Two methods, three images of 4 x 5, `count` frames; map k of the first method has the largest number k + 1, the second's are zero. */
inline WatchRecord write_recording(const Path& folder, int64_t count) {
  make_folder(folder);
  WatchRecord record;
  record.network.name = "deep";
  record.data = {.name = "pets", .split = "test"};
  record.target = "true";
  record.rows = 4;
  record.columns = 5;
  record.classes = {"cat", "</script><b>dog"};
  record.methods = {{.method = "gradient", .sign = true, .video = "gradient.webp"},
                    {.method = "occlusion", .targeted = false, .video = "occlusion.webp"}};
  for (int64_t n = 0; n < 3; ++n) {
    record.images.push_back({n, n % 2, n % 2, fmt::format("image-{}.png", n)});
    write_png(folder / record.images.back().input, Image{1, 4, 5, std::vector<uint8_t>(20, static_cast<uint8_t>(80 * n))});
  }
  write_file(folder / kWatchFile, fields_to_json(record).dump());
  WatchFrames frames(record);
  for (int64_t f = 0; f < count; ++f) {
    frames.updates.push_back(f);
    for (int64_t m = 0; m < 2; ++m)
      for (int64_t n = 0; n < 3; ++n) {
        std::vector<float> map(20, 0.0f);
        if (m == 0) map[7] = static_cast<float>(3 * f + n + 1);
        frames.add_map(map);
      }
    frames.predicted.insert(frames.predicted.end(), {0, 1, 0});
    frames.confidence.insert(frames.confidence.end(), {0.9f, 0.5f, 1.0f});
    if (f % 40 == 39 || f == count - 1) {
      write_frames(folder, frames);
      frames = WatchFrames(record);
    }
  }
  return record;
}

}  // namespace convscope
