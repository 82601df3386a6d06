#include "convscope/study/from_scratch_study.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/data/locate.h"

namespace convscope {
namespace {

std::vector<Part> parts_at(Scale scale) { return FromScratchStudy({}).parts(scale); }

Part part_named(std::string_view name) {
  for (const Part& p : parts_at(Scale::quick))
    if (p.name == name) return p;
  throw Error("no such part");
}

TEST(TheFromScratchStudy, QuotesPeopleAndTheBestNetworkBesideItsOwnFigure) {
  const std::vector<StudyFigure> figures = part_named("quoted").run({});
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].published, 94);
  EXPECT_EQ(figures[1].published, 96.53);
  EXPECT_TRUE(std::isnan(figures[0].ours)) << "people were not asked here";
}

TEST(TheFromScratchStudy, TrainsAtBothRatesWhateverTheScale) {
  for (const Scale scale : {Scale::quick, Scale::medium, Scale::full}) {
    const std::vector<Part> parts = parts_at(scale);
    for (const char* name : {"published", "published-1e-3", "right"})
      EXPECT_TRUE(std::any_of(parts.begin(), parts.end(), [&](const Part& p) { return p.name == name; })) << name;
  }
}

/** What looks into a network of a few images. */
class InsideANetworkFromScratch : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      locate_data(*data_sources().make("cifar10"), Split::train, context.setting.data_roots);
    } catch (const Error& e) {
      GTEST_SKIP() << e.what();
    }
    make_folder(context.folder);
    (void)context.train("published-1e-3", {{"preset", "scratch-published-1e-3"}, {"limit", 100}, {"epochs", 1}});
  }
  TemporaryFolder folder;
  StudyContext context{.folder = folder.path() / "study"};
};

TEST_F(InsideANetworkFromScratch, LooksAtTrainingImagesAsPublished) {
  const std::vector<StudyFigure> drawn = part_named("samples").run(context);
  ASSERT_EQ(drawn.size(), 1u);
  EXPECT_EQ(drawn[0].published, 80);
  EXPECT_LE(drawn[0].low, drawn[0].ours);

  const std::vector<StudyFigure> images = part_named("published-images").run(context);
  ASSERT_EQ(images.size(), 8u) << "four images, as cats and as trucks";
  EXPECT_EQ(images[0].what, "training image 23, frog → cat: confidence");
  EXPECT_EQ(images[5].what, "training image 7359, deer → truck: confidence");
  for (const StudyFigure& f : images)
    EXPECT_TRUE(std::isnan(f.ours) ? f.note.find("something else") != f.note.npos : f.note.find("before;") != f.note.npos) << f.note;
}

}  // namespace
}  // namespace convscope
