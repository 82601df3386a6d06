#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "convscope/data/dataset.h"
#include "convscope/models/checkpoint.h"
#include "convscope/train/hardening.h"
#include "convscope/train/hooks.h"
#include "convscope/train/loss.h"
#include "convscope/train/optimiser.h"
#include "convscope/train/options.h"
#include "convscope/train/part_rates.h"
#include "convscope/train/shard_sum.h"
#include "convscope/train/training_state.h"
#include "convscope/train/weight_average.h"

namespace convscope {

/**
 * A network while it learns: its weights, the programs that compute an update of them, the optimiser's moments, the running average. Where
 * a batch has shards, each goes forward and backward by itself, from the same running statistics; what they come to is added up, each by
 * its share of the images, and so are the changes of the statistics. With `sync_bn` a rank's shards go in step (shards_in_step.h), and the
 * first shard of the batch moves the running statistics for all.
 */
class Learner {
 public:
  /** Options and hooks outlive it. */
  Learner(const TrainOptions& options, std::shared_ptr<const Dataset> data, const TrainHooks& hooks);

  const Graph& network() const { return network_; }
  int64_t updates_per_epoch() const;
  /** Of an epoch, counted again at each update with it. */
  int64_t samples_per_epoch() const;
  /** Updates with each batch, one after the other. */
  int64_t replays() const { return search_ ? search_->replays : 1; }

  /** What can be said against the options before anything is written. */
  void check() const;
  void start();
  /** Goes on from a checkpoint; an error, which `whose` opens, where it is another network's or cannot be resumed. */
  void resume(const Checkpoint& saved, const std::string& whose);

  /** Where an update stands. */
  struct Place {
    int64_t epoch, step;  // from 0; step counts over the whole training
    double rate;
  };
  /** What a batch came to before the weights change. */
  struct Pass {
    double loss = 0;                        // sum over its samples
    int64_t correct = 0, seen = 0;          // samples
    double waited = 0;                      // seconds until they were read
    std::optional<std::string> fault = {};  // where numbers are first not finite, in words; the gradients are then of no use
    bool stop = false;                      // with several ranks: one of them was asked to end
  };
  /** Takes the batch forward and backward. */
  Pass pass(std::span<const int64_t> indices, const Place& place);
  /** Goes back to the weights of that checkpoint; the optimiser's moments stay. */
  void go_back(const Checkpoint& saved);
  /** Changes the weights by the gradients of the last pass. */
  void update(const Place& place);

  /** The network that is evaluated and kept. */
  const std::shared_ptr<Weights>& answering() const { return average_ ? average_->weights() : weights_; }
  TrainingState state() const { return {*weights_, *answering(), moments_, hardening_ ? &hardening_->kept() : nullptr}; }
  /** How the parameters lie, as a digest: ranks of other processors may have them otherwise, and could not add up what they have. */
  std::string layout() const;
  /** Of the network as it is trained and its weights as they are. */
  std::string digest() const;

 private:
  std::map<std::string, Tensor> first_weights() const;
  Request request(int64_t batch) const;
  void compile_programs();
  std::vector<int64_t> whole_batches() const;
  std::vector<int64_t> batch_sizes() const;
  /** Images that go through a program, and what is known of them. */
  struct Part {
    Program* program;
    std::vector<int64_t> numbers = {};  // of the samples, which the context shows
    RunContext context = {};
    bool observed = true;
    Pass pass = {};
  };
  Part begin_part(Program& program, std::span<const int64_t> indices, const Place& place, bool observed);
  /** `diagnose`: a loss that is not finite began here. */
  void end_part(Part& part, const Place& place, bool diagnose = true);
  Pass pass_of_shards(std::span<const int64_t> indices, const Place& place);
  Program& program_of(int64_t shard, int64_t images, int64_t batch);
  /** What of the store is not trained: running statistics. */
  std::span<float> statistics();
  std::vector<int64_t> read(Program& program, std::span<const int64_t> indices, uint64_t epoch) const;
  bool sums() const { return loss_->sums() && !(search_ && search_->pairs()); }

  const TrainOptions& options_;
  std::shared_ptr<const Dataset> data_;
  const TrainHooks& hooks_;
  std::unique_ptr<Optimiser> optimiser_;
  std::unique_ptr<Loss> loss_;
  std::optional<InnerSearch> search_;  // of a training that resists
  std::unique_ptr<Hardening> hardening_;
  Graph network_;
  std::shared_ptr<Weights> weights_;
  std::map<int64_t, std::unique_ptr<Program>> programs_;                     // by batch size
  std::map<std::pair<int64_t, int64_t>, std::unique_ptr<Program>> in_step_;  // by shard and size of the whole batch
  std::unique_ptr<WeightAverage> average_;
  std::vector<Tensor> moments_;
  std::vector<float> decayed_;
  std::vector<SlowRange> slow_;
  std::vector<float> before_;               // what stood in them before an update
  std::unique_ptr<ShardSum> shards_;        // null: the batch is one
  std::span<float> gradients_;              // of the last pass
  std::vector<float> statistics_before_{};  // of the batch
};

}  // namespace convscope
