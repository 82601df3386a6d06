#pragma once

#include <memory>
#include <span>
#include <string>

#include "convscope/cli/flags.h"
#include "convscope/study/watch.h"

namespace convscope {

/** `train --watch`. */
struct WatchOptions {
  std::string watch;
  std::string watch_images;
  std::string watch_target = "true";
  int64_t watch_every = 1;
  int64_t watch_fps = 30;

  void fields(auto&& field) {
    field("watch", watch, "record attributions of the same test images before each update, as a video; several methods with + between");
    field("watch_images", watch_images, "numbers of these images: 0,1,7 or 0-7; the first eight without it");
    field("watch_target", watch_target,
          "what is explained, the same in all frames: true (class), predicted (by the network of the first frame) or a class");
    field("watch_every", watch_every, "updates from frame to frame");
    field("watch_fps", watch_fps, "frames a second of the video");
  }
};

/**
 * The watch of a training; none where nothing is to be watched. A training that goes on goes on with its recording, whatever the flags say;
 * flags that say otherwise are an error.
 */
std::shared_ptr<TrainingWatch> open_watch(const WatchOptions& asked, const Flags& flags, const TrainOptions& options, const TrainData& data,
                                          std::span<const Path> roots, const Path& run, bool resume);

/** The last frame and the videos of a training that has ended after so many epochs; stderr hears what watching took. */
void end_watch(TrainingWatch& watch, const WatchOptions& asked, const TrainOptions& options, const TrainData& data, const Path& run,
               int64_t epochs);

}  // namespace convscope
