#include "convscope/train/perturbation_debug.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "convscope/base/random.h"
#include "convscope/data/images8.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/models/model.h"
#include "convscope/tensor/image.h"
#include "convscope/train/run_folder.h"

namespace convscope {
namespace {

struct DebuggedRun {
  std::vector<std::string> lines;
  std::string network;  // the bytes of its file
};

Path folder_of_runs() { return std::filesystem::temp_directory_path() / fmt::format("convscope-debug-{}", ::getpid()); }

/** Two updates on four pictures of random levels. */
DebuggedRun debugged(const std::string& model, bool debug) {
  std::vector<uint8_t> levels(4 * 3 * 32 * 32);
  const RandomStream random(1, "levels");
  for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(random.below(256, i));
  const auto data =
      std::make_shared<Images8>(Shape{4, 3, 32, 32}, levels, std::vector<int32_t>{0, 1, 0, 1}, std::vector<std::string>{"a", "b"});
  TrainOptions o;
  o.model = model;
  o.data = "levels";
  o.epochs = 1;
  o.batch = 2;
  const Path folder = folder_of_runs();
  std::filesystem::remove_all(folder);
  DebuggedRun run;
  TrainHooks hooks;
  if (debug) hooks.observers.push_back(std::make_shared<PerturbationDebug>([&](std::string_view line) { run.lines.emplace_back(line); }));
  (void)train(o, {data, nullptr}, folder, false, hooks);
  run.network = read_file(folder / kLastNetwork);
  std::filesystem::remove_all(folder);
  return run;
}

/** The numbers behind a word of a line. */
std::vector<double> numbers_behind(const std::string& line, const std::string& word) {
  std::istringstream text(line.substr(line.find(word) + word.size()));
  std::vector<double> all;
  for (double v; text >> v;) all.push_back(v);
  return all;
}

TEST(PerturbationDebug, TellsInputMaskAndSumOfEachLayerAtEachUpdateAndChangesNothing) {
  for (const char* model :
       {"lenet,width=6,first_filter_size=0,filter_size=0", "lenet,width=6,first_filter_size=3,filter_size=0,nmasks=2"}) {
    const bool masks_first = std::string(model).find("first_filter_size=0") != std::string::npos;
    const DebuggedRun run = debugged(model, true);
    ASSERT_EQ(run.lines.size(), masks_first ? 6u : 4u) << model;
    EXPECT_TRUE(run.lines.front().starts_with(masks_first ? "update 1  layer1 " : "update 1  layer2 ")) << run.lines.front();
    EXPECT_TRUE(run.lines.back().starts_with("update 2  layer3 ")) << run.lines.back();
    for (const std::string& line : run.lines) {
      const auto x = numbers_behind(line, "  x"), mask = numbers_behind(line, "mask");
      ASSERT_EQ(x.size(), 4u) << line;
      ASSERT_EQ(mask.size(), 4u) << line;
      for (const double m : mask) EXPECT_LE(std::abs(m), 0.5) << "level 0.5, masks within 1";
      if (!masks_first) {
        EXPECT_NE(line.find("sums are not kept"), std::string::npos) << "two masks: masks, activation and weights are one op: " << line;
        continue;
      }
      const auto sum = numbers_behind(line, "sum");
      ASSERT_EQ(sum.size(), 4u) << line;
      for (size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(sum[i], x[i] + mask[i], 2e-4) << line;
      }
    }
    EXPECT_EQ(run.network, debugged(model, false).network) << "the training computes the same bytes as without";
  }
}

TEST(PerturbationDebug, RefusesANetworkWithoutMasksBeforeAnythingIsWritten) {
  EXPECT_THROW(debugged("lenet,width=6", true), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_of_runs()));
}

TEST(PerturbationDebug, AsksForWhatTheLayersComputed) {
  const Graph network = models().make(parse_choice("lenet,width=6,first_filter_size=0,filter_size=0"))->build({3, 32, 32}, 2);
  size_t sums = 0;
  for (const std::string& name : PerturbationDebug([](std::string_view) {}).taps(network))
    sums += network.node(network.at(name)).op->kind() == PerturbOp::kKind;
  EXPECT_EQ(sums, 3u) << "the sums are read, not computed again";
}

}  // namespace
}  // namespace convscope
