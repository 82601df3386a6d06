#include "convscope/study/perturbative_study.h"

#include <set>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/data/locate.h"
#include "convscope/models/model.h"
#include "convscope/nn/perturb.h"
#include "convscope/report/page/page.h"
#include "convscope/report/perturbative/perturbative_figures.h"
#include "convscope/train/options.h"

namespace convscope {
namespace {

const PerturbativeRecipe& recipe(std::string_view name) {
  for (const PerturbativeRecipe& r : perturbative_recipes())
    if (r.name == name) return r;
  throw Error("no such recipe");
}

TEST(PerturbativeRecipes, AreEightPublishedRunsWithTheirParametersAndMasks) {
  const std::map<std::string, std::pair<int64_t, int64_t>> known{
      {"baseline", {5'284'982, 0}},          {"original-7", {5'640'074, 68'608}},        {"original-3", {5'624'714, 1'097'728}},
      {"pointwise", {5'611'146, 0}},         {"everywhere", {5'608'202, 1'100'800}},     {"many-unique", {6'813'834, 70'254'592}},
      {"many-shared", {1'220'234, 412'672}}, {"many-trained", {1'220'234 + 412'672, 0}},
  };
  size_t published = 0;
  std::set<std::string> names;
  for (const PerturbativeRecipe& r : perturbative_recipes()) {
    EXPECT_TRUE(names.insert(r.name).second) << r.name;
    if (r.group != std::string_view("published")) continue;
    ++published;
    const TrainOptions options = resolve_options(perturbative_options(r, perturbative_plan(Scale::full)));
    const Graph graph = models().make(parse_choice(options.model))->build({3, 32, 32}, 10);
    EXPECT_EQ(parameter_count(graph), known.at(r.name).first) << r.name;
    EXPECT_EQ(mask_count(graph), known.at(r.name).second) << r.name;
    EXPECT_EQ(options.epochs, 150) << r.name;
    EXPECT_EQ(options.meters, "published") << r.name;
  }
  EXPECT_EQ(published, known.size());
}

TEST(PerturbativeRecipes, AreModelsAtAllScalesAndTrainForAsLongAsTheySay) {
  for (const Scale scale : {Scale::quick, Scale::medium, Scale::full})
    for (const PerturbativeRecipe& r : perturbative_recipes()) {
      const TrainOptions options = resolve_options(perturbative_options(r, perturbative_plan(scale)));
      EXPECT_NO_THROW(models().make(parse_choice(options.model))->build({3, 32, 32}, 10)) << r.name;
    }
  const TrainOptions quick = resolve_options(perturbative_options(recipe("baseline"), perturbative_plan(Scale::quick)));
  EXPECT_EQ(quick.schedule, "one-cycle");
  EXPECT_EQ(quick.model, "resnet18,stem=cifar,width=11");
  EXPECT_EQ(resolve_options(perturbative_options(recipe("authors-later"), perturbative_plan(Scale::full))).epochs, 450);
}

TEST(PerturbativeRecipes, OfAnEveningAreAtFullWidthWithAllImagesAndMeterTheOriginalNetworkForLonger) {
  const PerturbativePlan plan = perturbative_plan(Scale::medium);
  const TrainOptions masks = resolve_options(perturbative_options(recipe("masks-one"), plan));
  EXPECT_EQ(masks.model, "perturb-resnet18,width=128,first_filter_size=3,filter_size=0");
  EXPECT_EQ(masks.limit, 0);
  EXPECT_GE(resolve_options(perturbative_options(recipe("original-7"), plan)).epochs, 40);
  std::vector<std::string> names;
  for (const Part& part : perturbative_parts(plan)) names.push_back(part.name);
  EXPECT_EQ(names, (std::vector<std::string>{"networks", "baseline", "pointwise", "masks-one", "original-7", "meters", "mask-fit"}));
}

TEST(PerturbativeRecipes, AreCalledByTheSizesThatAreTrained) {
  for (const Scale scale : {Scale::quick, Scale::medium, Scale::full})
    for (const Part& part : perturbative_parts(perturbative_plan(scale))) {
      EXPECT_EQ(part.about.find('{'), std::string::npos) << part.about;
      EXPECT_EQ(part.about.find("width 0"), std::string::npos) << part.about;
      if (part.name == "many-unique") {
        EXPECT_EQ(part.about, scale == Scale::quick ? "8 masks a channel, mixed" : "64 masks a channel, mixed");
      }
    }
}

/** Three parts of the study with little to do, on a few real pictures. */
class PerturbativeParts : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      (void)open_split(resolve_options({{"preset", "none"}, {"data", "cifar10"}, {"model", "lenet"}}), Split::test,
                       context.setting.data_roots);
    } catch (const Error& e) {
      GTEST_SKIP() << e.what();
    }
    plan.epochs = 1;
    plan.limit = 40;
    plan.divide = 32;
    plan.seeds = 2;
    plan.fit_images = {1, 20};
    plan.fit_masks = {2};
    plan.fit_channels = 4;
    plan.fit_side = 3;
    plan.fresh_images = 20;
    plan.trials = 2;
  }
  Part part(std::string_view name) const {
    for (const Part& p : perturbative_parts(plan))
      if (p.name == name) return p;
    throw Error("no such part");
  }

  TemporaryFolder folder;
  PerturbativePlan plan;
  StudyContext context{.folder = folder.path() / "study"};
};

TEST_F(PerturbativeParts, ThatNeedATrainedNetworkWaitForIt) {
  make_folder(context.folder);
  EXPECT_THROW_SAYING(part("meters").run(context), "not trained yet");
  EXPECT_THROW_SAYING(part("mask-fit").run(context), "not trained yet");
}

TEST_F(PerturbativeParts, TrainMeasureFitAndMakeAPageOfTheirFilesAlone) {
  make_folder(context.folder);
  for (const char* name : {"baseline", "original-7"}) {
    const std::vector<StudyFigure> figures = part(name).run(context);
    ASSERT_EQ(figures.size(), 2u) << name;
    EXPECT_GT(figures[0].published, 80) << name;
    EXPECT_LT(figures[1].low, figures[1].ours) << name;
    EXPECT_GT(figures[1].high, figures[1].ours) << name;
  }
  const std::vector<StudyFigure> meters = part("meters").run(context);
  EXPECT_EQ(meters[0].published, 90.53);
  EXPECT_EQ(meters[1].published, 85.91);
  const std::vector<StudyFigure> fits = part("mask-fit").run(context);
  EXPECT_LT(fits[0].ours, fits[1].ours) << "one image is easier than twenty";

  const PerturbativeView view = read_perturbative(context.folder);
  EXPECT_EQ(last_outcome(view, *view.of_role("baseline")).trainings, 2);
  EXPECT_EQ(last_outcome(view, *view.of_role("masks")).trainings, 0);
  EXPECT_EQ(meter_rows(view).size(), 3u);
  const ReportPage page = report_page(std::vector<Path>{context.folder});
  EXPECT_NE(page.html.find("One training, three meters"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(context.folder / "figures" / "mask-fit.svg"));

  EXPECT_EQ(view.record.data.text(), "cifar10, test");
  EXPECT_EQ(view.record.data.count, 10000);
  EXPECT_EQ(view.record.data.digest.size(), 32u);
  EXPECT_EQ(view.record.options["engine"], "onednn");
  EXPECT_FALSE(view.record.version.empty());

  // What was begun with a smaller plan does not go on with another one under the same name.
  plan.limit = 60;
  EXPECT_THROW_SAYING(part("baseline").run(context), "begun with limit 40, not 60");
}

}  // namespace
}  // namespace convscope
