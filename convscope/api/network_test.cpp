#include "convscope/api/network.h"

#include <algorithm>

#include "convscope/api/api_testing.h"
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

}  // namespace
}  // namespace convscope
