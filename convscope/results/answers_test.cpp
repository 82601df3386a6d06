#include "convscope/results/answers.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

TEST(Answers, ComeBackFromTheirTable) {
  const std::vector<Answer> answers{answer_of(7, 1, std::vector<float>{0, 2, 1}), answer_of(2, 0, std::vector<float>{0, NAN, 1})};
  EXPECT_EQ(answers[0].predicted, 1);
  EXPECT_NEAR(answers[0].confidence, std::exp(2.0) / (1 + std::exp(1.0) + std::exp(2.0)), 1e-6);
  const std::string csv = answers_csv(answers);
  EXPECT_TRUE(csv.starts_with("index,label,predicted,confidence\n7,1,1,0.665")) << csv;
  const std::vector<Answer> back = parse_answers(csv, "table");
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].index, 7);
  EXPECT_TRUE(back[0].right());
  EXPECT_EQ(answers_csv(std::span(back).first(1)), answers_csv(std::span(answers).first(1)));
}

TEST(Answers, AreFoundByTheNamesOfTheirColumns) {
  const std::vector<Answer> answers = parse_answers("label,file,index,predicted,confidence\r\n3,a.png,12,4,0.5\r\n", "table");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].index, 12);
  EXPECT_EQ(answers[0].label, 3);
  EXPECT_EQ(answers[0].predicted, 4);
}

TEST(Answers, OfADamagedTableAreAnErrorThatNamesTheLine) {
  const std::string heading = "index,label,predicted,confidence\n";
  EXPECT_THROW_SAYING(parse_answers("index,label\n", "t.csv"), "t.csv: no column 'predicted'");
  EXPECT_THROW_SAYING(parse_answers(heading + "1,2,3,0.5\n1,2\n", "t.csv"), "t.csv, line 3: it ends before 'predicted'");
  EXPECT_THROW_SAYING(parse_answers(heading + "1,x,3,0.5\n", "t.csv"), "line 2: label 'x' is no number");
  EXPECT_THROW_SAYING(parse_answers(heading + "1,-2,3,0.5\n", "t.csv"), "a class below 0");
  const std::string text = answers_csv(std::vector<Answer>(3, Answer{1, 2, 3, 0.5}));
  const Reader read = [](std::string_view damaged) { parse_answers(damaged, "x"); };
  cut_everywhere(text, read);
  flip_bytes(text, read, 5'000, text.size());
}

}  // namespace
}  // namespace convscope
