#pragma once

/** Recordings of a training: what explanations of the same images looked like before each update. */

#include <memory>
#include <span>
#include <string>

#include "convscope/api/pictures.h"
#include "convscope/inspect/recorder.h"
#include "convscope/subject/watched_network.h"
#include "convscope/train/trainer.h"

namespace convscope {

/** What is to be watched of a training. */
struct WatchOptions {
  std::string watch = {};
  std::string watch_images = {};
  std::string watch_target = "true";
  std::string watch_of = "logits";
  int64_t watch_every = 1;
  int64_t watch_fps = 30;

  void fields(auto&& field) {
    field("watch", watch, "record attributions of the same test images before each update, as a video; several methods with + between");
    field("watch_images", watch_images,
          "numbers of these images in the data set: 0,1,7 or 0-7; without it the first eight, of all classes in turn");
    field("watch_target", watch_target,
          "what is explained by methods that take a target, the same in all frames: true (class), predicted (by the network of the first "
          "frame) or a class; or frame: what the network of each frame predicts, as published");
    field("watch_of", watch_of, "logits, or softmax as published: whose number of the target is explained");
    field("watch_every", watch_every, "updates from frame to frame; training-path adds up the states of these frames alone");
    field("watch_fps", watch_fps, "frames a second of the video");
  }
};

/**
 * Feeds a Recorder during a training; give it to `train` as an observer, and let it `keep` whenever a checkpoint may be written next: when
 * an epoch's last update is done, and when the training is asked to stop. It reads the live weights and changes nothing.
 */
class TrainingWatch : public Observer {
 public:
  TrainingWatch(Recorder recorder, Graph graph, const Execution& execution);

  void before_update(const BeforeUpdate& update) override;
  void keep();
  void epoch_done(const EpochMetrics& metrics) { training_seconds_ += metrics.seconds; }
  /** The network that the training ended with, after so many updates. */
  void finish(const Checkpoint& last, int64_t updates);

  const Recorder& recorder() const { return recorder_; }
  /** What watching took so far, in this process. */
  double seconds() const { return seconds_; }
  /** What the updates of the epochs that are done took in this process, watching included. */
  double training_seconds() const { return training_seconds_; }
  int64_t frames_made() const { return recorder_.frames() - frames_before_; }

 private:
  Recorder recorder_;
  Graph graph_;
  Execution execution_;
  std::unique_ptr<WatchedNetwork> subject_;
  std::shared_ptr<Weights> weights_;  // that the subject is of
  double seconds_ = 0, training_seconds_ = 0;
  int64_t frames_before_;
};

/** Makes a training feed the watch, and the watch keep what is to be resumed with each checkpoint. What the hooks did before they still do.
 */
void attach(const std::shared_ptr<TrainingWatch>& watch, TrainHooks& hooks);

/**
 * The watch of a training; none where nothing is to be watched. A training that goes on goes on with its recording; `given`, the options
 * that somebody said now, must not say otherwise.
 */
std::shared_ptr<TrainingWatch> open_watch(const WatchOptions& asked, const Json& given, const TrainOptions& options, const TrainData& data,
                                          const Path& run, bool resume, const Setting& setting);

/** The last frame and the videos of a training that has ended after so many epochs. */
void end_watch(TrainingWatch& watch, const WatchOptions& asked, const TrainOptions& options, const TrainData& data, const Path& run,
               int64_t epochs, const Setting& setting);

}  // namespace convscope
