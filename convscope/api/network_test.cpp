#include "convscope/api/network.h"

#include <algorithm>
#include <thread>

#include "convscope/api/api_testing.h"
#include "convscope/api/predict.h"
#include "convscope/nn/initialisers.h"
#include "convscope/results/run_folder.h"

namespace convscope {
namespace {

/** A checkpoint of a network in a folder, as a training leaves it. */
Path run_with(const TemporaryFolder& folder, const Network& network, const std::string& data) {
  Checkpoint c{network.graph, network.classes, network.name, {{"data", data}}, network.tensors, {}};
  save_checkpoint(folder / kLastNetwork, c);
  return folder.path();
}

TEST(Network, IsOpenedFromARunFolderWithItsClassesAndItsData) {
  const TemporaryFolder folder;
  const SmallWorld world;
  const Network opened = open_network(run_with(folder, world.network, "flowers,resize=crop").string());
  EXPECT_EQ(opened.classes, world.network.classes);
  EXPECT_EQ(opened.name, "medium");
  EXPECT_EQ(opened.trained_on, "flowers,resize=crop");
  EXPECT_EQ(opened.fit(), Fit::crop);
  EXPECT_EQ(opened.run, folder.path());
  EXPECT_EQ(opened.image(), (Shape{1, 28, 28}));
  EXPECT_EQ(opened.outputs(), 7);
  EXPECT_EQ(open_network((folder / kLastNetwork).string()).run, Path());
}

TEST(Network, OfAModelByNameHasFreshWeightsOfTheSeed) {
  const Network one = open_or_make_network("lenet", {.task = {.image = "3,32,32", .classes = 5}}, 1);
  const Network same = open_or_make_network("lenet", {.task = {.image = "3,32,32", .classes = 5}}, 1);
  const Network other = untrained(one, 2);
  const auto filters = std::find_if(one.tensors.begin(), one.tensors.end(), [](const auto& t) { return t.second.shape().rank() == 4; });
  ASSERT_NE(filters, one.tensors.end());
  const std::string first = filters->first;
  EXPECT_EQ(one.classes, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(max_difference(one.tensors.at(first), same.tensors.at(first)), 0);
  EXPECT_GT(max_difference(one.tensors.at(first), other.tensors.at(first)), 0);
}

TEST(Network, SaysWhichOptionIsMissingOrOneTooMany) {
  const TemporaryFolder folder;
  const SmallWorld world;
  const std::string run = run_with(folder, world.network, "cifar10").string();
  EXPECT_THROW_SAYING(open_network(run, {.normalize = "imagenet"}), "`normalize`");
  EXPECT_THROW_SAYING(open_network(run, {.model = "lenet"}), "a run folder has its own");
  EXPECT_THROW_SAYING(open_network((folder / "x.pth").string()), "`model` was wanted");
  EXPECT_THROW_SAYING(open_or_make_network("lenett", {}, 1), "did you mean 'lenet'");
  EXPECT_THROW_SAYING(open_or_make_network("lenet", {.task = {.image = "3,32"}}, 1), "C,H,W");
  EXPECT_THROW_SAYING(subject_of(world.network, {}, -1), "`batch` -1");
}

TEST(ProgramsOfANetwork, AreCompiledOnceForAllThatAskTheSame) {
  const SmallWorld world;
  const Tensor x = world.pictures().pixels();
  const Network network = world.network;  // a copy begins with none
  const auto logits = [&](const Setting& setting = {}, int64_t batch = 0) { return subject_of(network, setting, batch).logits(x); };
  const Tensor first = logits();
  EXPECT_EQ(network.programs.compilations(), 1);
  EXPECT_EQ(max_difference(logits(), first), 0);
  EXPECT_EQ(max_difference(logits(), first), 0);
  EXPECT_EQ(network.programs.compilations(), 1);
  EXPECT_GT(network.programs.bytes(), 0);
  (void)logits({}, 3);
  (void)logits({.execution = Precision::bf16});
  (void)subject_of(network, {}).slope(x, {}, std::vector<int64_t>(static_cast<size_t>(x.shape()[0]), 0));
  EXPECT_EQ(network.programs.compilations(), 4);
  EXPECT_EQ(subject_of(network, {}).passes().forward, 0) << "what a subject counts is its own";
}

TEST(ProgramsOfANetwork, GoWithTheWeightsAndTheGraphThatTheyAreOf) {
  SmallWorld world;
  const Tensor x = world.pictures().pixels();
  Network network = world.network;
  const Tensor first = subject_of(network, {}).logits(x);
  network.tensors.begin()->second[0] += 1;
  const Tensor changed = subject_of(network, {}).logits(x);
  EXPECT_GT(max_difference(changed, first), 0);
  EXPECT_EQ(network.programs.compilations(), 2);
  const Network other = untrained(std::move(network), 77);
  EXPECT_GT(max_difference(subject_of(other, {}).logits(x), changed), 0);
}

TEST(ProgramsOfANetwork, AreFewHoweverManyDifferentThingsAreAsked) {
  const SmallWorld world;
  const Tensor x = world.pictures().pixels();
  const Network network = world.network;
  for (int64_t batch = 1; batch <= 6; ++batch) (void)subject_of(network, {}, batch).logits(x);
  EXPECT_EQ(network.programs.compilations(), 6);
  (void)subject_of(network, {}, 6).logits(x);
  EXPECT_EQ(network.programs.compilations(), 6) << "the last ones are kept";
  (void)subject_of(network, {}, 1).logits(x);
  EXPECT_EQ(network.programs.compilations(), 7) << "the first ones are not";
}

TEST(ProgramsOfANetwork, AreAsLargeAsFewPicturesAre) {
  const SmallWorld world;
  const Pictures all = world.pictures(), one = all.first(1);
  EXPECT_EQ(subject_for(world.network, one).batch(), 1);
  EXPECT_EQ(subject_for(world.network, all.first(5)).batch(), 8);
  EXPECT_LE(subject_for(world.network, all).batch(), 32);
  EXPECT_LT(max_difference(subject_for(world.network, one).logits(one.pixels()), subject_of(world.network, {}).logits(one.pixels())), 1e-5);
}

TEST(ProgramsOfANetwork, AreOfOneSubjectAtATime) {
  const SmallWorld world;
  const Tensor x = world.pictures().pixels();
  NetworkSubject one = subject_of(world.network, {}), two = subject_of(world.network, {});
  EXPECT_EQ(max_difference(one.logits(x), two.logits(x)), 0);
  std::vector<std::thread> askers;
  std::vector<Tensor> answers(4);
  for (Tensor& answer : answers)
    askers.emplace_back([&] {
      for (int i = 0; i < 5; ++i) answer = subject_of(world.network, {}).logits(x);
    });
  for (std::thread& asker : askers) asker.join();
  for (const Tensor& answer : answers) EXPECT_EQ(max_difference(answer, one.logits(x)), 0);
}

}  // namespace
}  // namespace convscope
