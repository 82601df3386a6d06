#include "convscope/study/attribution_study.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/data/locate.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/watch_record.h"
#include "convscope/study/adversary_part.h"
#include "convscope/study/film_part.h"
#include "convscope/study/other_methods_part.h"

namespace convscope {
namespace {

std::vector<std::string> names_at(Scale scale) {
  std::vector<std::string> names;
  for (const Part& p : AttributionStudy({}).parts(scale)) names.push_back(p.name);
  return names;
}

TEST(TheAttributionStudy, HasAFilmForEachPublishedOneAndAllVersionsOfItsDeepNetwork) {
  for (const Scale scale : {Scale::medium, Scale::full}) {
    const std::vector<std::string> names = names_at(scale);
    for (const char* name : {"film-fashion", "film-flowers-grey", "film-flowers", "film-loss", "fashion-deep-published",
                             "fashion-deep-late-10", "fashion-deep-late-64", "fashion-deep-shared", "flowers-50-adversaries", "tulip-rose"})
      EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
    const auto place = [&](const char* name) { return std::find(names.begin(), names.end(), name); };
    EXPECT_LT(place("flowers-50"), place("flowers-50-adversaries")) << "what is attacked is trained before";
  }
  const std::vector<std::string> quick = names_at(Scale::quick);
  EXPECT_EQ(std::count_if(quick.begin(), quick.end(), [](const std::string& n) { return n.starts_with("film-"); }), 1);
}

/** Parts on a few pictures of clothes. */
class PartsOnClothes : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      locate_data(*data_sources().make("fashion-mnist"), Split::train, context.setting.data_roots);
    } catch (const Error& e) {
      GTEST_SKIP() << e.what();
    }
    make_folder(context.folder);
  }
  const Json options{{"preset", "fashion-medium"}, {"epochs", 1}, {"limit", 64}};
  TemporaryFolder folder;
  StudyContext context{.folder = folder.path() / "study"};
};

TEST_F(PartsOnClothes, TellChangedClassesFooledImagesAndHowMuchAnswersChange) {
  (void)context.train("clothes", options);
  using enum RunUnderAttack::State;
  const Part part = adversary_part({.run = "clothes",
                                    .whose = "clothes",
                                    .options = options,
                                    .attacks = {{trained, "fgsm,unclipped=true", "one step", 0.1, 66, "As published."},
                                                {untrained, "noise", "random signs", 0.1, kUnknown, "Rarely."}},
                                    .limit = 30,
                                    .less = " Quick."});
  EXPECT_EQ(part.name, "clothes-adversaries");
  const std::vector<StudyFigure> figures = part.run(context);
  ASSERT_EQ(figures.size(), 6u) << "three for each attack";
  EXPECT_EQ(figures[1].published, 66);
  EXPECT_TRUE(figures[1].note.starts_with("As published. Quick."));
  EXPECT_EQ(figures[2].what, "clothes: one step, ε = 0.1, change of the softmax");
  EXPECT_EQ(figures[2].unit, "points");
  EXPECT_GT(figures[2].ours, figures[5].ours) << "a step along the slope moves more than noise on a network that knows nothing";
}

TEST_F(PartsOnClothes, FilmTheLossOfTheTrueClassWithoutATarget) {
  const Part part = film_part({.name = "loss",
                               .about = "loss",
                               .options = options,
                               .watch = {.watch = "loss-gradient-x-input", .watch_images = "0"},
                               .published = 9});
  EXPECT_NE(part.run(context)[0].note.find("the loss of the true class"), std::string::npos);
}

TEST_F(PartsOnClothes, FilmEachUpdateBySoftmaxOfWhatTheFramePredicts) {
  const Part part = film_part({.name = "film",
                               .about = "clothes",
                               .options = options,
                               .watch = {.watch = "gradient", .watch_images = "0-2", .watch_target = "frame", .watch_of = "softmax"},
                               .published = 505});
  const std::vector<StudyFigure> figures = part.run(context);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].published, 505);
  EXPECT_EQ(figures[0].ours, 5) << "before each of four updates, and behind the last";
  const WatchRecord record = read_watch(context.folder / "film" / kWatch);
  EXPECT_EQ(record.target, "frame");
  EXPECT_EQ(record.of, "softmax");
  EXPECT_EQ(record.images.size(), 3u);
  EXPECT_EQ(fields_to_json(part.run(context)[0]), fields_to_json(figures[0])) << "a film that is there is not made again";
}

TEST_F(PartsOnClothes, ExplainTheSameByOtherMethodsAndSayHowGoodTheyAre) {
  (void)context.train("clothes", options);
  const Part part = other_methods_part(
      {.run = "clothes", .whose = "clothes", .options = options, .images = 2, .methods = {"gradient"}, .check_steps = 3});
  EXPECT_EQ(part.name, "clothes-methods");
  const std::vector<StudyFigure> figures = part.run(context);
  const auto record = record_from_json<AttributionRecord>(
      read_json(records_in(context.folder / "clothes" / kAttributions, kAttributionFile).at(0)), "explain.json");
  ASSERT_EQ(figures.size(), record.quality->size()) << "a figure for each measure";
  EXPECT_EQ(figures[0].what, "clothes: gradient, insertion");
  EXPECT_TRUE(figures[0].ours >= 0 && figures[0].ours <= 1) << figures[0].ours;
  for (const StudyFigure& f : figures) {
    EXPECT_TRUE(std::isnan(f.published));
    EXPECT_LE(f.low, f.high) << f.what;
    EXPECT_TRUE(f.note.starts_with("Of 2 test images, ")) << f.note;
  }
  for (const MapQuality& q : *record.quality)
    EXPECT_EQ(
        std::count_if(figures.begin(), figures.end(), [&](const StudyFigure& f) { return f.what == "clothes: gradient, " + q.metric; }), 1)
        << q.metric;
  for (const Scale scale : {Scale::quick, Scale::full}) {
    const std::vector<std::string> names = names_at(scale);
    EXPECT_EQ(std::count(names.begin(), names.end(), "fashion-deep-methods"), 1);
    EXPECT_EQ(std::count(names.begin(), names.end(), "flowers-methods"), scale == Scale::full ? 1 : 0);
  }
}

}  // namespace
}  // namespace convscope
