#include "convscope/data/images8.h"

#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

TEST(Images8, GivesEachLevelOverTwoHundredFiftyFiveRoundedOnce) {
  std::vector<uint8_t> levels(256);
  std::iota(levels.begin(), levels.end(), uint8_t{0});
  const Images8 images({1, 1, 16, 16}, levels, {0}, {"only"});
  const std::vector<float> pixels = pixels_of(images, 0);
  for (size_t v = 0; v < 256; ++v) {
    volatile float level = static_cast<float>(v), whole = 255.0f;  // divided as the program runs
    EXPECT_EQ(pixels[v], level / whole) << v;
  }
}

TEST(Images8, HoldsImagesByTheirIndex) {
  const auto images = counting_images({3, 2, 2, 2});
  EXPECT_EQ(images->size(), 3);
  EXPECT_EQ(images->image_shape(), (Shape{2, 2, 2}));
  EXPECT_EQ(images->label(1), 1);
  EXPECT_EQ(images->number(2), 2);
  EXPECT_EQ(images->levels(1)[0], 9);
  EXPECT_EQ(pixels_of(*images, 1)[7], 16 / 255.0f);
  EXPECT_EQ(pixels_of(*images, 1, 5), pixels_of(*images, 1, 0)) << "no epoch changes them";
}

TEST(Images8, RefusesPartsThatDoNotAddUp) {
  const auto refusal = [](Shape shape, size_t levels, std::vector<int32_t> labels) {
    return error_of([&] { Images8(shape, std::vector<uint8_t>(levels), labels, {"a", "b"}); });
  };
  EXPECT_EQ(refusal({2, 1, 2, 2}, 8, {0, 1}), "");
  EXPECT_TRUE(says(refusal({2, 2, 2}, 8, {0, 1}), {"[N, C, H, W]", "[2, 2, 2]"}));
  EXPECT_TRUE(says(refusal({2, 1, 2, 2}, 7, {0, 1}), {"8 levels", "got 7"}));
  EXPECT_TRUE(says(refusal({2, 1, 2, 2}, 8, {0}), {"2 labels", "got 1"}));
  EXPECT_TRUE(says(refusal({2, 1, 2, 2}, 8, {0, 2}), {"image 1 has label 2", "2 classes"}));
  EXPECT_TRUE(says(refusal({2, 1, 2, 2}, 8, {-1, 0}), {"image 0 has label -1"}));
}

TEST(Splits, HaveTheirNames) {
  for (const Split split : kSplits) EXPECT_EQ(parse_split(split_name(split)), split);
  EXPECT_TRUE(says(error_of([] { parse_split("tset"); }), {"no split 'tset'", "did you mean 'test'"}));
}

}  // namespace convscope
