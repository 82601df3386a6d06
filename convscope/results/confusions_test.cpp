#include "convscope/results/confusions.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

/** Each class once, and right. */
Evaluation all_of(size_t classes) {
  std::vector<std::vector<int64_t>> confusion(classes, std::vector<int64_t>(classes));
  for (size_t y = 0; y < classes; ++y) confusion[y][y] = 1;
  return evaluation_of(confusion, std::vector<std::string>(classes, "a class"));
}

TEST(MostConfused, ComeByCountThenInTheOrderOfClassesWithTheirShare) {
  const Evaluation e = evaluation_of({{6, 1, 3}, {1, 9, 0}, {0, 3, 1}}, {"a", "b", "c"});
  const std::vector<Confusion> three = most_confused(e, 3);
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(std::pair(three[0].is, three[0].said), (std::pair<size_t, size_t>(0, 2)));
  EXPECT_EQ(std::pair(three[1].is, three[1].said), (std::pair<size_t, size_t>(2, 1)));
  EXPECT_EQ(three[1].share, 0.75);
  EXPECT_EQ(three[2].count, 1);
  EXPECT_TRUE(most_confused(all_of(3), 3).empty());
}

TEST(ClassesThatOccur, AreKeptWhereThereAreTooManyAndTheOthersAreOne) {
  std::vector<std::vector<int64_t>> confusion(1000, std::vector<int64_t>(1000));
  std::vector<std::string> names;
  for (int y = 0; y < 1000; ++y) names.push_back(fmt::format("class {}", y));
  confusion[7][7] = 3, confusion[7][900] = 1, confusion[7][5] = 2, confusion[900][900] = 4;
  const Evaluation shown = with_classes_that_occur(evaluation_of(confusion, names), 60);
  EXPECT_EQ(shown.classes, (std::vector<std::string>{"class 7", "class 900", "other classes"}));
  EXPECT_EQ(shown.confusion, (std::vector<std::vector<int64_t>>{{3, 1, 2}, {0, 4, 0}, {0, 0, 0}}));
  EXPECT_EQ(shown.total, 10);
  EXPECT_EQ(with_classes_that_occur(all_of(60), 60).classes.size(), 60u);
  EXPECT_EQ(with_classes_that_occur(all_of(100), 60).classes.size(), 100u) << "all of them occur";
}

}  // namespace
}  // namespace convscope
