#include "convscope/tensor/resize.h"

#include <set>

#include "convscope/base/base_testing.h"
#include "convscope/tensor/images_testing.h"

namespace convscope {
using namespace testing_images;

namespace {

/** Each pixel tells its place. */
Image places(int64_t rows, int64_t columns) {
  Image image{3, rows, columns, {}};
  for (int64_t c = 0; c < 3; ++c)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t x = 0; x < columns; ++x) image.pixels.push_back(static_cast<uint8_t>(c == 0 ? r + 1 : c == 1 ? x + 1 : 255));
  return image;
}

uint8_t at(const Image& image, int64_t c, int64_t r, int64_t x) {
  return image.pixels[static_cast<size_t>((c * image.rows + r) * image.columns + x)];
}

std::pair<int64_t, int64_t> size_of(const Image& image) { return {image.rows, image.columns}; }

TEST(Resize, GivesPillowsBytes) {
  for (const Json& c : cases("resize")) {
    const Image wanted = picture(c["result"]);
    EXPECT_EQ(resize(picture(c["picture"]), wanted.rows, wanted.columns), wanted) << c["result"];
  }
}

TEST(Resize, LeavesAFlatPictureFlat) {
  for (const int level : {0, 1, 127, 254, 255}) {
    const Image flat{1, 19, 23, std::vector<uint8_t>(19 * 23, static_cast<uint8_t>(level))};
    for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{7, 5}, {40, 3}, {19, 100}, {1, 1}})
      EXPECT_EQ(resize(flat, rows, columns).pixels, std::vector<uint8_t>(static_cast<size_t>(rows * columns), static_cast<uint8_t>(level)));
  }
}

TEST(Resize, RefusesSizesThatNoPictureHas) {
  const Image image = places(4, 4);
  EXPECT_THROW_SAYING(resize(image, 0, 4), "0 x 4 pixels (rows x columns) was asked for");
  EXPECT_THROW_SAYING(resize(image, 4, -1), "4 x -1");
  EXPECT_THROW_SAYING(resize(image, 60'000, 60'000), "60000 x 60000");
  EXPECT_THROW_SAYING(resize({}, 2, 2), "0 x 0 pixels cannot be resized");
}

TEST(ResizePart, GivesTheBytesOfThatPartOfTheWhole) {
  Image image{3, 37, 53, {}};
  for (size_t i = 0; i < 3 * 37 * 53; ++i) image.pixels.push_back(static_cast<uint8_t>((i * 2654435761u) >> 13));
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{37, 53}, {37, 20}, {11, 53}, {12, 17}, {80, 60}, {90, 9}, {1, 1}})
    for (const Window& part : {Window{0, 0, rows, columns}, Window{rows / 3, columns / 4, (rows + 1) / 2, (columns + 1) / 2},
                               Window{rows - 1, columns - 1, 1, 1}})
      EXPECT_EQ(resize_part(image, rows, columns, part), crop(resize(image, rows, columns), part))
          << rows << " x " << columns << ", from " << part.row << ", " << part.column;
  EXPECT_THROW_SAYING(resize_part(image, 10, 10, {0, 5, 10, 6}), "10 x 6 pixels from (0, 5) on are no part of 10 x 10");
  EXPECT_THROW_SAYING(resize_part(image, 10, 10, {-1, 0, 2, 2}), "are no part of");
}

// torchvision's Resize(n): int(n · long / short).
TEST(ShortSide, BecomesTheNumberAndTheOtherFollows) {
  EXPECT_EQ(size_of(resize_short_side(places(20, 31), 10)), std::pair(int64_t{10}, int64_t{15}));
  EXPECT_EQ(size_of(resize_short_side(places(31, 20), 10)), std::pair(int64_t{15}, int64_t{10}));
  EXPECT_EQ(size_of(resize_short_side(places(3, 7), 5)), std::pair(int64_t{5}, int64_t{11}));  // 11.67
  const Image image = places(8, 9);
  EXPECT_EQ(resize_short_side(image, 8), image);
}

TEST(Crop, TakesItsWindowAndIsBlackOutside) {
  const Image image = places(5, 6);
  const Image part = crop(image, {1, 2, 3, 4});
  EXPECT_EQ(size_of(part), std::pair(int64_t{3}, int64_t{4}));
  EXPECT_EQ(at(part, 0, 0, 0), 2);
  EXPECT_EQ(at(part, 1, 2, 3), 6);
  const Image around = crop(image, {-1, -2, 7, 10});
  EXPECT_EQ(at(around, 2, 0, 3), 0);
  EXPECT_EQ(at(around, 2, 1, 2), 255);
  EXPECT_EQ(at(around, 2, 5, 7), 255);
  EXPECT_EQ(at(around, 2, 5, 8), 0);
  EXPECT_EQ(crop(image, {0, 50, 2, 2}).pixels, std::vector<uint8_t>(12, 0));
}

// torchvision: int(round((height − rows) / 2)) in Python, where round(0.5) = 0 and round(1.5) = 2.
TEST(CentreCrop, PutsHalfPixelsToTheEvenSide) {
  for (const auto& [has, begin] : {std::pair<int64_t, int64_t>{4, 0}, {5, 0}, {6, 1}, {7, 2}, {8, 2}, {9, 2}, {10, 3}, {11, 4}}) {
    const Image image = centre_crop(places(has, 4), 4, 4);
    EXPECT_EQ(at(image, 0, 0, 0), begin + 1) << has;
    EXPECT_EQ(at(centre_crop(places(4, has), 4, 4), 1, 0, 0), begin + 1) << has;
  }
}

// torchvision pads (wanted − has) // 2 on the left.
TEST(CentreCrop, PadsWhatIsTooSmall) {
  const Image image = centre_crop(places(2, 9), 5, 4);
  EXPECT_EQ(at(image, 2, 0, 0), 0);
  EXPECT_EQ(at(image, 0, 1, 0), 1);
  EXPECT_EQ(at(image, 0, 2, 0), 2);
  EXPECT_EQ(at(image, 2, 3, 0), 0);
  EXPECT_EQ(at(image, 1, 1, 0), 3);
}

TEST(RandomWindow, HasTheAreaAndTheShapeItWasDrawnWith) {
  const RandomStream random(1, "windows");
  double least = 1, most = 0;
  std::set<int64_t> at_rows;
  for (uint64_t i = 0; i < 2000; ++i) {
    const Window w = random_window(200, 300, random, i);
    ASSERT_GE(w.row, 0);
    ASSERT_GE(w.column, 0);
    ASSERT_LE(w.row + w.rows, 200);
    ASSERT_LE(w.column + w.columns, 300);
    const double share = static_cast<double>(w.rows * w.columns) / (200.0 * 300);
    const double ratio = static_cast<double>(w.columns) / static_cast<double>(w.rows);
    ASSERT_GE(share, 0.08 - 0.01);
    ASSERT_GE(ratio, 0.75 - 0.02);
    ASSERT_LE(ratio, 1.34 + 0.02);
    least = std::min(least, share);
    most = std::max(most, share);
    at_rows.insert(w.row);
  }
  EXPECT_LT(least, 0.09);
  EXPECT_GT(most, 0.8);
  EXPECT_GT(at_rows.size(), 100u);
}

TEST(RandomWindow, DependsOnStreamIndexAndPartAlone) {
  const RandomStream random(1, "windows");
  EXPECT_EQ(random_window(64, 64, random, 5, 2), random_window(64, 64, random, 5, 2));
  EXPECT_FALSE(random_window(64, 64, random, 5, 2) == random_window(64, 64, random, 6, 2));
  EXPECT_FALSE(random_window(64, 64, random, 5, 2) == random_window(64, 64, random, 5, 3));
}

TEST(RandomWindow, OfAVeryLongPictureIsTheLargestInTheMiddle) {
  const RandomStream random(1, "windows");
  EXPECT_EQ(random_window(3, 1000, random, 0), (Window{0, 498, 3, 4}));
  EXPECT_EQ(random_window(1000, 3, random, 0), (Window{498, 0, 4, 3}));
}

TEST(RandomResizedCrop, IsItsWindowResized) {
  const RandomStream random(3, "crops");
  const Image image = places(40, 50);
  EXPECT_EQ(random_resized_crop(image, 9, 9, random, 4, 1), resize(crop(image, random_window(40, 50, random, 4, 1)), 9, 9));
}

TEST(Fitted, SquashesOrCrops) {
  const Image image = places(30, 50);
  EXPECT_EQ(fitted(image, 7, 9, Fit::squash), resize(image, 7, 9));
  EXPECT_EQ(fitted(image, 21, 21, Fit::crop), centre_crop(resize_short_side(image, 24), 21, 21));
  EXPECT_THROW_SAYING(fitted(image, 7, 9, Fit::crop), "resize=squash makes any size");
  EXPECT_EQ(short_side_of(224), 256);
  EXPECT_EQ(short_side_of(227), 259);
  EXPECT_THROW_SAYING(parse_fit("crup"), "did you mean 'crop'?");
}

TEST(Photos, AreDecodedAndPreparedAsByPillow) {
  if (photos().empty()) GTEST_SKIP() << "the photos are not in $CONVSCOPE_DATA";
  for (const Photo& photo : photos()) {
    const Image image = read_image(photo.path);
    EXPECT_EQ(fnv1a(image.pixels), photo.decoded) << photo.path;
    EXPECT_EQ(fnv1a(fitted(with_channels(image, 3), 224, 224, Fit::crop).pixels), photo.prepared) << photo.path;
  }
}

}  // namespace
}  // namespace convscope
