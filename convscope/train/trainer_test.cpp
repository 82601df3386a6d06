#include "convscope/train/trainer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/data/images8.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/run_folder.h"

namespace convscope {
namespace {

/** Pictures whose class can be seen: class y has a bright stripe in rows 7 y … 7 y + 5, on noise. */
std::shared_ptr<const Dataset> stripes(int64_t count, uint64_t seed) {
  constexpr int64_t kSide = 28, kClasses = 4;
  const RandomStream random(seed, "stripes");
  std::vector<uint8_t> levels;
  std::vector<int32_t> labels;
  for (int64_t n = 0; n < count; ++n) {
    const int64_t label = static_cast<int64_t>(random.below(kClasses, static_cast<uint64_t>(n), 1));
    labels.push_back(static_cast<int32_t>(label));
    for (int64_t i = 0; i < kSide * kSide; ++i) {
      const bool bright = i / kSide >= 7 * label && i / kSide < 7 * label + 6;
      levels.push_back(static_cast<uint8_t>((bright ? 120 : 0) + random.bits(static_cast<uint64_t>(n * kSide * kSide + i)) % 100));
    }
  }
  return std::make_shared<Images8>(Shape{count, 1, kSide, kSide}, std::move(levels), std::move(labels),
                                   std::vector<std::string>{"top", "upper", "lower", "bottom"});
}

TrainOptions quick() {
  TrainOptions o;
  o.model = "medium";
  o.data = "stripes";
  o.epochs = 3;
  o.batch = 32;
  o.optimiser = "adam";
  o.lr = 2e-3;
  return o;
}

class TrainerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("convscope-trainer-{}-{}", ::getpid(), testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  TrainResult run(const std::string& name, const TrainOptions& options, bool resume = false, const TrainHooks& hooks = {}) {
    return train(options, {stripes(200, 1), stripes(100, 2), false}, folder_ / name, resume, hooks);
  }
  std::string bytes(const std::string& name, std::string_view file = kLastNetwork) { return read_file(folder_ / name / file); }

  Path folder_;
};

TEST_F(TrainerTest, LearnsWhatCanBeSeen) {
  TrainOptions o = quick();
  o.epochs = 20;
  const TrainResult r = run("a", o);
  ASSERT_EQ(r.metrics.size(), 20u);
  EXPECT_GT(r.metrics.back().test_accuracy, 0.95);
  EXPECT_LT(r.metrics.back().train_loss, r.metrics.front().train_loss);
  EXPECT_EQ(read_metrics(folder_ / "a" / kMetrics).size(), 20u);
}

TEST_F(TrainerTest, SameSeedSameBytesAnotherSeedOthers) {
  TrainOptions o = quick();
  o.epochs = 1;
  run("a", o);
  run("b", o);
  o.seed = 2;
  run("c", o);
  EXPECT_EQ(bytes("a"), bytes("b"));
  EXPECT_NE(bytes("a"), bytes("c"));
}

TEST_F(TrainerTest, ResumedEqualsNeverInterruptedByteForByte) {
  const TrainOptions o = quick();  // 200 images in batches of 32: the last one has 8
  run("whole", o);
  for (const int64_t stop_after : {1, 6, 7, 8, 20}) {
    const std::string name = fmt::format("stopped{}", stop_after);
    int64_t updates = 0;
    TrainHooks hooks;
    hooks.stop = [&] { return ++updates == stop_after; };
    EXPECT_EQ(run(name, o, false, hooks).ending, Ending::stopped);
    const TrainResult r = run(name, o, true);
    EXPECT_EQ(r.ending, Ending::finished);
    EXPECT_EQ(bytes(name), bytes("whole")) << "stopped after update " << stop_after;
    EXPECT_EQ(bytes(name, kBestNetwork), bytes("whole", kBestNetwork)) << "stopped after update " << stop_after;
    ASSERT_EQ(r.metrics.size(), 3u);
  }
}

TEST_F(TrainerTest, RefusesToWriteOverARun) {
  TrainOptions o = quick();
  o.epochs = 1;
  run("a", o);
  EXPECT_THROW(run("a", o), Error);
}

TEST_F(TrainerTest, SaysWhereALossThatIsNotFiniteComesFrom) {
  TrainOptions o = quick();
  o.optimiser = "sgd";
  o.lr = 1e30;
  try {
    run("a", o);
    FAIL() << "a training with a learning rate of 1e30 went on";
  } catch (const Error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("epoch 1, step"), std::string::npos) << text;
    EXPECT_TRUE(text.find("parameter '") != std::string::npos || text.find("node '") != std::string::npos) << text;
  }
}

TEST_F(TrainerTest, ObserversSeeTheNetworkBeforeEachUpdate) {
  struct Recorder : Observer {
    std::vector<int64_t> steps;
    std::vector<float> first;
    void before_update(const BeforeUpdate& u) override {
      steps.push_back(u.step);
      first.push_back(u.weights->get("conv1.weight")[0]);
    }
  };
  const auto recorder = std::make_shared<Recorder>();
  TrainHooks hooks;
  hooks.observers.push_back(recorder);
  TrainOptions o = quick();
  o.epochs = 1;
  run("a", o, false, hooks);
  ASSERT_EQ(recorder->steps.size(), 7u);
  EXPECT_EQ(recorder->steps.back(), 6);
  EXPECT_NE(recorder->first.front(), recorder->first.back());
}

TEST_F(TrainerTest, HasTheSameAccuracyInItsMetricsAsItsCheckpointGives) {
  TrainOptions o = quick();
  o.epochs = 1;
  const TrainResult r = run("a", o);
  const Checkpoint c = load_network(folder_ / "a");
  const auto weights = std::make_shared<Weights>(c.graph, c.tensors);
  const Evaluation e = Evaluator(c.graph, weights, stripes(100, 2), Precision::fp32, 7).run();
  EXPECT_EQ(e.total, 100);
  EXPECT_DOUBLE_EQ(e.accuracy, r.metrics.back().test_accuracy);
}

TEST(EvaluatorTest, RefusesDataOfAnotherShapeOrOtherClasses) {
  Checkpoint c;
  TrainOptions o = quick();
  const auto small = std::make_shared<Images8>(Shape{1, 1, 14, 28}, std::vector<uint8_t>(14 * 28), std::vector<int32_t>{0},
                                               std::vector<std::string>{"top", "upper", "lower", "bottom"});
  const Path folder = std::filesystem::temp_directory_path() / fmt::format("convscope-evaluator-{}", ::getpid());
  o.epochs = 1;
  train(o, {stripes(64, 1), nullptr, false}, folder, false, {});
  c = load_network(folder);
  std::filesystem::remove_all(folder);
  const auto weights = std::make_shared<Weights>(c.graph, c.tensors);
  EXPECT_THROW(Evaluator(c.graph, weights, small), Error);
}

}  // namespace
}  // namespace convscope
