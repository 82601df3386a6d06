/** Several ranks share out what looks at a network: the same bytes for any count of them. Here they are threads; with MPI,
 * tests/cli/mpi_test.sh. */

#include "convscope/api/alias_under_attack.h"
#include "convscope/api/api_testing.h"
#include "convscope/api/evaluate.h"
#include "convscope/api/explain.h"
#include "convscope/api/inspect.h"
#include "convscope/base/file.h"
#include "convscope/base/split.h"
#include "convscope/base/threads.h"
#include "convscope/ranks/ranks_testing.h"

namespace convscope {
namespace {

/** Maps of 4 × 4 and 16 channels and more: a program of fewer than 4 pictures takes other kernels than one of more. */
constexpr const char* kWideOnSmallMaps = "resnet18,width=8";

class SharedLooks : public ::testing::Test, protected SmallWorld {
 protected:
  using Look = std::function<void(const Path& folder, const Setting& setting)>;

  SharedLooks() : SmallWorld(kWideOnSmallMaps) {}

  /** All files that some ranks leave, by name; of records nothing that a clock tells. */
  std::map<std::string, std::string> files_of(int ranks, const Look& look) {
    const Path place = folder_ / fmt::format("{}-{}", ++runs_, ranks);
    ThreadRanks::run_shared(ranks, [&](const std::shared_ptr<Ranks>& rank) {
      set_threads(1);
      Setting setting;
      setting.ranks = rank;
      look(rank->is_root() ? place : folder_ / "nobody" / "writes", setting);
    });
    EXPECT_FALSE(std::filesystem::exists(folder_ / "nobody"));
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place))
      if (entry.is_regular_file() && entry.path().extension() != ".html")
        files[entry.path().lexically_relative(place)] =
            entry.path().extension() == ".json" ? untimed(read_file(entry.path())) : read_file(entry.path());
    return files;
  }
  void expect_same_by_ranks(const Look& look, std::initializer_list<int> counts = {2, 4}) {
    const auto alone = files_of(1, look);
    EXPECT_GT(alone.size(), 2u);
    for (const int ranks : counts) {
      const auto shared = files_of(ranks, look);
      ASSERT_EQ(shared.size(), alone.size()) << ranks << " ranks";
      for (const auto& [name, bytes] : alone)
        EXPECT_TRUE(shared.contains(name) && shared.at(name) == bytes) << name << " of " << ranks << " ranks";
    }
  }

 private:
  /** Without the lines that a clock tells, or how much memory was taken. */
  static std::string untimed(const std::string& text) {
    std::string kept;
    for (const std::string_view line : split(text, '\n'))
      if (line.find("second") == std::string_view::npos && line.find("memory") == std::string_view::npos) (kept += line) += '\n';
    return kept;
  }

  TemporaryFolder folder_;
  int runs_ = 0;
};

TEST_F(SharedLooks, MapsByRulesAndAtNodesAreTheSameForAnyCountOfRanks) {
  for (const char* method : {"grad-cam,node=layer2.0.relu1", "deeplift", "guided-ig,steps=2"}) {
    SCOPED_TRACE(method);
    expect_same_by_ranks([&](const Path& folder, const Setting& setting) {
      const Network own = network;  // ranks share no programs
      (void)explain(own, parse_choice(method), pictures().first(7), {}, folder, setting);
    });
  }
}

TEST_F(SharedLooks, MapsOfMoreImagesThanFillProgramsAreTheSameForAnyCountOfRanks) {
  expect_same_by_ranks([&](const Path& folder, const Setting& setting) {  // on request by two ranks, every so manieth by four
    const Network own = network;
    (void)explain(own, parse_choice("gradient-x-input"), pictures().first(7), {.batch = 1}, folder, setting);
  });
}

TEST_F(SharedLooks, ChecksOfMapsAreTheSameForAnyCountOfRanks) {
  expect_same_by_ranks(
      [&](const Path& folder, const Setting& setting) {
        const Network own = network;
        const ExplainOptions options{.batch = 4, .check = true, .check_steps = 2, .check_draws = 1};
        (void)explain(own, parse_choice("gradient-x-input"), pictures().first(3), options, folder, setting);
      },
      {3});
}

TEST_F(SharedLooks, FeaturesAreTheSameForAnyCountOfRanks) {
  expect_same_by_ranks([&](const Path& folder, const Setting& setting) {
    InspectOptions options;
    options.node = "layer3.0.conv1";
    options.channel = "0-8";  // eight go together, and one by itself
    options.count = 2;
    options.features = {.steps = 2, .draws = 1};
    (void)inspect_features(network, pictures().first(6), options, folder, setting);
  });
}

TEST_F(SharedLooks, FeaturesOfAnEvaluationAreTheSameForAnyCountOfRanks) {
  expect_same_by_ranks(
      [&](const Path& folder, const Setting& setting) {
        (void)evaluate(network, pictures().first(8), folder, setting, {.batch = 3, .save_features = "layer2.0.relu1"});
      },
      {3});
}

TEST_F(SharedLooks, AliasingUnderAttackIsTheSameForAnyCountOfRanks) {
  expect_same_by_ranks(
      [&](const Path& folder, const Setting& setting) {
        UnderAttackOptions options{
            .attack = parse_choice("pgd,steps=2"), .epsilons = {0, 0.05}, .look = {.save_features = true, .maps = 0, .batch = 2}};
        (void)alias_under_attack(folder, network, pictures().first(5), options, setting);
      },
      {3});
}

}  // namespace
}  // namespace convscope
