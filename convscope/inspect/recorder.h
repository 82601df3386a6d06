#pragma once

#include <memory>

#include "convscope/inspect/attribution/attribution.h"
#include "convscope/results/watch_record.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** The target that is chosen anew in each frame. */
inline constexpr std::string_view kEachFrame = "frame";

/** What a Recorder looks at. */
struct Watched {
  std::vector<std::string> methods;  // of the family of attributions, with their options
  Tensor x;                          // [N, C, H, W]
  std::vector<int64_t> numbers;      // [N] of the images in their data set
  std::vector<int64_t> labels;       // [N]
  std::vector<int64_t> targets;      // [N]; empty: what the network of the first frame predicts, or of each frame
  std::vector<std::string> classes;  // [Y]
  std::string target;                // what people call them; kEachFrame: what the network of each frame predicts
  std::string of = "logits";         // whose number is explained: logits or softmax
  Provenance origin = {};            // of the network that is trained and the images
  int64_t every = 1;                 // updates from frame to frame
};

/**
 * Keeps the maps of the same images while a network is trained, and the sum of the loss's slopes along the way.
 *
 * Fed a network before each update, with the number of updates made so far; it only looks. The targets are the same in all frames, unless
 * the class predicted in each is asked for. What is
 * in the folder already is not computed again, so a recording that goes on with a training from its last checkpoint becomes the one that
 * was never interrupted, provided that `keep` was called before that checkpoint was written.
 */
class Recorder {
 public:
  /** A new one; with its first frame it takes the place of an earlier one in the folder. */
  Recorder(Path folder, Watched watched);
  /** Goes on with the one in the folder. */
  explicit Recorder(Path folder);

  /** A frame where one is due. The images may be asked of the subject again and again: one that remembers saves time. */
  void record(Subject& subject, int64_t update);
  /** The network that the training ends with: a frame also where none would be due. */
  void record_last(Subject& subject, int64_t updates);
  /** Writes what is not on disk yet. */
  void keep();

  const WatchRecord& record() const { return record_; }
  const Tensor& images() const { return x_; }
  /** In the recording, those of earlier processes included. */
  int64_t frames() const { return path_.states; }

 private:
  void make_methods();
  void begin(Subject& subject);
  void add_frame(Subject& subject, int64_t update);

  Path folder_;
  WatchRecord record_;
  Tensor x_;
  Question question_;
  std::vector<std::unique_ptr<Attribution>> methods_;
  TrainingPath path_;
  WatchFrames pending_;
  std::vector<float> plane_;
  bool begun_ = false;  // the folder has the record
};

}  // namespace convscope
