#include "convscope/report/draw/montage.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

Image flat(uint8_t level) { return {1, 2, 3, std::vector<uint8_t>(6, level)}; }

TEST(Montage, GivesItsPiecesBack) {
  const std::vector<Image> pictures{flat(1), flat(2), flat(3)};
  const Image all = montage(pictures, 2);
  EXPECT_EQ(all.rows, 4);
  EXPECT_EQ(all.columns, 6);
  for (int64_t n = 0; n < 3; ++n) EXPECT_EQ(piece(all, 2, 2, 3, n), pictures[static_cast<size_t>(n)]);
  EXPECT_EQ(piece(all, 2, 2, 3, 3), flat(0)) << "what is left is black";
}

TEST(Montage, EnlargesEveryPixelAlike) {
  const Image big = enlarged({1, 1, 2, {10, 20}}, 2);
  EXPECT_EQ(big, (Image{1, 2, 4, {10, 10, 20, 20, 10, 10, 20, 20}}));
}

TEST(Montage, ShrinksTheLongerSideAndNothingThatIsSmall) {
  EXPECT_EQ(shrunk(Image{1, 50, 100, std::vector<uint8_t>(5000)}, 20).columns, 20);
  EXPECT_EQ(shrunk(Image{1, 50, 100, std::vector<uint8_t>(5000)}, 20).rows, 10);
  EXPECT_EQ(shrunk(flat(7), 3), flat(7));
}

}  // namespace
}  // namespace convscope
