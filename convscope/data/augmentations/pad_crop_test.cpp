#include "convscope/data/augmentations/pad_crop.h"

#include <algorithm>
#include <cstdlib>

#include "convscope/base/base_testing.h"
#include "convscope/data/augment.h"
#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

namespace {
constexpr uint64_t kCropSeed = 17;
}

TEST(PadCrop, DrawsItsOffsetsFromTheFirstTwoWords) {
  for (uint64_t number = 0; number < 20; ++number) {
    const RandomStream::Block words = RandomStream(kCropSeed, "augment").block(number, 3);
    const PadCrop::Draw draw = PadCrop({.pad = 4}).draw({kCropSeed, number, 3});
    EXPECT_EQ(draw.row, static_cast<int64_t>(words[0] * 9ull >> 32) - 4);
    EXPECT_EQ(draw.column, static_cast<int64_t>(words[1] * 9ull >> 32) - 4);
  }
}

TEST(PadCrop, LeavesThePictureWhereTheCropIsInTheMiddle) {
  const auto base = counting_images({1, 1, 4, 4});
  const Augment crop(base, parse_augmentations("pad-crop,pad=1"), kCropSeed);
  int middles = 0;
  for (uint64_t epoch = 0; epoch < 100; ++epoch) {
    const PadCrop::Draw draw = PadCrop({.pad = 1}).draw({kCropSeed, 0, epoch});
    const bool middle = draw.row == 0 && draw.column == 0;
    middles += middle;
    EXPECT_EQ(pixels_of(crop, 0, epoch) == pixels_of(*base, 0), middle);
  }
  EXPECT_GT(middles, 0);
}

TEST(PadCrop, PadsWithBlack) {
  const auto base = std::make_shared<Images8>(Shape{1, 1, 8, 8}, std::vector<uint8_t>(64, 255), std::vector<int32_t>{0},
                                              std::vector<std::string>{"white"});
  const Augment crop(base, parse_augmentations("pad-crop,pad=4+flip"), kCropSeed);
  for (uint64_t epoch = 0; epoch < 50; ++epoch) {
    const PadCrop::Draw draw = PadCrop({.pad = 4}).draw({kCropSeed, 0, epoch});
    const auto y = pixels_of(crop, 0, epoch);
    EXPECT_EQ(std::count(y.begin(), y.end(), 1.0f), (8 - std::abs(draw.row)) * (8 - std::abs(draw.column)));
    EXPECT_EQ(std::count(y.begin(), y.end(), 0.0f) + std::count(y.begin(), y.end(), 1.0f), 64);
  }
}

TEST(PadCrop, PadsWithTheMirroredPictureWhereAsked) {
  const auto base = counting_images({1, 2, 5, 7});
  const Augment crop(base, parse_augmentations("pad-crop,pad=3,border=reflect"), kCropSeed);
  const auto x = pixels_of(*base, 0);
  // Pixels in the order of their columns (or rows) as one meets them going on: 3 2 1 | 0 1 2 3 4 | 3 2 1.
  const std::vector<int64_t> rows{3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1}, columns{3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 5, 4, 3};
  for (uint64_t epoch = 0; epoch < 60; ++epoch) {
    const PadCrop::Draw draw = PadCrop({.pad = 3}).draw({kCropSeed, 0, epoch});
    const auto y = pixels_of(crop, 0, epoch);
    for (int64_t c = 0; c < 2; ++c)
      for (int64_t i = 0; i < 5; ++i)
        for (int64_t j = 0; j < 7; ++j) {
          const int64_t row = rows[static_cast<size_t>(i + draw.row + 3)], column = columns[static_cast<size_t>(j + draw.column + 3)];
          ASSERT_EQ(y[static_cast<size_t>((c * 5 + i) * 7 + j)], x[static_cast<size_t>((c * 5 + row) * 7 + column)])
              << i << ", " << j << " moved by " << draw.row << ", " << draw.column;
        }
  }
}

TEST(PadCrop, RefusesACropThatMayMissThePicture) {
  const auto base = counting_images({1, 1, 4, 6});
  EXPECT_THROW_SAYING(Augment(base, parse_augmentations("pad-crop,pad=4"), 1), "pad-crop: pad 4 for pictures [1, 4, 6]; up to 3");
  EXPECT_NO_THROW(Augment(base, parse_augmentations("pad-crop,pad=3"), 1));
  EXPECT_THROW_SAYING(parse_augmentations("pad-crop,border=white"), "border is 'white'; black or reflect was wanted");
  for (const char* pad : {"0", "-1"})
    EXPECT_THROW_SAYING(parse_augmentations(std::string("pad-crop,pad=") + pad), std::string("pad-crop: pad is ") + pad);
}

}  // namespace convscope
