#include "convscope/data/augmentations/flip.h"

#include <algorithm>

#include "convscope/data/augment.h"
#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

namespace {

constexpr uint64_t kFlipSeed = 17;

std::vector<float> mirrored(std::vector<float> image, int64_t columns) {
  for (auto row = image.begin(); row != image.end(); row += columns) std::reverse(row, row + columns);
  return image;
}

}  // namespace

TEST(Flip, GivesThePictureBackWhenMirroredTwice) {
  const auto base = counting_images({1, 3, 4, 5});
  const Augment flip(base, parse_augmentations("flip"), kFlipSeed);
  int flips = 0;
  for (uint64_t epoch = 0; epoch < 64; ++epoch) {
    const bool flipped = Flip({}).draw({kFlipSeed, 0, epoch});
    flips += flipped;
    const auto y = pixels_of(flip, 0, epoch);
    EXPECT_EQ(flipped ? mirrored(y, 5) : y, pixels_of(*base, 0));
    EXPECT_EQ(y == pixels_of(*base, 0), !flipped);
  }
  EXPECT_GT(flips, 0);
  EXPECT_LT(flips, 64);
}

TEST(Flip, MirrorsHalfOfThePicturesByTheThirdWord) {
  int flips = 0;
  constexpr int kDraws = 10000;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const bool flipped = Flip({}).draw({kFlipSeed, i % 1000, i / 1000});
    EXPECT_EQ(flipped, RandomStream(kFlipSeed, "augment").block(i % 1000, i / 1000)[2] >= 1u << 31);
    flips += flipped;
  }
  EXPECT_NEAR(flips, kDraws / 2, 165);  // 3.3 standard deviations: 1 in 1000 seeds would be farther away
}

TEST(Flip, InTurnMirrorsEachPictureInEveryOtherEpoch) {
  const Flip flip({.alternate = true});
  int first = 0;
  constexpr uint64_t kPictures = 1000;
  for (uint64_t number = 0; number < kPictures; ++number) {
    const bool begins = flip.draw({kFlipSeed, number, 0});
    first += begins;
    EXPECT_EQ(begins, Flip({}).draw({kFlipSeed, number, 0})) << "the first epoch is as it is without";
    for (uint64_t epoch = 1; epoch < 6; ++epoch) EXPECT_EQ(flip.draw({kFlipSeed, number, epoch}), begins != (epoch % 2 == 1));
  }
  EXPECT_NEAR(first, kPictures / 2, 53);  // 3.3 standard deviations
}

}  // namespace convscope
