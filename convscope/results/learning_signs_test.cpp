#include "convscope/results/learning_signs.h"

#include <gtest/gtest.h>

#include "convscope/base/join.h"

namespace convscope {
namespace {

using Counts = std::vector<std::vector<int64_t>>;

Evaluation judged(Counts confusion, double loss = 0.5) {
  Evaluation e = evaluation_of(std::move(confusion), {"cat", "dog"});
  e.loss = loss;
  return e;
}

/** All that is told, in one text, of a network that learnt from 1,000 samples, of which so many were right. */
std::string signs(const Evaluation& e, double train_loss = 0.6, double train_accuracy = 0.5) {
  const EpochMetrics epoch{.epoch = 1, .train_loss = train_loss, .train_accuracy = train_accuracy};
  return fmt::format("{}", join(signs_of_not_learning(e, epoch, 1000), "; "));
}

TEST(SignsOfNotLearning, AreNoneWhereSomethingIsLearnt) { EXPECT_EQ(signs(judged({{40, 10}, {10, 40}})), ""); }

TEST(SignsOfNotLearning, ChanceIsTheCommonestClass) {
  EXPECT_EQ(signs(judged({{26, 24}, {24, 26}})), "52.00 % of 100 samples are right, and by chance 50.00 %");
  EXPECT_EQ(signs(judged({{75, 5}, {15, 5}})), "80.00 % of 100 samples are right, and by chance 80.00 %") << "80 % cats";
}

TEST(SignsOfNotLearning, FewSamplesToJudgeByAreNoSign) {
  EXPECT_NE(signs(judged({{7, 3}, {3, 7}})), "") << "14 of 20 may be luck";
  EXPECT_EQ(signs(judged({{7, 3}, {3, 7}}), 0.6, 0.7), "") << "but not 700 of the 1,000 that were learnt from";
}

TEST(SignsOfNotLearning, OneAnswerForNearlyAllIsTold) {
  EXPECT_TRUE(signs(judged({{50, 0}, {50, 0}})).ends_with("; all 100 are taken for 'cat'"));
  EXPECT_TRUE(signs(judged({{0, 500}, {10, 490}})).ends_with("; 990 of 1000 are taken for 'dog'"));
  EXPECT_EQ(signs(judged({{95, 0}, {3, 2}})).find("taken for"), std::string::npos) << "nearly all are cats";
}

TEST(SignsOfNotLearning, ALossFarAboveGuessingIsTold) {
  EXPECT_EQ(signs(judged({{40, 10}, {10, 40}}, 7)), "the loss is 7, and of mere guessing 0.693");
  EXPECT_EQ(signs(judged({{40, 10}, {10, 40}}), 5e15), "the loss is 5e+15, and of mere guessing 0.693");
  EXPECT_EQ(signs(judged({{40, 10}, {10, 40}}, 6.9)), "");
}

TEST(OnlyAnswer, IsNoneWhereOneClassAloneIsAsked) {
  EXPECT_EQ(only_answer(judged({{5, 0}, {7, 0}})), 0u);
  EXPECT_EQ(only_answer(judged({{5, 0}, {6, 1}})), std::nullopt);
  EXPECT_EQ(only_answer(judged({{5, 0}, {0, 0}})), std::nullopt);
}

}  // namespace
}  // namespace convscope
