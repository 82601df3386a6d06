#include "convscope/api/picture_choice.h"

#include "convscope/api/api_testing.h"

namespace convscope {
namespace {

using Numbers = std::vector<int64_t>;

class ChosenPictures : public ::testing::Test, protected SmallWorld {
 protected:
  Numbers chosen(const std::string& text, uint64_t seed = 1) {
    Setting setting;
    setting.seed = seed;
    return choose_numbers(text, data, network, setting).numbers;
  }
};

TEST_F(ChosenPictures, AreThoseOfTheNumbersInTheirOrder) {
  EXPECT_EQ(chosen("7,1,3-5"), (Numbers{7, 1, 3, 4, 5}));
  EXPECT_THROW_SAYING(chosen("30"), "`images`");
  const TemporaryFolder folder;
  write_file(folder / "some.txt", "7\n1 3-5,\n");
  EXPECT_EQ(chosen((folder / "some.txt").string()), (Numbers{7, 1, 3, 4, 5}));
  write_file(folder / "none.txt", "\n");
  EXPECT_THROW_SAYING(chosen((folder / "none.txt").string()), "no number");
}

TEST_F(ChosenPictures, AreMistakesOrRight) {
  EXPECT_EQ(chosen("mistakes"), (Numbers{5, 11, 17, 23, 29})) << "every sixth has another label";
  EXPECT_EQ(chosen("right").size(), 25u);
}

TEST_F(ChosenPictures, AreOfAClassOrTakenForOne) {
  const int64_t label = data->label(5), said = (label + 6) % 7;  // the fifth is a mistake: its label is the class behind the predicted one
  const std::string name = network.classes[static_cast<size_t>(label)], taken_for = network.classes[static_cast<size_t>(said)];
  for (const int64_t n : chosen("class=" + name)) EXPECT_EQ(data->label(n), label);
  for (const int64_t n : chosen("class=" + name + "/" + taken_for)) EXPECT_TRUE(data->label(n) == label || data->label(n) == said);
  EXPECT_EQ(chosen("mistakes+class=" + name), chosen("predicted=" + taken_for + "+mistakes"));
  EXPECT_THROW_SAYING(chosen("class=z"), "no class 'z'");
}

TEST_F(ChosenPictures, AreSureOrUnsure) {
  EXPECT_EQ(chosen("confidence=0").size(), 30u);
  const size_t unsure = chosen("confidence=0-1").size();
  EXPECT_EQ(unsure, 30u);
  EXPECT_THROW_SAYING(chosen("confidence=1-1"), "no image is left by 'confidence=1-1'");
  EXPECT_THROW_SAYING(chosen("confidence=0.9-0.1"), "two shares");
}

TEST_F(ChosenPictures, AreDrawnBySeedAmongThoseThatAreLeft) {
  const Numbers drawn = chosen("right+random:6");
  EXPECT_EQ(drawn.size(), 6u);
  for (const int64_t n : drawn) EXPECT_NE(n % 6, 5);
  EXPECT_EQ(drawn, chosen("right+random:6"));
  EXPECT_NE(drawn, chosen("right+random:6", 2));
  EXPECT_EQ(chosen("mistakes+random:100").size(), 5u);
  EXPECT_THROW_SAYING(chosen("random:0"), "random:20");
}

TEST_F(ChosenPictures, OfAnUnknownKindAreAnErrorThatNamesTheKnownOnes) {
  EXPECT_THROW_SAYING(chosen("mistake"), "did you mean 'mistakes'?");
  EXPECT_THROW_SAYING(chosen(""), "neither numbers, nor a file");
}

}  // namespace
}  // namespace convscope
