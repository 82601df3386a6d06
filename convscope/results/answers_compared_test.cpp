#include "convscope/results/answers_compared.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

using Answers = std::vector<Answer>;

TEST(PairedCounts, AreOfTheImagesThatBothWereAskedAbout) {
  const Answers first{{0, 1, 1, 0.9}, {1, 1, 1, 0.9}, {2, 1, 0, 0.9}, {3, 1, 0, 0.9}, {4, 0, 0, 0.9}};
  const Answers second{{3, 1, 2, 0.9}, {2, 1, 1, 0.9}, {1, 1, 0, 0.9}, {0, 1, 1, 0.9}, {9, 0, 0, 0.9}};
  const auto counts = paired_counts(first, second);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->both, 1);
  EXPECT_EQ(counts->first_alone, 1);
  EXPECT_EQ(counts->second_alone, 1);
  EXPECT_EQ(counts->neither, 1);
  EXPECT_FALSE(paired_counts(first, Answers{{9, 0, 0, 1}}));
}

TEST(PairedCounts, AreNoneWhereTheSameNumberIsAnotherImage) {
  EXPECT_FALSE(paired_counts(Answers{{0, 1, 1, 0.9}, {1, 2, 2, 0.9}}, Answers{{0, 1, 1, 0.9}, {1, 3, 3, 0.9}}));
}

TEST(Disputes, BeginWithTheMostDividedThenTheSurest) {
  const std::vector<Answers> networks{
      {{0, 0, 0, 0.5}, {1, 0, 1, 0.6}, {2, 0, 1, 0.9}, {3, 0, 1, 0.4}, {4, 0, 0, 1}},
      {{0, 0, 0, 0.5}, {1, 0, 0, 0.6}, {2, 0, 0, 0.9}, {3, 0, 2, 0.4}},
      {{3, 0, 3, 0.4}, {2, 0, 0, 0.9}, {1, 0, 0, 0.6}, {0, 0, 0, 0.5}},
  };
  const Disputes found = disputes_of(networks, 2);
  EXPECT_EQ(found.asked, 4);
  EXPECT_EQ(found.disputed, 3);
  ASSERT_EQ(found.first.size(), 2u);
  EXPECT_EQ(found.first[0].index, 3);  // three opinions
  EXPECT_EQ(found.first[1].index, 2);  // two to one, and surer than image 1
  EXPECT_EQ(found.first[0].answers[1].predicted, 2);
  EXPECT_TRUE(disputes_of({}, 3).first.empty());
}

}  // namespace
}  // namespace convscope
