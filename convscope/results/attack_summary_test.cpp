#include "convscope/results/attack_summary.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(AttackName, SaysWhereItAimsAndWhoseImagesItTakes) {
  AttackRecord r;
  r.attack = "pgd,steps=10";
  r.goal = "untargeted";
  EXPECT_EQ(attack_name(r), "pgd,steps=10");
  r.goal = "cat";
  r.source = "frog";
  EXPECT_EQ(attack_name(r), "pgd,steps=10 to cat from frog");
}

TEST(AttackNames, AreToldApartWhereTheyWouldBeTheSame) {
  AttackRecord all, mistakes, other;
  all.attack = mistakes.attack = "fgsm";
  all.goal = mistakes.goal = other.goal = "untargeted";
  other.attack = "pgd";
  all.total = 500;
  mistakes.total = 3;
  mistakes.data.images = "mistakes+random:3";
  EXPECT_EQ(attack_names(std::vector{all, mistakes, other}),
            (std::vector<std::string>{"fgsm, 500 images", "fgsm, 3 images (mistakes+random:3)", "pgd"}));
  EXPECT_EQ(attack_names(std::vector{all, all}), (std::vector<std::string>{"fgsm, 500 images (1)", "fgsm, 500 images (2)"}));
}

TEST(EpsilonText, CountsLevelsOfEightBitsWhereItCan) {
  EXPECT_EQ(epsilon_text(8.0 / 255), "8/255");
  EXPECT_EQ(epsilon_text(double{8.0f / 255}), "8/255");
  EXPECT_EQ(epsilon_text(0.5 / 255), "0.5/255");
  EXPECT_EQ(epsilon_text(0.2), "0.2");  // 51/255, but nobody asked for it so
  EXPECT_EQ(epsilon_text(1), "1");
  EXPECT_EQ(epsilon_text(4.5e-6), "4.5e-06");
  EXPECT_EQ(epsilon_text(0.01), "0.01");
  EXPECT_EQ(epsilon_text(0), "0");
}

TEST(CleanShare, IsOfTheImagesThatTheCurveCounts) {
  AttackRecord r;
  r.goal = "untargeted";
  r.clean_accuracy = 0.75;
  EXPECT_EQ(clean_share(r), 0.75);
  r.min_confidence = 0.5;
  EXPECT_EQ(clean_share(r), 1);
  r.min_confidence = 0;
  r.goal = "each";
  EXPECT_EQ(clean_share(r), 1);
}

TEST(AttackPairTable, HasRowsAndColumnsInTheOrderOfTheClasses) {
  AttackRecord r;
  for (const char* name : {"cat", "dog", "frog"}) {
    AttackClass c;
    c.name = name;
    r.classes.push_back(c);
  }
  r.pairs.resize(2);
  r.pairs[0].from = "frog", r.pairs[0].to = "dog";
  r.pairs[1].from = "cat", r.pairs[1].to = "dog";
  const AttackPairs pairs = attack_pair_table(r);
  EXPECT_EQ(pairs.from, (std::vector<std::string>{"cat", "frog"}));
  EXPECT_EQ(pairs.to, std::vector<std::string>{"dog"});
  EXPECT_EQ(pairs.cells[1][0], &r.pairs[0]);
}

}  // namespace
}  // namespace convscope
