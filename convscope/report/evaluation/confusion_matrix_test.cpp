#include "convscope/report/evaluation/confusion_matrix.h"

#include "convscope/base/base_testing.h"
#include "convscope/report/draw/figure_testing.h"

namespace convscope {
namespace {

/** Each class is taken for the next one now and then. */
Evaluation evaluation(size_t classes, const std::string& name = "class") {
  std::vector<std::vector<int64_t>> confusion(classes, std::vector<int64_t>(classes));
  std::vector<std::string> names;
  for (size_t y = 0; y < classes; ++y) {
    confusion[y][y] = 90;
    confusion[y][(y + 1) % classes] += 10;
    names.push_back(fmt::format("{} {}", name, y));
  }
  return evaluation_of(confusion, names);
}

TEST(ConfusionMatrix, StaysOnItsPageForAnyNumberOfClasses) {
  for (const size_t classes : {1, 2, 5, 10, 26, 30, 31, 60, 61, 100, 1000}) {
    const Figure figure = confusion_matrix(evaluation(classes), "resnet20 on a data set");
    EXPECT_EQ(misplaced(figure, false), "") << classes;
    EXPECT_LT(figure.width(), 1400) << classes;
    EXPECT_TRUE(well_formed(figure.svg())) << classes;
  }
}

TEST(ConfusionMatrix, CutsLongNames) {
  const Figure figure = confusion_matrix(evaluation(5, std::string(200, 'w')), std::string(200, 'W'));
  EXPECT_EQ(misplaced(figure, false), "");
  EXPECT_LT(figure.width(), 800);
}

TEST(ConfusionMatrix, TellsAccuracyAndCounts) {
  const Figure figure = confusion_matrix(evaluation(4), "resnet20");
  EXPECT_TRUE(says(figure, "resnet20: 90.00 %"));
  EXPECT_TRUE(says(figure, "360 of 400 right"));
  EXPECT_TRUE(says(figure, "class 3"));
}

TEST(ConfusionMatrix, MayHaveNoErrorsAndEmptyRows) {
  EXPECT_TRUE(well_formed(confusion_matrix(evaluation_of({{5, 0}, {0, 0}}, {"a", "b"}), "x").svg()));
  EXPECT_THROW(confusion_matrix(Evaluation{}, "x"), Error);
}

TEST(ConfusionMatrix, IsWrittenWithItsCounts) {
  const TemporaryFolder folder;
  write_confusion_matrix(folder.path(), evaluation_of({{3, 1}, {2, 4}}, {"cat \"tom\"", "dog"}), "pets");
  EXPECT_EQ(read_file(folder / "confusion-matrix.csv"),
            "\"true \\ predicted\",\"cat \"\"tom\"\"\",\"dog\"\n\"cat \"\"tom\"\"\",3,1\n\"dog\",2,4\n");
  EXPECT_GT(read_image(folder / "confusion-matrix.png").columns, 0);
}

}  // namespace
}  // namespace convscope
