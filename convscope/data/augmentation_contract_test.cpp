// Holds for every row of the table, also for the one you are adding.
#include <algorithm>

#include "convscope/base/base_testing.h"
#include "convscope/data/augment.h"
#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

namespace {

constexpr uint64_t kSeed = 17;
constexpr uint64_t kEpochs = 20;

std::shared_ptr<const Dataset> pictures() { return counting_images({6, 3, 20, 17}, 3); }

std::shared_ptr<const Augment> augmented(const std::string& text, uint64_t seed = kSeed,
                                         const std::shared_ptr<const Dataset>& base = pictures()) {
  return std::make_shared<Augment>(base, parse_augmentations(text), seed);
}

class EveryAugmentation : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryAugmentation, ::testing::ValuesIn(augmentations().names()), [](const auto& param) {
  std::string name = param.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST_P(EveryAugmentation, KeepsShapeLabelsNumbersAndThePixelRange) {
  const auto base = pictures();
  const auto changed = augmented(GetParam());
  EXPECT_EQ(changed->size(), base->size());
  EXPECT_EQ(changed->image_shape(), base->image_shape());
  EXPECT_EQ(changed->classes(), base->classes());
  for (int64_t i = 0; i < base->size(); ++i) {
    EXPECT_EQ(changed->label(i), base->label(i));
    EXPECT_EQ(changed->number(i), base->number(i));
    EXPECT_TRUE(changed->levels(i).empty()) << "what is read in 8 bits would not be changed";
    for (uint64_t epoch = 0; epoch < kEpochs; ++epoch)
      for (const float x : pixels_of(*changed, i, epoch)) EXPECT_TRUE(x >= 0 && x <= 1) << x;
  }
}

TEST_P(EveryAugmentation, IsAFunctionOfSeedNumberAndEpoch) {
  const auto one = augmented(GetParam()), twin = augmented(GetParam()), other = augmented(GetParam(), kSeed + 1);
  const auto gone_by = [](const Augment& a) {
    std::vector<std::vector<float>> all;
    for (uint64_t epoch = 0; epoch < kEpochs; ++epoch)
      for (int64_t i = 0; i < a.size(); ++i) all.push_back(pixels_of(a, i, epoch));
    return all;
  };
  const auto pixels = gone_by(*one);
  EXPECT_EQ(gone_by(*twin), pixels);
  EXPECT_NE(gone_by(*other), pixels) << "seed";
  int epochs = 0, changed = 0;
  for (uint64_t epoch = 1; epoch < kEpochs; ++epoch) epochs += pixels_of(*one, 0, epoch) != pixels_of(*one, 0, epoch - 1);
  for (uint64_t epoch = 0; epoch < kEpochs; ++epoch) changed += pixels_of(*one, 0, epoch) != pixels_of(*pictures(), 0);
  EXPECT_GT(epochs, 0) << "draws anew in each epoch";
  EXPECT_GT(changed, 0) << "does something";
}

TEST_P(EveryAugmentation, DrawsTheSameWhateverStandsBesideIt) {
  for (const std::string& other : augmentations().names()) {
    if (other == GetParam()) continue;
    const auto together = augmented(GetParam() + "+" + other), apart = augmented(other, kSeed, augmented(GetParam()));
    for (uint64_t epoch = 0; epoch < kEpochs; ++epoch)
      for (int64_t i = 0; i < together->size(); ++i) EXPECT_EQ(pixels_of(*together, i, epoch), pixels_of(*apart, i, epoch)) << other;
  }
}

TEST_P(EveryAugmentation, SaysWhichOptionIsUnknownAndThatItStandsThereTwice) {
  EXPECT_THROW_SAYING(parse_augmentations(GetParam() + ",sid=1"), GetParam() + ": no option 'sid'");
  EXPECT_THROW_SAYING(parse_augmentations(GetParam() + "+" + GetParam()), GetParam() + " stands there twice");
}

TEST(Augmentations, AreReadInTheOrderInWhichTheyAreWritten) {
  EXPECT_TRUE(parse_augmentations("none").empty());
  EXPECT_EQ(parse_augmentations("pad-crop,pad=2+flip+cutout").size(), 3u);
  const auto crop_first = augmented("pad-crop+flip"), flip_first = augmented("flip+pad-crop");
  const auto by_hand = augmented("pad-crop", kSeed, augmented("flip"));
  int different = 0;
  for (uint64_t epoch = 0; epoch < kEpochs; ++epoch) {
    EXPECT_EQ(pixels_of(*flip_first, 0, epoch), pixels_of(*by_hand, 0, epoch));
    different += pixels_of(*flip_first, 0, epoch) != pixels_of(*crop_first, 0, epoch);
  }
  EXPECT_GT(different, 0);
}

TEST(Augmentations, AreRefusedByName) {
  EXPECT_THROW_SAYING(parse_augmentations("flop"), "no augmentation 'flop'; did you mean 'flip'?");
  EXPECT_THROW_SAYING(parse_augmentations(""), "names of augmentations with + between them, or none, were wanted");
  EXPECT_THROW_SAYING(parse_augmentations("flip+"), "`augment` 'flip+'");
  EXPECT_THROW_SAYING(parse_augmentations("none+flip"), "no augmentation 'none'");
}

}  // namespace
}  // namespace convscope
