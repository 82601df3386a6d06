#include "convscope/base/base_testing.h"
#include "convscope/report/draw/box_plot.h"
#include "convscope/report/draw/double_pie.h"
#include "convscope/report/draw/figure_testing.h"
#include "convscope/report/draw/share_bars.h"

namespace convscope {
namespace {

const std::vector<Part> kFourParts = {
    {"non-aliased", kRunColours[0]}, {"aliased", kRunColours[1]}, {"aliased-tangled", kRunColours[2]}, {"no pass", kRunColours[3]}};
const FigureWords kSomeWords{"a figure", "a network", {"one"}};

TEST(DoublePie, KeepsItsWordsApartForAllKindsOfShares) {
  const std::vector<double> all[] = {
      {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0.25, 0.25, 0.25, 0.25}, {0.01, 0.01, 0.01, 0.97}, {0.97, 0.01, 0.01, 0.01}};
  for (const std::vector<double>& shares : all) {
    Division division{kFourParts, {}, shares};
    for (const char* label : {"0", "m", "1", "*1", "2", "*2", "3", "*3"}) division.wholes.push_back({label, shares});
    EXPECT_EQ(misplaced(double_pie(division, {"a pie", "a network", {"one", "two"}})), "") << shares[0] << " " << shares[1];
    EXPECT_EQ(misplaced(row_bars(division, kSomeWords)), "") << shares[0] << " " << shares[1];
  }
}

TEST(ColumnBars, AreDrawnForOneWholeAndForHundreds) {
  for (const size_t count : {1, 3, 512}) {
    const Division division{kFourParts, std::vector<Whole>(count, {"", {0.25, 0.25, 0.25, 0.25}}), {0.25, 0.25, 0.25, 0.25}};
    EXPECT_EQ(misplaced(column_bars(division, kSomeWords)), "") << count;
  }
}

TEST(BoxPairs, MayLackAGroupButNotBoth) {
  const BoxGroups groups{"✓", "x", "right and wrong"};
  BoxPair pair{"aliased", kRunColours[0], box_of({0.1, 0.2, 0.3, 0.99}), {}};
  const Figure figure = box_pairs(std::span(&pair, 1), groups, kSomeWords);
  EXPECT_EQ(misplaced(figure), "");
  EXPECT_TRUE(says(figure, "right and wrong"));
  pair.first.reset();
  EXPECT_THROW(box_pairs(std::span(&pair, 1), groups, kSomeWords), Error);
}

}  // namespace
}  // namespace convscope
