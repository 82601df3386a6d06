#include "convscope/api/train.h"

#include "convscope/api/api_testing.h"
#include "convscope/api/train_seeds.h"
#include "convscope/base/json_file.h"
#include "convscope/train/run_folder.h"

namespace convscope {
namespace {

constexpr const char* kFast = "fashion-deep-fast";  // of 18 epochs

void write_run(const Path& run, const TrainOptions& options) {
  make_folder(run);
  write_json(run / kRunFile, {{"options", fields_to_json(options)}});
  write_file(run / kLastNetwork, "only its name counts here");
}

TEST(TrainingOptions, AreWhatIsSaidOverThePresetOverTheDefaults) {
  const TrainOptions from_recipe = training_options({{"preset", kFast}}, {});
  EXPECT_EQ(from_recipe.model, "deep,pools=late,init=he-normal");
  EXPECT_EQ(from_recipe.epochs, 18);
  EXPECT_EQ(from_recipe.save_every, TrainOptions().save_every) << "of which the preset says nothing";
  EXPECT_EQ(training_options({{"preset", kFast}, {"epochs", 3}}, {}).epochs, 3);
  EXPECT_EQ(training_options({{"preset", kFast}}, {}, {}, 8).seed, 8);
}

TEST(TrainingOptions, OfAConfigStandBelowWhatIsSaidAndBelowAPresetThatIsNamedNow) {
  const TemporaryFolder folder;
  TrainOptions before;
  before.model = "deep";
  before.data = "fashion-mnist";
  before.epochs = 77;
  before.save_every = 5;
  write_run(folder / "before", before);
  const Recipe config{.config = (folder / "before" / kRunFile).string()};
  EXPECT_EQ(training_options(json_object(), {}, config).epochs, 77);
  EXPECT_EQ(training_options({{"epochs", 3}}, {}, config).epochs, 3);
  const TrainOptions both = training_options({{"preset", kFast}}, {}, config);
  EXPECT_EQ(both.epochs, 18);
  EXPECT_EQ(both.save_every, 5) << "of which the preset says nothing";
}

TEST(TrainingOptions, OfAConfigThatAutoChoseAreChosenAnewForOtherData) {
  const TemporaryFolder folder;
  const Json toy = {{"model", "fully-connected"}, {"data", "oscillations"}, {"limit", 500}};
  const TrainOptions before = training_options(toy, {});
  write_run(folder / "before", before);
  const Recipe config{.config = (folder / "before" / kRunFile).string()};
  EXPECT_EQ(training_options(json_object(), {}, config).normalize, before.normalize);
  EXPECT_NE(training_options({{"data", "oscillations,noise=8"}}, {}, config).normalize, before.normalize) << "statistics of other data";
  EXPECT_EQ(training_options({{"data", "oscillations,noise=8"}}, {}, config).limit, 500) << "said then";
}

TEST(TrainingOptions, MustSayModelAndData) {
  EXPECT_THROW(training_options({{"model", "deep"}}, {}), WrongUse);
  EXPECT_THROW_SAYING(training_options({{"data", "fashion-mnist"}}, {}), "`model` is missing");
}

TEST(TrainingOptions, OfARunThatGoesOnStayAsTheyWere) {
  const TemporaryFolder folder;
  const Path run = folder / "run";
  write_run(run, training_options({{"model", "deep"}, {"data", "fashion-mnist"}, {"preset", "none"}, {"lr", 0.25}}, run));
  const Recipe again{.folder = run, .resume = true};
  EXPECT_EQ(training_options(json_object(), run, again).lr, 0.25) << "what is not said again";
  EXPECT_EQ(training_options({{"lr", 0.25}}, run, again).lr, 0.25) << "said again";
  EXPECT_EQ(training_options({{"save_every", 2}}, run, again).save_every, 2) << "changes nothing that is computed";
  EXPECT_THROW_SAYING(training_options({{"lr", 0.5}}, run, again), "was started with 0.25, not 0.5");
  EXPECT_EQ(training_options({{"epochs", 12}}, run, again).epochs, 12) << "the rate is constant: more epochs change nothing before them";
  EXPECT_THROW_SAYING(training_options({{"epochs", 2}}, run, again), "was started with 10, not 2");
  const Path cycle = folder / "cycle";
  write_run(cycle, training_options({{"model", "deep"}, {"data", "fashion-mnist"}, {"preset", "none"}, {"schedule", "cosine"}}, cycle));
  EXPECT_THROW_SAYING(training_options({{"epochs", 12}}, cycle, {.folder = cycle, .resume = true}),
                      "its schedule cosine has come down by then");
}

TEST(SeveralSeeds, AreSaidOneByOneOrCounted) {
  EXPECT_EQ(parse_seeds("3", 5), (std::vector<int64_t>{5, 6, 7}));
  EXPECT_EQ(parse_seeds("4,2", 5), (std::vector<int64_t>{4, 2}));
  for (const char* wrong : {"0", "-1", "a", "1,1", "1,,2"}) EXPECT_THROW(parse_seeds(wrong, 1), WrongUse) << wrong;
}

TEST(SeveralSeeds, AreTrainedOneAfterTheOtherAndSummedUp) {
  const TemporaryFolder folder;
  std::vector<Path> runs;
  const SeedsSummary all = train_seeds(folder / "all", {3, 1}, [&](const Path& run, int64_t seed) {
    runs.push_back(run);
    TrainingSummary one;
    one.ending = "finished";
    one.accuracy = 0.1 * static_cast<double>(seed);
    one.seed = seed;
    one.network = {.name = "deep", .file = (run / kLastNetwork).string(), .sha256 = "12ab", .parameters = 7};
    one.data = {.name = "pets", .split = "test", .count = 5, .digest = "34cd"};
    one.options = {{"lr", 0.5}, {"seed", seed}};
    one.version = "1";
    return one;
  });
  EXPECT_EQ(runs, (std::vector<Path>{seed_folder(folder / "all", 3), seed_folder(folder / "all", 1)}));
  EXPECT_EQ(all.ending, "finished");
  EXPECT_NEAR(all.accuracy_mean, 0.2, 1e-12);
  EXPECT_EQ(read_json(folder / "all" / kSeedsFile), fields_to_json(all));
  EXPECT_EQ(all.network.name, "deep");
  EXPECT_EQ(all.network.parameters, 7);
  EXPECT_EQ(all.network.file + all.network.sha256, "") << "each training has its own";
  EXPECT_EQ(all.data.digest, "34cd");
  EXPECT_EQ(all.options, (Json{{"lr", 0.5}}));
  EXPECT_EQ(all.seed, 3);
  EXPECT_EQ(all.version, "1");
}

TEST(SeveralSeeds, EndWhereATrainingWasStopped) {
  const TemporaryFolder folder;
  int trained = 0;
  const SeedsSummary all = train_seeds(folder / "all", {1, 2, 3}, [&](const Path&, int64_t seed) {
    ++trained;
    TrainingSummary one;
    one.ending = seed == 2 ? "stopped" : "finished";
    one.accuracy = 0.5;
    return one;
  });
  EXPECT_EQ(trained, 2);
  EXPECT_EQ(all.ending, "stopped");
  EXPECT_EQ(all.accuracies.size(), 1u);
  EXPECT_EQ(read_json(folder / "all" / kSeedsFile)["ending"].get<std::string>(), "stopped");
}

class Watches : public ::testing::Test, protected SmallWorld {
 protected:
  std::shared_ptr<TrainingWatch> open(const WatchOptions& asked, const Json& given = json_object(), bool resume = false) {
    TrainOptions options;
    options.model = "medium";
    options.data = "nowhere";
    return open_watch(asked, given, options, {data, data}, folder / "run", resume, {});
  }

  TemporaryFolder folder;
};

TEST_F(Watches, AreOpenedWhereAMethodIsNamed) {
  EXPECT_EQ(open({}), nullptr);
  const auto watch = open({.watch = "gradient", .watch_images = "2,5"});
  ASSERT_NE(watch, nullptr);
  ASSERT_EQ(watch->recorder().record().images.size(), 2u);
  EXPECT_EQ(watch->recorder().record().images[1].image, 5);
  EXPECT_EQ(open({.watch = "gradient"})->recorder().record().images.size(), 8u) << "the first eight";
}

TEST_F(Watches, TellWhenceTheirMapsAre) {
  const auto watch = open({.watch = "gradient", .watch_images = "2,5"});
  const WatchRecord& record = watch->recorder().record();
  EXPECT_EQ(record.network.name, "medium");
  EXPECT_EQ(record.network.parameters, parameter_count(network.graph));
  EXPECT_EQ(record.data.text(), "nowhere, test");
  EXPECT_EQ(record.data.images, "2,5");
  EXPECT_EQ(record.data.digest, Pictures(data, {5, 2}, "").where().digest);
  EXPECT_EQ(record.options["watch"], "gradient");
  EXPECT_EQ(record.options["precision"], "fp32");
  EXPECT_FALSE(record.version.empty());
}

TEST_F(Watches, RefuseWhatCannotBeMeant) {
  EXPECT_THROW(open({.watch_every = 2}, {{"watch_every", 2}}), WrongUse) << "without a method";
  EXPECT_THROW(open({.watch = "gradient", .watch_fps = 0}), WrongUse);
  EXPECT_THROW_SAYING(open({.watch = "gradient", .watch_images = "30"}), "`watch_images` '30': there are 0 to 29");
  EXPECT_THROW_SAYING(open({.watch = "gradient", .watch_every = 0}), "`watch_every` 0");
  EXPECT_THROW_SAYING(open({.watch = "gradient", .watch_target = "aa"}), "no class 'aa'");
  make_folder(folder / "run");
  write_file(folder / "run" / kLastNetwork, "only its name counts here");
  EXPECT_THROW_SAYING(open({.watch = "gradient"}, {{"watch", "gradient"}}, true), "was started without it");
}

}  // namespace
}  // namespace convscope
