#include "convscope/train/trainer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "convscope/base/base_testing.h"
#include "convscope/data/images8.h"
#include "convscope/data/locate.h"
#include "convscope/models/model.h"
#include "convscope/models/new_head.h"
#include "convscope/models/onnx/export.h"
#include "convscope/nn/initialisers.h"
#include "convscope/tensor/image.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/part_rates.h"
#include "convscope/train/published_meter.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/train_testing.h"

namespace convscope {
namespace {

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

/** The weights with which a training begins. */
struct FirstWeights : Observer {
  std::map<std::string, Tensor> tensors;
  void before_update(const BeforeUpdate& u) override {
    if (tensors.empty()) tensors = u.weights->tensors();
  }
};

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

TEST_F(TrainerTest, ByTheCheckEngineMakesTheSameBytes) {
  TrainOptions o = quick();
  o.model = "fully-connected";
  o.epochs = 1;
  run("a", o);
  o.engine = "check,tolerance=0.001";
  run("b", o);
  EXPECT_EQ(bytes("a"), bytes("b"));
  o.engine = "check,tolerance=0";
  EXPECT_THROW_SAYING(run("c", o), "is off by");
}

TEST_F(TrainerTest, ByTheReferenceEngineComesToAlmostTheSame) {
  TrainOptions o = quick();
  o.model = "fully-connected";
  o.epochs = 1;
  const double fast = run("a", o).metrics.back().train_loss;
  o.engine = "reference";
  EXPECT_NEAR(run("b", o).metrics.back().train_loss, fast, 1e-3);
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

/** Options that change what an update does or what is kept, in sets that meet each other. */
std::vector<TrainOptions> unusual() {
  std::vector<TrainOptions> all(3, quick());
  all[0].optimiser = "adamw,weight_decay=0.05";
  all[0].schedule = "cosine,warm_up=1";
  all[0].decay_on = "kernels";
  all[0].ema = 0.9;
  all[0].clip_norm = 0.5;
  all[1].model = "lenet,width=11";  // batch norm, dropout, channels in padded blocks
  all[1].optimiser = "rmsprop,rho=0.95,momentum=0.5";
  all[1].schedule = "inverse-time,decay=0.01";
  all[1].clip_value = 0.01;
  all[1].ema = 0.99;
  all[1].meters = "published";
  all[2].optimiser = "sgd,momentum=0.9,nesterov=true,weight_decay=1e-3";
  all[2].decay_on = "kernels";
  all[2].clip_norm = 0.1;
  all[2].epochs = 30;
  all[2].patience = 1;
  all[2].lr = 0.05;
  return all;
}

TEST_F(TrainerTest, TheClockOfAnEpochGoesOnWhereItWasInterrupted) {
  static constexpr double kSlept = 0.4;  // seconds
  TrainOptions o = quick();
  o.epochs = 1;
  TrainHooks hooks;
  hooks.progress = [](const TrainProgress&) { std::this_thread::sleep_for(std::chrono::duration<double>(kSlept)); };
  hooks.stop = [] { return true; };
  ASSERT_EQ(run("a", o, false, hooks).ending, Ending::stopped);
  const EpochMetrics m = run("a", o, true).metrics.back();
  EXPECT_GE(m.seconds, kSlept);
  EXPECT_NEAR(m.images_per_second, 200 / m.seconds, 1e-6 * m.images_per_second) << "samples of both parts in the time of both";
}

TEST_F(TrainerTest, ResumedEqualsNeverInterruptedWithEveryOption) {
  for (const TrainOptions& o : unusual()) {
    const std::string name = o.optimiser;
    const TrainResult whole = run(name, o);
    run(name + "-twin", o);
    EXPECT_EQ(bytes(name), bytes(name + "-twin")) << name;
    for (const int64_t stop_after : {1, 7, 10}) {
      const std::string stopped = fmt::format("{}-{}", name, stop_after);
      int64_t updates = 0;
      TrainHooks hooks;
      hooks.stop = [&] { return ++updates == stop_after; };
      EXPECT_EQ(run(stopped, o, false, hooks).ending, Ending::stopped);
      EXPECT_FALSE(is_finished(o, folder_ / stopped));
      const TrainResult r = run(stopped, o, true);
      EXPECT_TRUE(is_finished(o, folder_ / stopped));
      EXPECT_EQ(bytes(stopped), bytes(name)) << name << ", stopped after update " << stop_after;
      EXPECT_EQ(bytes(stopped, kBestNetwork), bytes(name, kBestNetwork)) << name << ", stopped after update " << stop_after;
      ASSERT_EQ(r.metrics.size(), whole.metrics.size());
      for (size_t i = 0; i < r.metrics.size(); ++i) {
        EXPECT_EQ(r.metrics[i].test_accuracy, whole.metrics[i].test_accuracy);
        EXPECT_EQ(std::isnan(r.metrics[i].test_accuracy_smoothed), o.meters != "published");
        if (o.meters != "published") continue;
        for (const auto meter : {&EpochMetrics::test_accuracy_smoothed, &EpochMetrics::test_loss_smoothed,
                                 &EpochMetrics::train_accuracy_smoothed, &EpochMetrics::train_loss_smoothed})
          EXPECT_EQ(r.metrics[i].*meter, whole.metrics[i].*meter);
        EXPECT_EQ(r.metrics[i].test_accuracy_batch_mean, whole.metrics[i].test_accuracy_batch_mean);
      }
    }
  }
}

TEST_F(TrainerTest, AFinishedRunGoesOnForMoreEpochsToTheSameBytes) {
  TrainOptions whole = quick(), part = quick();
  for (TrainOptions* o : {&whole, &part}) o->schedule = "step,milestones=2,gamma=0.1";
  part.epochs = 1;
  run("whole", whole);
  run("part", part);
  EXPECT_TRUE(is_finished(part, folder_ / "part"));
  EXPECT_FALSE(is_finished(whole, folder_ / "part"));
  const TrainResult r = run("part", whole, true);
  EXPECT_EQ(std::ssize(r.metrics), whole.epochs);
  EXPECT_EQ(bytes("part"), bytes("whole"));
  EXPECT_EQ(options_in(folder_ / "part" / kRunFile)["epochs"], whole.epochs);
}

TEST_F(TrainerTest, AFinishedRunWithoutAnOptimisersStateSaysWhatToDo) {
  TrainOptions cycle = quick();
  cycle.schedule = "one-cycle";
  cycle.epochs = 1;
  run("cycle", cycle);
  cycle.epochs = 2;
  EXPECT_THROW_SAYING(run("cycle", cycle, true), "keeps no state of its optimiser; another `run` may start with `from`");
}

TEST_F(TrainerTest, TellsOnceThatNothingIsLearnt) {
  TrainOptions o = quick();
  o.lr = 0;
  std::vector<std::string> told;
  TrainHooks hooks;
  hooks.tell = [&](std::string_view line) { told.emplace_back(line); };
  run("still", o, false, hooks);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("NOTHING LEARNT after epoch 1: "), std::string::npos) << told[0];
  EXPECT_NE(told[0].find("`lr`"), std::string::npos) << told[0];
  told.clear();
  run("learning", quick(), false, hooks);
  for (const std::string& line : told) EXPECT_EQ(line.find("after epoch 3"), std::string::npos) << "it has learnt by then: " << line;
}

TEST_F(TrainerTest, EndsEarlyAndThenIsFinished) {
  TrainOptions o = quick();
  o.epochs = 40;
  o.stop_at = 0.5;
  o.schedule = "cosine";
  const TrainResult r = run("a", o);
  EXPECT_EQ(r.ending, Ending::finished);
  ASSERT_LT(r.metrics.size(), 40u);
  EXPECT_GE(r.metrics.back().test_accuracy, 0.5);
  EXPECT_TRUE(load_network(folder_ / "a").state.tensors.empty()) << "a finished network has no moments";
  const std::string before = bytes("a");
  EXPECT_EQ(run("a", o, true).metrics.size(), r.metrics.size()) << "nothing is left to do";
  EXPECT_EQ(bytes("a"), before);
  EXPECT_THROW(train(o, {stripes(64, 1), nullptr, false}, folder_ / "b", false, {}), Error) << "no test data to look at";
}

TEST_F(TrainerTest, CallsWhatIsHeldOutOfTheTrainingSetValidation) {
  TrainOptions o = quick();
  o.epochs = 2;
  const TrainResult r = train(o, {stripes(200, 1), stripes(100, 2), true}, folder_ / "a", false, {});
  const std::string line = metrics_line(r.metrics.back());
  EXPECT_EQ(line.find("\"test_"), std::string::npos) << line;
  EXPECT_EQ(r.metrics.back().judged_accuracy(), r.metrics.back().validation_accuracy);
  EXPECT_TRUE(best_epoch(r.metrics) && was_tested(r.metrics.back()));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a" / kBestNetwork));
}

TEST_F(TrainerTest, KeepsAndEvaluatesTheAveragedNetwork) {
  TrainOptions o = quick();
  o.model = "lenet,width=11";
  o.ema = 0.95;
  struct Last : Observer {
    std::shared_ptr<Weights> weights;
    void before_update(const BeforeUpdate& u) override { weights = u.weights; }
  };
  const auto last = std::make_shared<Last>();
  TrainHooks hooks;
  hooks.observers.push_back(last);
  const TrainResult r = run("a", o, false, hooks);
  const Checkpoint c = load_network(folder_ / "a");
  const Tensor raw = last->weights->tensors().begin()->second, kept = c.tensors.begin()->second;
  EXPECT_GT(max_difference(raw, kept), 0);
  const Evaluation e = Evaluator(c.graph, std::make_shared<Weights>(c.graph, c.tensors), stripes(100, 2)).run();
  EXPECT_DOUBLE_EQ(e.accuracy, r.metrics.back().test_accuracy);

  o.ema = 0;
  run("b", o);
  const Tensor alone = load_network(folder_ / "b").tensors.begin()->second;
  EXPECT_EQ(max_difference(alone, raw), 0) << "the average does not change the training";
}

TEST_F(TrainerTest, IsEvaluatedByTheMeanLogitsOfSeveralViews) {
  run("a", quick());
  const Checkpoint c = load_network(folder_ / "a");
  const auto weights = std::make_shared<Weights>(c.graph, c.tensors);
  const auto data = stripes(10, 2);
  const auto logits = [&](const std::shared_ptr<const Dataset>& pictures, std::string_view views) {
    std::vector<float> all;
    (void)Evaluator(c.graph, weights, pictures, {}, 7, "cross-entropy", views).run({}, [&](int64_t, std::span<const float> row) {
      all.insert(all.end(), row.begin(), row.end());
    });
    return all;
  };
  const std::vector<float> plain = logits(data, "one"), mirrored = logits(seen_in({.mirrored = true}, data), "one");
  const std::vector<float> both = logits(data, "mirror");
  EXPECT_NE(plain, mirrored);
  ASSERT_EQ(both.size(), plain.size());
  for (size_t i = 0; i < both.size(); ++i) EXPECT_NEAR(both[i], (plain[i] + mirrored[i]) / 2, 1e-6f * (1 + std::abs(both[i])));
}

TEST_F(TrainerTest, StartsFromTheWeightsOfAnotherRun) {
  TrainOptions o = quick();
  o.epochs = 1;
  o.model = "lenet,width=11";  // whose running statistics are to be those that the last run left, too
  run("a", o);
  const auto first = std::make_shared<FirstWeights>();
  TrainHooks hooks;
  hooks.observers.push_back(first);
  o.from = (folder_ / "a").string();
  run("b", o, false, hooks);
  for (const auto& [name, tensor] : load_network(folder_ / "a").tensors)
    EXPECT_EQ(max_difference(first->tensors.at(name), tensor), 0) << name;
  o.model = "lenet,width=12";
  EXPECT_THROW(run("c", o), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "c")) << "nothing is written before it is known to fit";
}

TEST_F(TrainerTest, LeavesMasksAndAFrozenStemAsTheyWereDrawn) {
  for (const auto& [model, still] : {std::pair{"lenet,width=6,first_filter_size=0,filter_size=0,nmasks=2", "layer2.masks"},
                                     std::pair{"noise-resnet18,width=4,first_filter_size=3,train_stem=false", "conv1.weight"}}) {
    TrainOptions o = quick();
    o.epochs = 1;
    o.model = model;
    o.optimiser = "adam,weight_decay=0.1";
    const auto first = std::make_shared<FirstWeights>();
    TrainHooks hooks;
    hooks.observers.push_back(first);
    run(still, o, false, hooks);
    const Checkpoint c = load_network(folder_ / still);
    int64_t moved = 0;
    for (const auto& [name, tensor] : c.tensors) moved += max_difference(first->tensors.at(name), tensor) > 0;
    EXPECT_GT(moved, 5) << model;
    EXPECT_EQ(max_difference(first->tensors.at(still), c.tensors.at(still)), 0) << model;
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

TEST_F(TrainerTest, TellsOfItsProgressWhatItsMetricsSayInTheEnd) {
  std::vector<TrainProgress> told;
  TrainHooks hooks;
  hooks.progress = [&](const TrainProgress& p) { told.push_back(p); };
  TrainOptions o = quick();
  o.epochs = 1;
  const EpochMetrics m = run("a", o, false, hooks).metrics.back();
  ASSERT_EQ(told.size(), 7u);
  EXPECT_EQ(told.front().step, 1);
  EXPECT_EQ(told.back().step, told.back().steps);
  EXPECT_EQ(told.back().loss, m.train_loss);
  EXPECT_EQ(told.back().accuracy, m.train_accuracy);
  EXPECT_EQ(told.back().seconds_left, 0);
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

TEST_F(TrainerTest, HoldsOutTheSamePicturesForAllSeedsAndForWhoOpensTheFolderAgain) {
  for (int i = 0; i < 20; ++i) {
    const Path place = folder_ / (i < 10 ? "dark" : "light");
    make_folder(place);
    write_file(place / fmt::format("{}.png", i), encode_png({1, 28, 28, std::vector<uint8_t>(28 * 28, static_cast<uint8_t>(i))}));
  }
  const auto levels = [](const Dataset& data) {
    std::vector<int> all;
    for (int64_t i = 0; i < data.size(); ++i) all.push_back(data.levels(i)[0]);
    return all;
  };
  TrainOptions o = quick();
  o.data = folder_.string() + ",held_out=0.3";
  const std::vector<int> held = levels(*open_dataset(data_choice(o.data, {}), Split::test, {}, Shape{1, 28, 28}));
  EXPECT_FALSE(held.empty());
  for (o.seed = 1; o.seed <= 3; ++o.seed) EXPECT_EQ(levels(*open_split(o, Split::test, {})), held);
  for (const char* nothing : {"", ",held_out=0"}) {
    o.data = folder_.string() + nothing;
    EXPECT_THROW(open_split(o, Split::train, {}), Error);
  }
}

TEST_F(TrainerTest, MissesTheTestSetBeforeItTrains) {
  const Image picture{1, 28, 28, std::vector<uint8_t>(28 * 28)};
  const auto put = [&](const Path& place) {
    make_folder(place);
    for (const char* name : {"1.png", "2.png", "3.png"}) write_file(place / name, encode_png(picture));
  };
  put(folder_ / "train" / "dark");
  put(folder_ / "train" / "light");
  TrainOptions o = quick();
  o.data = folder_.string();
  o.validation = 2;
  EXPECT_THROW(train_data(o, {}), Error);
  put(folder_ / "val" / "dark");
  put(folder_ / "val" / "light");
  EXPECT_EQ(train_data(o, {}).test->size(), 2);
}

TEST_F(TrainerTest, IsJudgedByTestDataOfAnotherName) {
  const auto put = [&](const char* name, std::initializer_list<const char*> classes, int count) {
    for (const char* y : classes) {
      const Path place = folder_ / name / y;
      make_folder(place);
      for (int i = 0; i < count; ++i)
        write_file(place / fmt::format("{}.png", i), encode_png({1, 28, 28, std::vector<uint8_t>(28 * 28, static_cast<uint8_t>(i))}));
    }
  };
  put("photos", {"dark", "light"}, 5);
  put("others", {"dark", "light"}, 3);
  put("more", {"dark", "light", "none"}, 3);
  put("strange", {"dog", "cat"}, 3);
  TrainOptions o = quick();
  o.data = (folder_ / "photos").string();
  o.test_data = (folder_ / "others").string();
  const TrainData data = train_data(o, {});
  EXPECT_EQ(data.train->size(), 10) << "nothing is held out of the training's own";
  EXPECT_EQ(data.test->size(), 6);
  o.test_data = (folder_ / "more").string();
  EXPECT_THROW_SAYING(train_data(o, {}), "and 3 classes; those of `data`");
  o.test_data = (folder_ / "strange").string();
  EXPECT_THROW_SAYING(train_data(o, {}), "is 'dark' to the network and 'cat' in the data");
}

// Of the updates of one epoch of 200 in batches of 32 six are full; the test meter's batches are its own.
TEST_F(TrainerTest, ReadsPublishedMetersOverFullUpdatesAndOverTestBatchesOfTheirOwn) {
  struct Updates : Observer {
    std::vector<double> losses;
    void after_pass(const AfterPass& pass) override { losses.push_back(pass.program.objective()); }
  };
  TrainOptions o = quick();
  o.epochs = 1;
  o.meters = "published";
  const auto updates = std::make_shared<Updates>();
  TrainHooks hooks;
  hooks.observers.push_back(updates);
  const EpochMetrics by_update = run("a", o, false, hooks).metrics.front();
  double v = 0;
  ASSERT_EQ(updates->losses.size(), 7u);
  for (size_t i = 0; i < 6; ++i) v = smoothed_on(v, updates->losses[i]);
  EXPECT_NEAR(by_update.train_loss_smoothed, v, 1e-6);
  o.meter_batch = 10;
  const EpochMetrics by_ten = run("b", o).metrics.front();
  EXPECT_EQ(by_ten.test_accuracy, by_update.test_accuracy);
  EXPECT_EQ(by_ten.train_loss_smoothed, by_update.train_loss_smoothed);
  EXPECT_NE(by_ten.test_loss_smoothed, by_update.test_loss_smoothed);

  const Checkpoint c = load_checkpoint(folder_ / "b" / kLastNetwork);
  Evaluator evaluator(c.graph, std::make_shared<Weights>(c.graph, c.tensors), stripes(100, 2), Precision::fp32, 7);
  evaluator.keep_losses();
  const Evaluation e = evaluator.run();
  PublishedMeter meter;
  meter.look(evaluator.right(), 10);
  meter.look_at_losses(evaluator.sample_losses(), 10);
  EXPECT_NEAR(by_ten.test_accuracy_smoothed, meter.smoothed, 1e-12);
  EXPECT_NEAR(by_ten.test_loss_smoothed, meter.smoothed_loss, 1e-4);
  double sum = 0;
  for (const double loss : evaluator.sample_losses()) sum += loss / 100;
  EXPECT_NEAR(sum, e.loss, 1e-5) << "each image's own loss adds up to the mean";
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

TEST_F(TrainerTest, GoesOnFromAnOnnxFileWithANewLastLayer) {
  // Ten classes, trained on something else, as somebody's file.
  const auto model = models().make("medium");
  Checkpoint other;
  other.graph = model->build({1, 28, 28}, 10);
  other.tensors = initialise(other.graph, 9);
  for (int i = 0; i < 10; ++i) other.classes.push_back(std::to_string(i));
  make_folder(folder_);
  write_file(folder_ / "net.onnx", onnx_bytes(onnx_of(other)));
  TrainOptions o = quick();
  o.model = o.from = (folder_ / "net.onnx").string();
  o.epochs = 2;
  o.rates = "head=1+*1.weight=0+*=0.1";
  const auto first = std::make_shared<FirstWeights>();
  TrainHooks hooks;
  hooks.observers.push_back(first);
  run("fine", o, false, hooks);
  const Checkpoint after = load_checkpoint(folder_ / "fine" / kLastNetwork);
  const Head head = head_of(after.graph);
  EXPECT_EQ(after.tensors.at(head.weight).shape()[0], 4);
  EXPECT_EQ(after.classes.size(), 4u);
  int kept = 0;
  for (const auto& [name, t] : first->tensors) {
    if (!head.has(name)) {
      EXPECT_EQ(max_difference(t, other.tensors.at(name)), 0) << name;
    }
    const bool frozen = fits("*1.weight", name) && !head.has(name);
    EXPECT_EQ(max_difference(t, after.tensors.at(name)) == 0, frozen) << name;
    kept += frozen;
  }
  EXPECT_GT(kept, 0);
  // The same again, also when it is stopped and gone on with.
  run("again", o);
  EXPECT_EQ(bytes("fine"), bytes("again"));
  TrainHooks stopping;
  int updates = 0;
  stopping.stop = [&] { return ++updates == 5; };
  EXPECT_EQ(run("stopped", o, false, stopping).ending, Ending::stopped);
  run("stopped", o, true);
  EXPECT_EQ(bytes("fine"), bytes("stopped"));
}

TEST_F(TrainerTest, SlowerPartsGoTheirShareOfTheWay) {
  const auto moved = [&](const std::string& name, const std::string& rates) {
    TrainOptions o = quick();
    o.epochs = 1;
    o.limit = 0;
    o.batch = 200;  // one update
    o.optimiser = "sgd";
    o.rates = rates;
    const auto first = std::make_shared<FirstWeights>();
    TrainHooks hooks;
    hooks.observers.push_back(first);
    run(name, o, false, hooks);
    const auto after = load_checkpoint(folder_ / name / kLastNetwork).tensors;
    std::map<std::string, double> all;
    for (const auto& [parameter, t] : first->tensors) all[parameter] = max_difference(t, after.at(parameter));
    return all;
  };
  const auto whole = moved("whole", ""), tenth = moved("tenth", "*=0.1");
  for (const auto& [name, distance] : whole) {
    if (distance > 1e-4) {
      EXPECT_NEAR(tenth.at(name), distance / 10, distance * 0.01 + 1e-6) << name;
    }
  }
  EXPECT_THROW_SAYING(moved("wrong", "layer9.*=0"), "no trained parameter is called so");
}

TEST_F(TrainerTest, RefusesToGoOnFromAnotherNetwork) {
  Checkpoint other;
  other.graph = models().make("lenet")->build({1, 28, 28}, 4);
  other.tensors = initialise(other.graph, 9);
  other.classes = {"a", "b", "c", "d"};
  make_folder(folder_);
  save_checkpoint(folder_ / "other.safetensors", other);
  TrainOptions o = quick();
  o.from = (folder_ / "other.safetensors").string();
  EXPECT_THROW_SAYING(run("a", o), "other.safetensors");
}

}  // namespace
}  // namespace convscope
