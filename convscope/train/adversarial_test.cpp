#include "convscope/train/adversarial.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/models/file_model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/train/ending.h"
#include "convscope/train/hardening.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/train_testing.h"
#include "convscope/train/trainer.h"

namespace convscope {
namespace {

constexpr int64_t kBatch = 8;

/** A network, its training program, and one batch that it is about to learn from. */
struct Bench {
  explicit Bench(InnerSearch how, const std::string& model = "lenet") : search(how) {
    network = model_named(model)->build({1, 28, 28}, 4, {});
    weights = std::make_shared<Weights>(network, initialise(network, 1));
    Request r;
    r.purpose = Purpose::train;
    r.batch = kBatch * (search.pairs() ? 2 : 1);
    r.objective = search.pairs() ? Choice{"trades", {{"beta", search.beta}}} : Choice{"cross-entropy"};
    if (search.by_batch) r.gradients = {std::string(kPixels)};
    training = compile(network, weights, r);
    hardening = std::make_unique<Hardening>(search, network, weights, Execution(), std::vector{kBatch});
    read();
  }
  void read() {
    const auto data = stripes(kBatch, 1);
    for (int64_t n = 0; n < r_count(); ++n) {
      data->pixels(n % kBatch, 0, training->input(kPixels).row(n));
      training->input(kLabels)[n] = static_cast<float>(data->label(n % kBatch));
      numbers.push_back(n % kBatch);
    }
  }
  int64_t r_count() const { return training->input(kLabels).size(); }
  RunContext context(uint64_t epoch = 0) const { return {1, epoch, numbers}; }
  Tensor pixels() const {
    Tensor x(Shape{kBatch, 1, 28, 28});
    const float* from = training->input(kPixels).data() + (search.pairs() ? x.size() : 0);
    std::copy_n(from, x.size(), x.data());
    return x;
  }
  /** Mean cross-entropy of the network as it answers, for pictures. */
  double loss(const Tensor& x) const {
    Request r;
    r.purpose = Purpose::explain;
    r.batch = kBatch;
    r.objective = Choice{"cross-entropy"};
    r.gradients = {std::string(kPixels)};
    const auto program = compile(network, weights, r);
    std::copy_n(x.data(), x.size(), program->input(kPixels).data());
    std::copy_n(training->input(kLabels).data(), kBatch, program->input(kLabels).data());
    program->run({});
    return program->objective();
  }

  InnerSearch search;
  Graph network;
  std::shared_ptr<Weights> weights;
  std::unique_ptr<Program> training;
  std::unique_ptr<Hardening> hardening;
  std::vector<int64_t> numbers;
};

InnerSearch search_of(const std::string& text) { return adversarial_trainings().make(parse_choice(text))->search(); }

class EveryAdversarialTraining : public testing::TestWithParam<std::string> {};

TEST_P(EveryAdversarialTraining, MovesPicturesWithinTheBallAndThePixelRange) {
  Bench bench(search_of(GetParam()));
  const Tensor clean = bench.pixels();
  for (int update = 0; update < 3; ++update) {
    bench.numbers.clear();
    bench.read();
    bench.hardening->move(*bench.training, kBatch, bench.context());
    const Tensor x = bench.pixels();
    double farthest = 0;
    for (int64_t i = 0; i < x.size(); ++i) {
      farthest = std::max(farthest, std::abs(static_cast<double>(x[i]) - clean[i]));
      ASSERT_TRUE(x[i] >= 0 && x[i] <= 1) << x[i];
    }
    EXPECT_LE(farthest, bench.search.epsilon + 1e-6);
    if (bench.search.steps > 0 || update > 0) {
      EXPECT_GT(farthest, bench.search.epsilon / 10);
    }
    bench.training->run(bench.context());
    bench.hardening->keep(*bench.training);
  }
}

TEST_P(EveryAdversarialTraining, MakesTheLossGrow) {
  Bench bench(search_of(GetParam()));
  if (bench.search.steps == 0) GTEST_SKIP() << "its pictures move with the updates";
  const Tensor clean = bench.pixels();
  bench.hardening->move(*bench.training, kBatch, bench.context());
  if (!bench.search.pairs() && !bench.search.by_batch) {
    EXPECT_GT(bench.loss(bench.pixels()), bench.loss(clean));
  }
  bench.training->run(bench.context());
  const float moved = bench.training->objective();
  bench.numbers.clear();
  bench.read();
  bench.training->run(bench.context());
  EXPECT_GT(moved, bench.training->objective());
}

TEST_P(EveryAdversarialTraining, MovesAPictureAlikeWhateverIsBesideIt) {
  const InnerSearch search = search_of(GetParam());
  if (search.by_batch) GTEST_SKIP() << "by the statistics of the batch";
  Bench bench(search), turned(search);
  const int64_t copies = turned.r_count() / kBatch;
  Tensor& pixels = turned.training->input(kPixels);
  const auto data = stripes(kBatch, 1);
  for (int64_t copy = 0; copy < copies; ++copy)
    for (int64_t n = 0; n < kBatch; ++n) {
      const int64_t row = copy * kBatch + n, picture = kBatch - 1 - n;
      data->pixels(picture, 0, pixels.row(row));
      turned.training->input(kLabels)[row] = static_cast<float>(data->label(picture));
      turned.numbers[static_cast<size_t>(row)] = picture;
    }
  bench.hardening->move(*bench.training, kBatch, bench.context(3));
  turned.hardening->move(*turned.training, kBatch, turned.context(3));
  const Tensor a = bench.pixels(), b = turned.pixels();
  for (int64_t n = 0; n < kBatch; ++n)
    EXPECT_TRUE(std::equal(a.row(n).begin(), a.row(n).end(), b.row(kBatch - 1 - n).begin())) << "picture " << n;
}

TEST_P(EveryAdversarialTraining, ResumedEqualsNeverInterruptedByteForByte) {
  const Path folder = std::filesystem::temp_directory_path() / fmt::format("convscope-adversarial-{}-{}", ::getpid(), GetParam());
  std::filesystem::remove_all(folder);
  TrainOptions o;
  o.model = "medium";
  o.data = "stripes";
  o.epochs = 2;
  o.batch = 32;
  o.optimiser = "adam";
  o.adversarial = GetParam();
  const TrainData data{stripes(72, 1), stripes(40, 2), false};
  EXPECT_EQ(train(o, data, folder / "whole", false, {}).ending, Ending::finished);
  for (const int64_t stop_after : {1, 3, 4}) {
    const Path run = folder / std::to_string(stop_after);
    int64_t updates = 0;
    TrainHooks hooks;
    hooks.stop = [&] { return ++updates == stop_after; };
    EXPECT_EQ(train(o, data, run, false, hooks).ending, Ending::stopped);
    EXPECT_EQ(train(o, data, run, true, {}).ending, Ending::finished);
    EXPECT_EQ(read_file(run / kLastNetwork), read_file(folder / "whole" / kLastNetwork)) << "stopped after update " << stop_after;
  }
  std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Table, EveryAdversarialTraining,
                         testing::Values("pgd,epsilon=0.1,alpha=0.03,steps=3", "pgd,epsilon=0.1,alpha=0.05,steps=2,mode=train",
                                         "fast,epsilon=0.1", "fast,epsilon=0.1,mode=train", "free,epsilon=0.1,replays=3",
                                         "trades,epsilon=0.1,alpha=0.03,steps=3", "trades,epsilon=0.1,alpha=0.05,steps=2,mode=train"),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
                           return name;
                         });

TEST(AdversarialTrainings, AreAllInTheTests) {
  EXPECT_EQ(adversarial_trainings().names(), (std::vector<std::string>{"pgd", "fast", "free", "trades"}));
}

TEST(AdversarialTrainings, RefuseWhatMakesNoSense) {
  EXPECT_THROW_SAYING(search_of("fast,epsilon=0"), "fast: epsilon is 0; a share of the pixels' range above 0 was wanted");
  EXPECT_THROW_SAYING(search_of("pgd,steps=0"), "pgd: 0 steps; from 1 to 1000 were wanted");
  EXPECT_THROW_SAYING(search_of("pgd,mode=evil"), "pgd: no mode 'evil'; did you mean 'eval'?");
  EXPECT_THROW_SAYING(search_of("free,replays=1"), "free: 1 replays; from 2 to 100 were wanted");
  EXPECT_THROW_SAYING(search_of("trades,beta=0"), "trades: beta is 0; a number above 0 was wanted");
  TrainOptions o;
  o.model = "lenet";
  o.data = "mnist";
  o.adversarial = "trades";
  o.loss = "cross-entropy,smoothing=0.1";
  EXPECT_THROW_SAYING(o.check("train"), "adversarial trades has a loss of its own");
}

/** One step on a network without batch norm is the closed form: α along the sign of the loss's slope, from the image. */
TEST(AdversarialTrainings, FastGoesAlongTheSignsOfTheSlope) {
  InnerSearch search{.epsilon = 0.1, .alpha = 0.04};
  Bench bench(search, "fully-connected");
  Request r;
  r.purpose = Purpose::explain;
  r.engine = {"reference"};
  r.batch = kBatch;
  r.objective = Choice{"cross-entropy"};
  r.gradients = {std::string(kPixels)};
  const auto truth = compile(bench.network, bench.weights, r);
  const Tensor clean = bench.pixels();
  truth->input(kPixels) = clean;
  std::copy_n(bench.training->input(kLabels).data(), kBatch, truth->input(kLabels).data());
  truth->run({});
  bench.hardening->move(*bench.training, kBatch, bench.context());
  const Tensor x = bench.pixels();
  const Tensor& up = truth->gradient(kPixels);
  int64_t compared = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    if (std::abs(up[i]) < 1e-6) continue;
    ++compared;
    EXPECT_NEAR(x[i], std::clamp(clean[i] + (up[i] > 0 ? 0.04f : -0.04f), 0.0f, 1.0f), 1e-6);
  }
  EXPECT_GT(compared, x.size() / 2);
}

TEST(AdversarialTrainings, EndWhereTheyCollapseWithTheNetworkOfTheEpochBefore) {
  const Path folder = std::filesystem::temp_directory_path() / fmt::format("convscope-collapse-{}", ::getpid());
  std::filesystem::remove_all(folder);
  TrainOptions o;
  o.model = "medium";
  o.data = "stripes";
  o.epochs = 4;
  o.batch = 32;
  o.adversarial = "fast";
  const TrainData data{stripes(64, 1), stripes(40, 2), false};
  std::map<std::string, Tensor> second;
  std::string told;
  TrainHooks hooks;
  hooks.tell = [&](std::string_view line) { told += line; };
  hooks.gauge = [&](const EpochEnd& end, EpochMetrics& m) {
    if (m.epoch == 2) second = end.weights->tensors();
    m.robust_train_accuracy = m.epoch == 3 ? 0.2 : 0.5;
    m.robust_accuracy = 0.4;
  };
  const TrainResult r = train(o, data, folder, false, hooks);
  EXPECT_EQ(r.metrics.size(), 3u);
  EXPECT_EQ(ended_by(o, r.metrics), kCollapse);
  EXPECT_NE(told.find("CATASTROPHIC OVERFITTING in epoch 3: of training pictures under attack 20.0 % are right, after 50.0 %"),
            std::string::npos)
      << told;
  const Checkpoint last = load_checkpoint(folder / kLastNetwork);
  for (const auto& [name, tensor] : second)
    EXPECT_TRUE(std::equal(tensor.span().begin(), tensor.span().end(), last.tensors.at(name).span().begin())) << name;
  EXPECT_FALSE(std::filesystem::exists(folder / kNetworkBefore));
  EXPECT_TRUE(is_finished(o, folder));

  // A finished training that goes on, and collapses in its first new epoch, has the network of its last one.
  o.epochs = 2;
  hooks.gauge = [](const EpochEnd&, EpochMetrics& m) { m.robust_train_accuracy = m.epoch == 3 ? 0.2 : 0.5; };
  EXPECT_EQ(train(o, data, folder / "short", false, hooks).metrics.size(), 2u);
  const std::map<std::string, Tensor> before = load_checkpoint(folder / "short" / kLastNetwork).tensors;
  o.epochs = 4;
  EXPECT_EQ(train(o, data, folder / "short", true, hooks).metrics.size(), 3u);
  const std::map<std::string, Tensor> after = load_checkpoint(folder / "short" / kLastNetwork).tensors;
  for (const auto& [name, tensor] : before)
    EXPECT_TRUE(std::equal(tensor.span().begin(), tensor.span().end(), after.at(name).span().begin())) << name;
  std::filesystem::remove_all(folder);
}

TEST(AdversarialTrainings, AreChosenByAccuracyUnderAttackWhereItWasMeasured) {
  std::vector<EpochMetrics> all(3);
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].epoch = static_cast<int64_t>(i + 1);
    all[i].test_accuracy = 0.5 + 0.1 * static_cast<double>(i);
    all[i].robust_accuracy = i == 1 ? 0.4 : 0.3;
  }
  EXPECT_EQ(best_epoch(all)->epoch, 2);
  all[0].robust_validation_accuracy = 0.9;
  EXPECT_EQ(best_epoch(all)->epoch, 1);
}

}  // namespace
}  // namespace convscope
