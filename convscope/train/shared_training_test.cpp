/** Several ranks train one network: the same bytes for any count of them. Here they are threads; with MPI, tests/cli/mpi_test.sh. */

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/base_testing.h"
#include "convscope/models/checkpoint.h"
#include "convscope/ranks/ranks_testing.h"
#include "convscope/results/run_folder.h"
#include "convscope/train/shards_in_step.h"
#include "convscope/train/train_testing.h"
#include "convscope/train/trainer.h"

namespace convscope {
namespace {

TrainOptions quick() {
  TrainOptions o;
  o.model = "lenet,width=6";  // batch norm, dropout
  o.data = "stripes";
  o.epochs = 2;
  o.batch = 16;
  o.optimiser = "sgd,momentum=0.9";
  o.lr = 0.02;
  o.shards = 4;
  o.ema = 0.9;
  o.clip_norm = 1;
  o.validation = 0;
  return o;
}

constexpr int64_t kSamples = 70;  // in batches of 16: the last one has 6

using Change = std::function<void(Ranks&, TrainOptions&, TrainHooks&)>;

class SharedTraining : public testing::Test {
 protected:
  /** What the root comes to; the others have to come to it too. */
  TrainResult run(int ranks, const std::string& name, const TrainOptions& options, bool resume = false, const Change& change = {}) {
    std::vector<TrainResult> all(static_cast<size_t>(ranks));
    ThreadRanks::run_shared(ranks, [&](const std::shared_ptr<Ranks>& rank) {
      TrainOptions mine = options;
      TrainHooks hooks;
      hooks.ranks = rank;
      if (change) change(*rank, mine, hooks);
      // Who is not the root has no such folder.
      const Path place = rank->is_root() ? folder_ / name : folder_ / "nobody" / "writes";
      all[static_cast<size_t>(rank->rank())] = train(mine, {stripes(kSamples, 1), stripes(40, 2), false}, place, resume, hooks);
    });
    EXPECT_FALSE(std::filesystem::exists(folder_ / "nobody"));
    for (const TrainResult& other : all) {
      EXPECT_EQ(other.ending, all[0].ending);
      EXPECT_EQ(other.metrics.size(), all[0].metrics.size());
    }
    return all[0];
  }
  std::string bytes(const std::string& name, std::string_view file = kLastNetwork) { return read_file(folder_ / name / file); }

  TemporaryFolder folder_;
};

TEST_F(SharedTraining, ComesToTheSameBytesForAnyCountOfRanks) {
  const TrainOptions o = quick();
  const TrainResult alone = run(1, "1", o);
  for (const int ranks : {2, 4}) {
    const std::string name = std::to_string(ranks);
    const TrainResult shared = run(ranks, name, o);
    EXPECT_EQ(bytes(name), bytes("1")) << ranks << " ranks";
    EXPECT_EQ(bytes(name, kBestNetwork), bytes("1", kBestNetwork)) << ranks << " ranks";
    ASSERT_EQ(shared.metrics.size(), 2u);
    EXPECT_EQ(shared.metrics.back().train_loss, alone.metrics.back().train_loss);
    EXPECT_EQ(shared.metrics.back().train_accuracy, alone.metrics.back().train_accuracy);
    EXPECT_EQ(shared.metrics.back().test_loss, alone.metrics.back().test_loss);
  }
}

TEST_F(SharedTraining, DependsOnTheCountOfShards) {
  TrainOptions o = quick();
  o.epochs = 1;
  run(1, "four", o);
  o.shards = 2;
  run(1, "two", o);
  EXPECT_NE(bytes("four"), bytes("two"));  // else the test above would show nothing
}

TEST_F(SharedTraining, GoesOnToTheSameBytesWithAnotherCountOfRanks) {
  const TrainOptions o = quick();
  run(1, "whole", o);
  for (const auto& [before, after] : {std::pair{4, 2}, {2, 1}, {1, 4}}) {
    const std::string name = fmt::format("{}-{}", before, after);
    // One rank alone is asked to end, the last one: all end with the same update.
    int pauses = 0;
    const auto stopping = [&, updates = 0](Ranks& ranks, TrainOptions&, TrainHooks& hooks) mutable {
      if (ranks.rank() + 1 == ranks.size()) hooks.stop = [&updates] { return ++updates == 3; };
      hooks.pausing = [&, is_root = ranks.is_root()] { pauses += is_root ? 1 : 100; };
    };
    EXPECT_EQ(run(before, name, o, false, stopping).ending, Ending::stopped) << name;
    EXPECT_EQ(pauses, 1) << "the root's observers keep what they have, whoever asked";
    EXPECT_EQ(run(after, name, o, true).ending, Ending::finished);
    EXPECT_EQ(bytes(name), bytes("whole")) << name;
    EXPECT_EQ(bytes(name, kBestNetwork), bytes("whole", kBestNetwork)) << name;
  }
}

TEST_F(SharedTraining, MovesPicturesOfEachShard) {
  for (const char* adversarial : {"fast,epsilon=8/255", "trades,epsilon=8/255,steps=1"}) {
    TrainOptions o = quick();
    o.adversarial = adversarial;
    o.robust_images = 0;
    o.epochs = 1;
    o.ema = 0;
    const std::string one = fmt::format("{}-1", adversarial[0]), two = fmt::format("{}-2", adversarial[0]);
    run(1, one, o);
    run(2, two, o);
    EXPECT_EQ(bytes(one), bytes(two)) << adversarial;
  }
}

/** Weights after one update of a whole batch and of one in shards. */
std::map<std::string, Tensor> after_one_update(const Path& run, TrainOptions o, int64_t shards) {
  o.shards = shards;
  o.ema = 0;
  o.clip_norm = 0;
  int64_t updates = 0;
  TrainHooks hooks;
  hooks.stop = [&] { return ++updates == 1; };
  train(o, {stripes(kSamples, 1), nullptr, false}, run, false, hooks);
  return load_network(run).tensors;
}

TEST_F(SharedTraining, OfANetworkWithoutBatchNormIsThatOfTheWholeBatch) {
  TrainOptions o = quick();
  o.model = "medium";
  for (const int64_t batch : {16, 13}) {  // 13: shards of 4 and of 3 images weigh by their images
    o.batch = batch;
    const auto whole = after_one_update(folder_ / fmt::format("whole-{}", batch), o, 1);
    const auto parts = after_one_update(folder_ / fmt::format("parts-{}", batch), o, 4);
    for (const auto& [name, tensor] : whole) {
      constexpr double kOtherOrder = 2e-6;  // sums in another order, of weights below 1
      EXPECT_LE(max_difference(tensor, parts.at(name)), kOtherOrder) << name;
    }
  }
}

TEST_F(SharedTraining, SynchronisedBatchNormIsThatOfTheWholeBatch) {
  struct Case {
    const char *model, *loss;
    int64_t batch;  // 13: shards of 4 and of 3 images
  };
  for (const Case& c : {Case{"lenet,width=6", "cross-entropy", 16},
                        {"lenet,width=6", "cross-entropy", 13},
                        {"lenet,width=6", "cross-entropy,reduction=sum", 13},
                        {"resnet18,stem=cifar,width=2", "cross-entropy", 13}}) {  // the last adds residuals before its activations
    const std::string name = fmt::format("{}, {}, {}", c.model, c.loss, c.batch);
    SCOPED_TRACE(name);
    TrainOptions o = quick();
    o.model = c.model;
    o.loss = c.loss;
    o.batch = c.batch;
    o.drop_last = true;
    o.lr = o.loss == "cross-entropy" ? 0.02 : 0.02 / static_cast<double>(c.batch);
    const auto whole = after_one_update(folder_ / ("whole " + name), o, 1);
    const auto by_shards = after_one_update(folder_ / ("by shards " + name), o, 4);
    o.sync_bn = true;
    const auto synchronised = after_one_update(folder_ / ("synchronised " + name), o, 4);
    double off = 0, off_by_shards = 0;
    for (const auto& [parameter, tensor] : whole) {
      off = std::max<double>(off, max_difference(tensor, synchronised.at(parameter)));
      off_by_shards = std::max<double>(off_by_shards, max_difference(tensor, by_shards.at(parameter)));
    }
    constexpr double kOtherOrder = 1e-5;  // sums in another order, of weights below 1
    EXPECT_LE(off, kOtherOrder);
    EXPECT_GT(off_by_shards, 10 * kOtherOrder);
  }
}

TEST_F(SharedTraining, SynchronisesBatchNormToTheSameBytesForAnyCountOfRanks) {
  TrainOptions o = quick();
  o.batch = 17;  // the last batch has 2 images: two shards of four, and so two ranks of four, have none
  run(1, "by shards", o);
  o.sync_bn = true;
  run(1, "1", o);
  EXPECT_NE(bytes("1"), bytes("by shards"));
  for (const int ranks : {2, 4}) {
    run(ranks, std::to_string(ranks), o);
    EXPECT_EQ(bytes(std::to_string(ranks)), bytes("1")) << ranks << " ranks";
  }
  // One that goes on with another count of ranks.
  const auto stopping = [&, updates = 0](Ranks&, TrainOptions&, TrainHooks& hooks) mutable { hooks.stop = [&] { return ++updates > 5; }; };
  EXPECT_EQ(run(1, "stopped", o, false, stopping).ending, Ending::stopped);
  run(2, "stopped", o, true);
  EXPECT_EQ(bytes("stopped"), bytes("1"));
}

/** 16 pictures of which number 9 is broken: the second one of the third of four shards. */
class OneIsBroken : public Dataset {
 public:
  int64_t size() const override { return whole_->size(); }
  Shape image_shape() const override { return whole_->image_shape(); }
  const std::vector<std::string>& classes() const override { return whole_->classes(); }
  int64_t label(int64_t index) const override { return whole_->label(index); }
  int64_t number(int64_t index) const override { return index; }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override {
    whole_->pixels(index, epoch, out);
    if (index == 9) out[100] = std::numeric_limits<float>::quiet_NaN();
  }

 private:
  std::shared_ptr<const Dataset> whole_ = stripes(16, 1);
};

TEST_F(SharedTraining, TellsOfTheShardThatIsNotFiniteThoughBatchNormBringsItToAll) {
  TrainOptions o = quick();
  o.sync_bn = true;
  o.shuffle = false;
  for (const int ranks : {1, 4})
    EXPECT_THROW_SAYING(
        ThreadRanks::run_shared(ranks,
                                [&](const std::shared_ptr<Ranks>& rank) {
                                  TrainHooks hooks;
                                  hooks.ranks = rank;
                                  train(o, {std::make_shared<OneIsBroken>(), nullptr, false}, folder_ / "broken", false, hooks);
                                }),
        "first in the pictures: 1 of 3136 numbers, the first for image 1 of the batch");
}

TEST_F(SharedTraining, RefusesToAddUpNumbersOfDifferentBatchNorms) {
  const auto meet = [](std::vector<std::string> odd) {
    ThreadRanks::run(3, [&](Ranks& ranks) {
      std::vector<ShardMeetings> mine;  // the last rank has no images
      if (ranks.rank() == 0) mine = {{0, {"bn1", "bn2"}}, {1, {"bn1", "bn2"}}};
      if (ranks.rank() == 1) mine = {{2, {"bn1", "bn2"}}, {3, odd}};
      require_alike_meetings(ranks, mine);
    });
  };
  EXPECT_NO_THROW(meet({"bn1", "bn2"}));
  EXPECT_THROW_SAYING(meet({"bn2", "bn1"}), "shard 3 comes to 'bn2' where shard 0 comes to 'bn1'");
  EXPECT_THROW_SAYING(meet({"bn1"}), "shard 3 comes to the end where shard 0 comes to 'bn2'");
}

TEST_F(SharedTraining, SynchronisesWhatTheUsualEngineNormalises) {
  TrainOptions o = quick();
  o.sync_bn = true;
  o.engine = "reference";
  EXPECT_THROW_SAYING(o.check("train"), "sync_bn is for the engine onednn; reference takes whole batches");
  o.shards = 1;
  EXPECT_NO_THROW(o.check("train"));
  o = quick();
  o.sync_bn = true;
  o.adversarial = "pgd,mode=train";
  EXPECT_THROW_SAYING(o.check("train"), "which sync_bn does not bring together: mode=eval");
  o.adversarial = "pgd,mode=eval";
  EXPECT_NO_THROW(o.check("train"));
  o = quick();
  o.sync_bn = true;
  o.model = "scratch,norm=per-activation";
  EXPECT_THROW_SAYING(run(1, "by activation", o), "statistics by activation");
}

TEST_F(SharedTraining, RunningStatisticsAreTheMeanOfTheShards) {
  // In front of the first batch norm nothing knows of shards: the mean over the batch is that over its shards.
  const auto whole = after_one_update(folder_ / "whole", quick(), 1), parts = after_one_update(folder_ / "parts", quick(), 4);
  size_t means = 0;
  for (const auto& [name, tensor] : whole) {
    if (name.find("running_mean") == std::string::npos || means++ > 0) continue;
    constexpr double kOtherOrder = 1e-6;
    EXPECT_GT(max_abs(tensor.span()), 1e-4) << name;
    EXPECT_LE(max_difference(tensor, parts.at(name)), kOtherOrder) << name;
  }
  EXPECT_GE(means, 1u);
}

TEST_F(SharedTraining, ThatIsNotOneIsRefusedAndTheRankIsNamed) {
  const TrainOptions o = quick();
  const auto other_seed = [](Ranks& ranks, TrainOptions& mine, TrainHooks&) { mine.seed = ranks.rank() == 1 ? 2 : 1; };
  EXPECT_THROW_SAYING(run(2, "seed", o, false, other_seed), "`seed` is 2, that of rank 0");
  const auto other_data = [&] {
    ThreadRanks::run_shared(2, [&](const std::shared_ptr<Ranks>& rank) {
      TrainHooks hooks;
      hooks.ranks = rank;
      (void)train(o, {stripes(kSamples, rank->is_root() ? 1 : 3), stripes(40, 2), false}, folder_ / "data", false, hooks);
    });
  };
  EXPECT_THROW_SAYING(other_data(), "the digest of training pixels is");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data"));
}

TEST_F(SharedTraining, WantsShardsThatTheRanksDivide) {
  TrainOptions o = quick();
  EXPECT_THROW_SAYING(run(3, "three", o), "`shards` 4: 3 ranks");
  o.shards = 1;
  EXPECT_THROW_SAYING(run(2, "one", o), "2 ranks have nothing to share out");
  o.shards = 17;
  EXPECT_THROW_SAYING(o.check("train"), "from 1 to the 16 images");
  o.shards = 4;
  o.adversarial = "free";
  EXPECT_THROW_SAYING(o.check("train"), "carries its noise on");
}

TEST_F(SharedTraining, TellsOnEveryRankWhereALossIsNotFinite) {
  TrainOptions o = quick();
  o.lr = 1e30;
  o.clip_norm = 0;
  EXPECT_THROW_SAYING(run(2, "high", o), "the loss is not finite in epoch 1");
}

}  // namespace
}  // namespace convscope
