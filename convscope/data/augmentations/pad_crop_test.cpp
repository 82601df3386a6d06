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

TEST(PadCrop, RefusesACropThatMayMissThePicture) {
  const auto base = counting_images({1, 1, 4, 6});
  EXPECT_THROW_SAYING(Augment(base, parse_augmentations("pad-crop,pad=4"), 1), "pad-crop: pad 4 for pictures [1, 4, 6]; up to 3");
  EXPECT_NO_THROW(Augment(base, parse_augmentations("pad-crop,pad=3"), 1));
  for (const char* pad : {"0", "-1"})
    EXPECT_THROW_SAYING(parse_augmentations(std::string("pad-crop,pad=") + pad), std::string("pad-crop: pad is ") + pad);
}

}  // namespace convscope
