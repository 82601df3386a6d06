#include "convscope/models/foreign/adopt.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/models/foreign/fixture_file_testing.h"
#include "convscope/models/foreign/normaliser.h"
#include "convscope/models/model.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/flatten.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/linear.h"

namespace convscope {
namespace {

/** The fixtures' network: convolution, batch norm and a dense layer on 2×2 pictures. */
Graph small_graph() {
  Builder graph({1, 2, 2});
  Value x = Conv2d({.filters = 2, .kernel = 2, .pad = 0}).build(graph, "conv1", graph.pixels());
  x = BatchNorm({}).build(graph, "bn1", x);
  x = Linear({.features = 3}).build(graph, "linear", x);
  return std::move(graph).finish(x);
}

/** The same numbers under names that `rename` makes of ours. */
template <typename Rename>
std::map<std::string, Tensor> renamed(const std::map<std::string, Tensor>& tensors, Rename rename) {
  std::map<std::string, Tensor> other;
  for (const auto& [name, t] : tensors) other.emplace(rename(name), t);
  return other;
}

std::string with(std::string name, std::string_view part, std::string_view other) {
  for (size_t at = name.find(part); at != std::string::npos; at = name.find(part, at + other.size())) name.replace(at, part.size(), other);
  return name;
}

void expect_same(const std::map<std::string, Tensor>& a, const std::map<std::string, Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, t] : a) {
    ASSERT_TRUE(b.contains(name)) << name;
    EXPECT_EQ(max_difference(b.at(name), t), 0) << name;
  }
}

TEST(Adopting, TakesEveryFormatOfTheSameNetwork) {
  const Checkpoint zip = adopt(small_graph(), read_state_dict(foreign_fixture("plain.pt")), "zip");
  EXPECT_EQ(zip.classes, (std::vector<std::string>{"0", "1", "2"}));
  expect_same(zip.tensors, adopt(small_graph(), read_state_dict(foreign_fixture("plain.th")), "stream").tensors);
  expect_same(zip.tensors, adopt(small_graph(), read_state_dict(foreign_fixture("plain.safetensors")), "safetensors").tensors);
}

TEST(Adopting, LooksThroughPrefixesThatAllNamesShare) {
  EXPECT_NO_THROW(adopt(small_graph(), read_state_dict(foreign_fixture("training.pt")), "module."));
  const auto ours = initialise(small_graph(), 1);
  expect_same(ours, adopt(small_graph(), renamed(ours, [](auto name) { return "_orig_mod.module.net." + name; }), "x").tensors);
}

TEST(Adopting, ReadsWeightsBesideObjectsThatItDoesNotKnow) {
  const Checkpoint plain = adopt(small_graph(), read_state_dict(foreign_fixture("plain.pt")), "plain");
  expect_same(plain.tensors, adopt(small_graph(), read_state_dict(foreign_fixture("beside.ckpt")), "beside").tensors);
  auto wrapped = read_state_dict(foreign_fixture("wrapped.pth"));
  const auto normaliser = take_normaliser(wrapped, "wrapped");
  ASSERT_TRUE(normaliser);
  EXPECT_EQ(normaliser->std, "module.0.std");
  EXPECT_EQ(normaliser->values.mean, std::vector<double>{0.5});
  expect_same(plain.tensors, adopt(small_graph(), wrapped, "wrapped").tensors);
}

TEST(Adopting, LooksThroughWhateverPrefixTheWantedNamesHave) {
  const auto ours = initialise(small_graph(), 1);
  for (const std::string prefix : {"1.", "backbone.", "attacker.model.", "a.b.c."}) {
    auto theirs = renamed(ours, [&](const auto& name) { return prefix + name; });
    theirs["n_averaged"] = Tensor({1});
    expect_same(ours, adopt(small_graph(), theirs, "x").tensors);
    theirs["other.weight"] = Tensor({2});
    EXPECT_THROW_SAYING(adopt(small_graph(), theirs, "x"), "1 that belong nowhere: \"other.weight\"");
  }
}

TEST(Adopting, TakesACopyUnderAnotherPrefixForWhatItIs) {
  const auto ours = initialise(small_graph(), 1);
  auto theirs = renamed(ours, [](const auto& name) { return "module.model." + name; });
  for (const auto& [name, t] : ours) theirs["module.attacker.model." + name] = t;
  expect_same(ours, adopt(small_graph(), theirs, "x").tensors);
  theirs["module.attacker.model.conv1.weight"][0] += 1;
  EXPECT_THROW_SAYING(adopt(small_graph(), theirs, "x"), "1 that belong nowhere: \"module.attacker.model.conv1.weight\"");
}

TEST(Adopting, FindsAClassifierThatIsKeptApart) {
  const auto ours = initialise(small_graph(), 1);
  const auto theirs =
      renamed(ours, [](const auto& name) { return (name.starts_with("linear") ? "head.fc" + name.substr(6) : "backbone." + name); });
  expect_same(ours, adopt(small_graph(), theirs, "x").tensors);
}

TEST(Normalisers, AmongWeightsAreTakenOut) {
  const auto list = [](std::vector<float> v) {
    const int64_t size = static_cast<int64_t>(v.size());
    return Tensor({size, 1, 1}, std::move(v));
  };
  std::map<std::string, Tensor> tensors{{"0.mean", list({0.5f, 0.25f, 0.75f})}, {"0.std", list({0.5f, 0.5f, 0.25f})}, {"1.w", Tensor({3})}};
  const auto found = take_normaliser(tensors, "x");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mean, "0.mean");
  EXPECT_EQ(found->values.mean, (std::vector<double>{0.5, 0.25, 0.75}));
  EXPECT_EQ(found->values.std, (std::vector<double>{0.5, 0.5, 0.25}));
  EXPECT_EQ(tensors.size(), 1u);
  EXPECT_FALSE(take_normaliser(tensors, "x"));

  // Twice the same, as MadryLab's attacker has it; told for 0 … 255.
  for (const char* before : {"normalizer.", "attacker.normalize."}) {
    tensors[std::string(before) + "new_mean"] = list({127.5f});
    tensors[std::string(before) + "new_std"] = list({51});
  }
  EXPECT_EQ(take_normaliser(tensors, "x")->values.mean, std::vector<double>{0.5});
  EXPECT_EQ(tensors.size(), 1u);

  std::map<std::string, Tensor> bad{{"mean", list({0.5f})}, {"std", list({0})}};
  EXPECT_THROW_SAYING(take_normaliser(bad, "x.pt"), "x.pt: \"mean\" and \"std\" are no mean and deviation of pixels");
  std::map<std::string, Tensor> other{{"a.mean", list({0.5f})}, {"a.std", list({1})}, {"b.mean", list({0.25f})}, {"b.std", list({1})}};
  EXPECT_THROW_SAYING(take_normaliser(other, "x.pt"), "two layers that prepare pixels");
  std::map<std::string, Tensor> running{
      {"bn.running_mean", list({0.5f})}, {"bn.running_std", list({1})}, {"c.mean", Tensor({64})}, {"c.std", Tensor({64})}};
  EXPECT_FALSE(take_normaliser(running, "x")) << "of a layer inside";
}

TEST(Adopting, KnowsOtherWordsForTheSamePart) {
  for (const std::string model : {"resnet20,shortcut=projection", "deep"}) {
    const auto made = models().make(parse_choice(model));
    const Graph graph = made->build(made->usual_task().image, 10);
    const auto ours = initialise(graph, 1);
    const auto theirs = renamed(ours, [](const std::string& name) {
      return "module." + with(with(with(name, "linear", "fc"), "downsample", "shortcut"), "bn", "norm");
    });
    EXPECT_NE(theirs.begin()->first, ours.begin()->first);
    expect_same(ours, adopt(graph, theirs, model).tensors);
  }
}

TEST(Adopting, GivesTheSameLogitsNamesOnceEach) {
  auto theirs = initialise(small_graph(), 1);
  theirs["fc.bias"] = theirs.at("linear.bias");
  EXPECT_THROW_SAYING(adopt(small_graph(), theirs, "x"), "1 that belong nowhere: \"fc.bias\"");
}

TEST(Adopting, ListsTheFirstFewOfWhatDoesNotMatch) {
  const auto model = models().make("resnet20");
  auto theirs = initialise(model->build({3, 32, 32}, 10), 1);
  for (const std::string name : {"bn1.bias", "bn1.weight", "conv1.weight", "layer1.0.bn1.bias", "layer1.0.bn1.weight"}) theirs.erase(name);
  theirs["linear.bias"] = Tensor({100});
  theirs["linear.weight"] = Tensor({100, 64});
  theirs["layer2.0.downsample.0.weight"] = Tensor({32, 16, 1, 1});
  theirs["ev\nil"] = Tensor({1});
  theirs["bn1.num_batches_tracked"] = Tensor({1});
  EXPECT_THROW_SAYING(adopt(model->build({3, 32, 32}, 10), theirs, "x.th"),
                      "x.th: 95 tensors do not fit the model's 97 parameters; 5 missing: \"conv1.weight\", \"bn1.weight\", \"bn1.bias\", "
                      "\"layer1.0.bn1.weight\" and 1 more; 2 of another shape: \"linear.weight\" is [100, 64], wanted [10, 64], "
                      "\"linear.bias\" is [100], wanted [10]; 2 that belong nowhere: \"ev\\nil\", \"layer2.0.downsample.0.weight\"");
}

TEST(Adopting, RefusesWhatIsNoStateDict) {
  EXPECT_THROW_SAYING(read_state_dict("net.onnx"), "not a state dict convscope reads");
  TemporaryFolder folder;
  Checkpoint c = adopt(small_graph(), read_state_dict(foreign_fixture("plain.pt")), "x");
  save_checkpoint(folder / "ours.safetensors", c);
  EXPECT_THROW_SAYING(read_state_dict(folder / "ours.safetensors"), "a checkpoint of convscope");
}

TEST(Adopting, ReadsOrRefusesDamagedSafetensors) {
  const std::string bytes = read_file(foreign_fixture("plain.safetensors"));
  const Reader reader = [](std::string_view damaged) { adopt(small_graph(), parse_safetensors(damaged, "x").tensors, "x"); };
  cut_everywhere(bytes, reader);
  flip_bytes(bytes, reader, 10'000, 256);
}

}  // namespace
}  // namespace convscope
