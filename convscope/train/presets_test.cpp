#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/data/locate.h"
#include "convscope/models/model.h"
#include "convscope/train/normalization.h"
#include "convscope/train/options.h"
#include "convscope/train/schedule.h"

namespace convscope {
namespace {

TrainOptions options_of(std::string_view name) { return resolve_options({{"preset", name}}); }

/** Pictures and classes of a preset's data, as far as they are known without reading any. */
Task task_of(const TrainOptions& options) {
  const Choice data = parse_choice(options.data);
  if (data.name == "flowers") return {{3, 256, 256}, 5};
  if (data.name == "fashion-mnist" || data.name == "mnist") return {{1, 28, 28}, 10};
  if (data.name == "cifar10") return {{3, 32, 32}, 10};
  const auto made = open_dataset(data, Split::test, {});
  return {made->image_shape(), static_cast<int64_t>(made->classes().size())};
}

double rate(const TrainOptions& options, int64_t epoch, int64_t step) {
  constexpr int64_t kSteps = 3000;  // of an epoch
  return options.lr * schedules().make(parse_choice(options.schedule))->factor({epoch * kSteps + step, kSteps, kSteps * options.epochs});
}

TEST(PublishedPresets, AllBuildTheirNetworksForTheirData) {
  for (const Preset& row : presets()) {
    SCOPED_TRACE(row.name);
    if (row.values.empty()) continue;  // auto and none
    const TrainOptions options = options_of(row.name);
    const Task task = task_of(options);
    const Graph graph = models().make(parse_choice(options.model))->build(task.image, task.classes, parse_normalization(options.normalize));
    EXPECT_EQ(graph.shape(graph.output), (Shape{1, task.classes}));
    const Choice data = parse_choice(options.data);
    if (data.name == "flowers") continue;  // a folder
    EXPECT_NO_THROW((void)data_sources().make(data));
  }
}

TEST(PublishedPresets, OfAlexnetDecaysWithEachUpdateAsPublished) {
  const TrainOptions options = options_of("alexnet-published");
  EXPECT_DOUBLE_EQ(rate(options, 0, 0), 0.01);
  EXPECT_NEAR(rate(options, 1, 0), 1.1e-5, 1e-7) << "after 3000 updates";
}

TEST(PublishedPresets, OfTheOscillationsChangeTheirRateAfterThirtyFiveEpochs) {
  const TrainOptions options = options_of("oscillations-resnet");
  EXPECT_DOUBLE_EQ(rate(options, 34, 2999), 1e-3);
  EXPECT_DOUBLE_EQ(rate(options, 35, 0), 1e-4);
}

TEST(Normalizations, TakeOneNumberOnEitherSideForAllChannels) {
  const Normalization one_deviation = parse_normalization("0.5,0.25,0.75/2"), one_mean = parse_normalization("0.5/1,2,4");
  EXPECT_EQ(one_deviation.std, parse_normalization("0.5,0.25,0.75/2,2,2").std);
  EXPECT_EQ(one_mean.mean, parse_normalization("0.5,0.5,0.5/1,2,4").mean);
  EXPECT_EQ(parse_normalization("0.5/2").std.size(), 1u);
  EXPECT_THROW_SAYING(parse_normalization("0.5,0.25/1,2,4"), "2 means and 3 deviations");
}

TEST(PublishedPresets, OfTheOscillationsGiveTheNetworkTheStudysNumbers) {
  const Normalization n = parse_normalization(options_of("oscillations-resnet").normalize);
  // noise 1: the largest image, 1 + 1/2, is pixel 1
  EXPECT_NEAR((1 - n.mean[0]) / n.std[0], 1.5, 1e-6);
  EXPECT_NEAR((0 - n.mean[0]) / n.std[0], -1.5, 1e-6);
}

TEST(PublishedPresets, OfThePerturbativeStudyChangeTheirRateInTheEpochsThatItsProgramDoes) {
  const TrainOptions options = options_of("perturbative-resnet18");
  EXPECT_DOUBLE_EQ(rate(options, 58, 0), 1e-3);
  EXPECT_DOUBLE_EQ(rate(options, 59, 0), 2e-4);
  EXPECT_NEAR(rate(options, 149, 0), 8e-6, 1e-12);
}

TEST(PublishedPresets, OfThePerturbativeStudyAreItsEightRunsAndTheAuthorsOwnRecipes) {
  struct Run {
    const char* preset;
    int64_t batch;
    double lr;
    int64_t parameters;
  };
  for (const Run& run :
       {Run{"perturbative-resnet18", 10, 1e-3, 5'284'982}, Run{"perturbative-noise-7", 10, 1e-4, 5'640'074},
        Run{"perturbative-noise-3", 10, 1e-4, 5'624'714}, Run{"perturbative-no-masks", 16, 1e-3, 5'611'146},
        Run{"perturbative-masks-everywhere", 16, 1e-3, 5'608'202}, Run{"perturbative-64-masks", 16, 1e-3, 6'813'834},
        Run{"perturbative-64-shared", 16, 1e-3, 1'220'234}, Run{"perturbative-64-trained", 16, 1e-3, 1'220'234 + 412'672}}) {
    const TrainOptions o = options_of(run.preset);
    EXPECT_EQ(parameter_count(models().make(parse_choice(o.model))->build({3, 32, 32}, 10)), run.parameters) << run.preset;
    EXPECT_EQ(o.batch, run.batch) << run.preset;
    EXPECT_EQ(o.epochs, 150) << run.preset;
    EXPECT_DOUBLE_EQ(rate(o, 58, 2999), run.lr) << run.preset;
    EXPECT_DOUBLE_EQ(rate(o, 59, 0), 0.2 * run.lr) << run.preset;
  }
  EXPECT_DOUBLE_EQ(rate(options_of("perturbative-original"), 59, 0), 1e-5);
  EXPECT_DOUBLE_EQ(rate(options_of("perturbative-authors-later"), 148, 0), 1e-4);
  EXPECT_DOUBLE_EQ(rate(options_of("perturbative-authors-later"), 149, 0), 2e-5);
  EXPECT_DOUBLE_EQ(rate(options_of("perturbative-authors-masks-everywhere"), 149, 0), 2e-5);
  EXPECT_EQ(options_of("perturbative-authors-masks-everywhere").batch, 20);
}

}  // namespace
}  // namespace convscope
