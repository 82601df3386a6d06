#include "convscope/train/auto_recipe.h"

#include "convscope/base/base_testing.h"
#include "convscope/models/small_testing.h"

namespace convscope {
namespace {

LearningTask usual_of(const std::string& model, int64_t samples = 50'000) {
  const Task task = models().make(parse_choice(model))->usual_task();
  const auto channels = static_cast<size_t>(task.image[0]);
  return {task.image, task.classes, samples, {std::vector(channels, 0.5), std::vector(channels, 0.25)}, "flip"};
}

class AutoRecipe : public testing::TestWithParam<std::string> {};

TEST_P(AutoRecipe, LeavesNothingOpenAndNamesNothingUnknown) {
  const Json recipe = auto_recipe(GetParam(), usual_of(GetParam()));
  EXPECT_TRUE(chosen_by_auto_recipe(recipe));
  Json given = recipe;
  given.update({{"model", GetParam()}, {"data", "cifar10"}, {"preset", kAutoPreset}});
  const TrainOptions options = resolve_options(given);  // which looks at no data
  EXPECT_EQ(options.augment, "flip");
  EXPECT_GT(options.lr, 0);
  EXPECT_NE(recipe_text(options).find(options.optimiser), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Models, AutoRecipe, testing::ValuesIn(every_model()));

TEST(AutoRecipe, TakesTheOptimiserByWhetherBatchNormsFollowTheConvolutions) {
  const auto optimiser = [](const std::string& model) { return auto_recipe(model, usual_of(model))["optimiser"].get<std::string>(); };
  for (const char* model : {"resnet20", "resnet18,stem=cifar", "oscillation-resnet"})
    EXPECT_TRUE(optimiser(model).starts_with("sgd")) << model;
  for (const char* model : {"deep", "alexnet", "scratch", "fully-connected"}) EXPECT_TRUE(optimiser(model).starts_with("adamw")) << model;
  const auto rate = [](const std::string& model) { return auto_recipe(model, usual_of(model))["lr"].get<double>(); };
  // Filters of many inputs that nothing normalises take steps as much smaller.
  EXPECT_EQ(rate("deep"), 4e-3);
  EXPECT_EQ(rate("vgg11"), 4e-3 * 576 / (512 * 9));
  EXPECT_EQ(rate("alexnet"), 4e-3) << "it has batch norm";
  EXPECT_GT(rate("scratch"), rate("scratch,init=he")) << "a step is measured by the weights";
}

TEST(AutoRecipe, SeesFewPicturesMoreOftenInSmallerBatches) {
  const auto recipe = [](int64_t samples) { return auto_recipe("medium", usual_of("medium", samples)); };
  EXPECT_EQ(recipe(60'000)["epochs"], 20);
  EXPECT_EQ(recipe(60'000)["batch"], 128);
  EXPECT_EQ(recipe(1'200'000)["epochs"], 10);
  EXPECT_EQ(recipe(640)["epochs"], 60);
  EXPECT_EQ(recipe(640)["batch"], 16);
  EXPECT_EQ(recipe(3)["batch"], 16);
}

TEST(AutoRecipe, LooksAtTheDataForWhatNobodySays) {
  const TrainOptions o = resolve_options({{"model", "fully-connected"}, {"data", "oscillations,noise=2"}, {"epochs", 3}, {"limit", 500}});
  EXPECT_EQ(o.preset, kAutoPreset);
  EXPECT_EQ(o.epochs, 3) << "said";
  EXPECT_EQ(o.batch, 16) << "by the samples that are learnt from, not by those that there are";
  EXPECT_EQ(o.augment, "none") << "a shifted oscillation may be one of the test";
  const LearningTask task = learning_task(o, {});
  EXPECT_EQ(task.samples, 500);
  EXPECT_EQ(task.classes, 400);
  EXPECT_NEAR(task.statistics.mean.front(), 0.5, 0.01);
}

TEST(AutoRecipe, IsTheSameForTrainingsThatDifferByTheirSeed) {
  const Json toy = {{"model", "fully-connected"}, {"data", "oscillations"}, {"limit", 500}};
  Json other = toy;
  other["seed"] = 7;
  EXPECT_EQ(resolve_options(toy).normalize, resolve_options(other).normalize);
}

TEST(AutoRecipe, StandsBelowWhatIsSaidAndIsNotAskedByOtherPresets) {
  EXPECT_EQ(resolve_options({{"model", "deep"}, {"data", "not there"}, {"preset", "none"}}).lr, TrainOptions().lr);
  EXPECT_EQ(resolve_options({{"data", "not there"}, {"preset", "fashion-medium"}}).epochs, 3);
  EXPECT_THROW_SAYING(resolve_options({{"model", "deep"}, {"data", "not-there"}}), "not-there");
}

}  // namespace
}  // namespace convscope
