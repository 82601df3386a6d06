#include "convscope/base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace convscope {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("pgd", "pgd"), 0);
  EXPECT_EQ(edit_distance("", "pgd"), 3);
  EXPECT_EQ(edit_distance("pgd", ""), 3);
  EXPECT_EQ(edit_distance("pd", "pgd"), 1);
  EXPECT_EQ(edit_distance("pggd", "pgd"), 1);
  EXPECT_EQ(edit_distance("pfd", "pgd"), 1);
  EXPECT_EQ(edit_distance("pdg", "pgd"), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

TEST(EditDistance, IsTheSameBothWays) {
  const std::vector<std::string> words{"", "a", "resnet20", "resnet02", "gradient", "gradient-x-input"};
  for (const auto& a : words)
    for (const auto& b : words) EXPECT_EQ(edit_distance(a, b), edit_distance(b, a)) << a << " " << b;
}

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> known{"resnet20", "resnet32", "alexnet", "deep"};
  EXPECT_EQ(nearest("resnet02", known), "resnet20");
  EXPECT_EQ(nearest("alexnte", known), "alexnet");
  EXPECT_EQ(nearest("dep", known), "deep");
}

TEST(Nearest, IsEmptyWhereNoNameIsNear) {
  const std::vector<std::string> known{"resnet20", "alexnet"};
  EXPECT_EQ(nearest("transformer", known), "");
  EXPECT_EQ(nearest("anything", {}), "");
}

TEST(Nearest, TakesTheFirstOfEquallyNearNames) {
  const std::vector<std::string> known{"resnet20", "resnet26"};
  EXPECT_EQ(nearest("resnet2", known), "resnet20");
}

TEST(Nearest, TakesNeitherTimeNorMemoryForANameOfMegabytes) {
  const std::vector<std::string> known{"resnet20", "alexnet"};
  EXPECT_EQ(nearest(std::string(100'000'000, 'x'), known), "");
  EXPECT_EQ(edit_distance(std::string(1'000'000, 'x'), "xxx"), 999'997);
}

TEST(KnownNames, SaysWhatWasMeantAndWhatThereIs) {
  const std::vector<std::string> known{"fgsm", "pgd"};
  EXPECT_EQ(known_names("pdg", known), "; did you mean 'pgd'?; known: fgsm, pgd");
  EXPECT_EQ(known_names("something", known), "; known: fgsm, pgd");
}

}  // namespace
}  // namespace convscope
