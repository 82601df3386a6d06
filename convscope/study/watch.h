#pragma once

#include "convscope/inspect/recorder.h"
#include "convscope/study/pictures.h"
#include "convscope/subject/network_subject.h"
#include "convscope/train/trainer.h"

namespace convscope {

/**
 * A network asked about the same images again and again while its weights change: until they do, an answer that is known is not computed
 * twice. Slopes come with the logits, so these cost nothing more. All other questions go to a NetworkSubject.
 */
class WatchedNetwork : public Subject {
 public:
  /** `images` outlive it and stay as they are. */
  WatchedNetwork(Graph graph, std::shared_ptr<Weights> weights, const Tensor& images, const Execution& execution);

  Shape image() const override { return rest_.image(); }
  int64_t classes() const override { return rest_.classes(); }
  int64_t batch() const override { return rest_.batch(); }
  Shape shape(const std::string& node) const override { return rest_.shape(node); }
  Tensor table(const Tensor& x, const Objective& objective) override;
  Tensor activation(const Tensor& x, const std::string& node) override { return rest_.activation(x, node); }
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override;

 private:
  struct Answer {
    std::unique_ptr<Program> program;
    std::vector<int64_t> targets;
    uint64_t version = 0;  // of the weights that it last ran with; they begin with 1
  };
  bool is_watched(const Tensor& x) const;

  std::shared_ptr<Weights> weights_;
  const Tensor& images_;
  Execution execution_;
  NetworkSubject rest_;
  std::map<Objective, Answer> answers_;
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

/** Targets as people say them: true, predicted (empty: by the network of the first frame) or a class by name or number. */
std::vector<int64_t> watch_targets(const std::string& target, const Pictures& pictures);

/** The videos of a recording, one for each method, and its changes.jsonl. `drawn` hears of each file. */
void draw_watch(const Path& folder, double frames_per_second, const std::function<void(const Path&)>& drawn = {});

}  // namespace convscope
