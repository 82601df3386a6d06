#include "convscope/data/augmentations/cutout.h"

#include <algorithm>
#include <map>

#include "convscope/base/base_testing.h"
#include "convscope/data/augment.h"
#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

namespace {
constexpr uint64_t kCutSeed = 17;
}

TEST(Cutout, BlackensASquareOfItsSideAsFarAsItIsInThePicture) {
  const auto base = counting_images({3, 3, 10, 10});
  for (const int64_t side : {1, 2, 3, 6, 10}) {
    const Augment cut(base, parse_augmentations(fmt::format("cutout,side={}", side)), kCutSeed);
    int whole = 0;
    for (uint64_t epoch = 0; epoch < 100; ++epoch) {
      const auto y = pixels_of(cut, 1, epoch);
      const auto black = std::count(y.begin(), y.end(), 0.0f);
      EXPECT_EQ(black % 3, 0) << "in all channels";
      EXPECT_LE(black, 3 * side * side);
      EXPECT_GT(black, 0) << "the centre is in the picture";
      whole += black == 3 * side * side;
    }
    EXPECT_TRUE(whole > 0 || side == 10) << side << ": only one centre of 100 leaves so large a square whole";
    EXPECT_EQ(whole == 100, side == 1) << "larger ones are clipped at the border now and then";
  }
}

TEST(Cutout, HasItsCentreOnEveryPixelEquallyOften) {
  const Cutout cut({.side = 2});
  std::map<std::pair<int64_t, int64_t>, int> seen;
  constexpr int kDraws = 24000;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const Cutout::Draw draw = cut.draw({kCutSeed, i % 1000, i / 1000}, {1, 3, 4});
    ++seen[{draw.row + 1, draw.column + 1}];
  }
  ASSERT_EQ(seen.size(), 12u);
  EXPECT_EQ(seen.begin()->first, std::pair(int64_t{0}, int64_t{0}));
  EXPECT_EQ(seen.rbegin()->first, std::pair(int64_t{2}, int64_t{3}));
  const double expected = kDraws / 12.0;
  double chi_square = 0;
  for (const auto& [place, count] : seen) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 31.3);  // 11 degrees of freedom: 1 in 1000 seeds would be above
}

TEST(Cutout, RefusesASideThatNoPictureHas) {
  const auto base = counting_images({1, 1, 4, 6});
  EXPECT_THROW_SAYING(Augment(base, parse_augmentations("cutout,side=7"), 1), "cutout: side 7 for pictures [1, 4, 6]; one from 1 to 6");
  EXPECT_NO_THROW(Augment(base, parse_augmentations("cutout,side=6"), 1));
  for (const char* side : {"0", "-1"})
    EXPECT_THROW_SAYING(parse_augmentations(std::string("cutout,side=") + side), std::string("cutout: side is ") + side);
}

}  // namespace convscope
