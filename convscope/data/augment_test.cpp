#include "convscope/data/augment.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>

#include "convscope/base/threads.h"
#include "convscope/data/batches.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/subset.h"

namespace convscope {
using namespace testing_data;

namespace {

constexpr uint64_t kSeed = 17;

std::vector<float> mirrored(std::vector<float> image, int64_t columns) {
  for (auto row = image.begin(); row != image.end(); row += columns) std::reverse(row, row + columns);
  return image;
}

/** The definition, one pixel at a time: pad with zeros, crop, mirror, cut out. */
std::vector<float> slowly(const std::vector<float>& x, const Shape& shape, const Augment::Draw& draw, int64_t cutout = 0) {
  std::vector<float> y;
  for (int64_t c = 0; c < shape[0]; ++c)
    for (int64_t i = 0; i < shape[1]; ++i)
      for (int64_t j = 0; j < shape[2]; ++j) {
        const int64_t row = i + draw.row, column = (draw.flip ? shape[2] - 1 - j : j) + draw.column;
        const bool cut = i >= draw.cut_row && i < draw.cut_row + cutout && j >= draw.cut_column && j < draw.cut_column + cutout;
        const bool inside = row >= 0 && row < shape[1] && column >= 0 && column < shape[2] && !cut;
        y.push_back(inside ? x[static_cast<size_t>((c * shape[1] + row) * shape[2] + column)] : 0.0f);
      }
  return y;
}

/** Hides that the images are held in 8 bits. */
class Floats : public Dataset {
 public:
  explicit Floats(std::shared_ptr<const Dataset> base) : base_(std::move(base)) {}
  int64_t size() const override { return base_->size(); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return base_->classes(); }
  int64_t label(int64_t index) const override { return base_->label(index); }
  int64_t number(int64_t index) const override { return base_->number(index); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override { base_->pixels(index, epoch, out); }

 private:
  std::shared_ptr<const Dataset> base_;
};

}  // namespace

TEST(Augment, IsThePlainImageByDefault) {
  const auto base = counting_images({3, 2, 5, 7});
  const Augment same(base, {}, kSeed);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(pixels_of(same, i, 9), pixels_of(*base, i));
}

TEST(Augment, AgreesWithItsDefinitionPixelByPixel) {
  const auto base = counting_images({4, 3, 6, 9});
  const auto floats = std::make_shared<Floats>(base);
  for (const auto& [pad, flip, cutout] :
       {std::tuple{0, false, 0}, {0, true, 0}, {1, false, 3}, {1, true, 0}, {4, false, 1}, {4, true, 4}, {5, false, 0}, {5, true, 9}}) {
    const Augment::Options options{.pad_crop = pad, .flip = flip, .cutout = cutout};
    const Augment fast(base, options, kSeed), over_floats(floats, options, kSeed);
    for (uint64_t epoch = 0; epoch < 40; ++epoch)
      for (int64_t i = 0; i < base->size(); ++i) {
        const auto y = pixels_of(fast, i, epoch);
        ASSERT_EQ(y, slowly(pixels_of(*base, i), base->image_shape(), fast.draw(i, epoch), cutout)) << pad << flip << cutout << epoch;
        ASSERT_EQ(y, pixels_of(over_floats, i, epoch)) << "8 bits and floats must agree";
      }
  }
}

TEST(Augment, LeavesTheImageWhereTheCropIsInTheMiddle) {
  const auto base = counting_images({1, 1, 4, 4});
  const Augment crop(base, {.pad_crop = 1}, kSeed);
  int middles = 0;
  for (uint64_t epoch = 0; epoch < 100; ++epoch) {
    const Augment::Draw draw = crop.draw(0, epoch);
    const bool middle = draw.row == 0 && draw.column == 0;
    middles += middle;
    EXPECT_EQ(pixels_of(crop, 0, epoch) == pixels_of(*base, 0), middle);
  }
  EXPECT_GT(middles, 0);
}

TEST(Augment, GivesTheImageBackWhenMirroredTwice) {
  const auto base = counting_images({1, 3, 4, 5});
  const Augment flip(base, {.flip = true}, kSeed);
  int flips = 0;
  for (uint64_t epoch = 0; epoch < 64; ++epoch) {
    const bool flipped = flip.draw(0, epoch).flip;
    flips += flipped;
    const auto y = pixels_of(flip, 0, epoch);
    EXPECT_EQ(flipped ? mirrored(y, 5) : y, pixels_of(*base, 0));
    EXPECT_EQ(y == pixels_of(*base, 0), !flipped);
  }
  EXPECT_GT(flips, 0);
  EXPECT_LT(flips, 64);
}

TEST(Augment, PadsWithBlack) {
  const auto base = std::make_shared<Images8>(Shape{1, 1, 8, 8}, std::vector<uint8_t>(64, 255), std::vector<int32_t>{0},
                                              std::vector<std::string>{"white"});
  const Augment crop(base, {.pad_crop = 4, .flip = true}, kSeed);
  for (uint64_t epoch = 0; epoch < 50; ++epoch) {
    const Augment::Draw draw = crop.draw(0, epoch);
    const auto y = pixels_of(crop, 0, epoch);
    EXPECT_EQ(std::count(y.begin(), y.end(), 1.0f), (8 - std::abs(draw.row)) * (8 - std::abs(draw.column)));
    EXPECT_EQ(std::count(y.begin(), y.end(), 0.0f) + std::count(y.begin(), y.end(), 1.0f), 64);
  }
}

TEST(Augment, DrawsByTheSamplesNumberWhateverTheOrderBatchesOrThreads) {
  const auto base = counting_images({40, 3, 32, 32});
  const Augment whole(base, {.pad_crop = 4, .flip = true}, kSeed);
  const size_t image = 3 * 32 * 32;
  std::vector<int64_t> order(40);
  std::iota(order.begin(), order.end(), 0);
  std::vector<float> expected(40 * image);
  for (size_t i = 0; i < 40; ++i) whole.pixels(static_cast<int64_t>(i), 3, std::span(expected).subspan(i * image, image));

  const int before = threads();
  for (const int count : {1, 2, 5}) {
    set_threads(count);
    std::vector<float> got(expected.size());
    read_batch(whole, order, 3, got, {}, {});
    EXPECT_EQ(got, expected) << count << " threads";
    for (const size_t batch : {size_t{1}, size_t{8}, size_t{20}})
      for (size_t i = 40; i >= batch; i -= batch)  // from the end
        read_batch(whole, std::span(order).subspan(i - batch, batch), 3, std::span(got).subspan((i - batch) * image, batch * image), {},
                   {});
    EXPECT_EQ(got, expected) << count << " threads, batches from the end";
  }
  set_threads(before);

  const Augment part(std::make_shared<Subset>(base, std::vector<int64_t>{30, 7}), {.pad_crop = 4, .flip = true}, kSeed);
  EXPECT_EQ(pixels_of(part, 0, 3), pixels_of(whole, 30, 3)) << "also behind a subset";
}

TEST(Augment, MayBeReadByManyThreadsAtOnce) {
  const auto base = counting_images({16, 3, 32, 32});
  const auto halves = split_validation(base, 0.5, kSeed);
  const Augment crop(halves.training, {.pad_crop = 4, .flip = true}, kSeed);
  std::vector<std::vector<float>> expected;
  for (int64_t i = 0; i < crop.size(); ++i) expected.push_back(pixels_of(crop, i, 1));

  std::vector<std::vector<std::vector<float>>> seen(4);
  std::vector<std::thread> readers;
  for (auto& mine : seen)
    readers.emplace_back([&] {
      for (int64_t i = 0; i < crop.size(); ++i) mine.push_back(pixels_of(crop, i, 1));
    });
  for (std::thread& reader : readers) reader.join();
  for (const auto& mine : seen) EXPECT_EQ(mine, expected);
}

TEST(Augment, DrawsAnewInEachEpochAndForEachSeed) {
  const auto base = counting_images({64, 1, 8, 8});
  const auto different = [&](const Augment& a, uint64_t epoch_a, const Augment& b, uint64_t epoch_b) {
    int count = 0;
    for (int64_t i = 0; i < 64; ++i) count += pixels_of(a, i, epoch_a) != pixels_of(b, i, epoch_b);
    return count;
  };
  const Augment one(base, {.pad_crop = 3, .flip = true}, 1), two(base, {.pad_crop = 3, .flip = true}, 2);
  EXPECT_EQ(different(one, 0, Augment(base, {.pad_crop = 3, .flip = true}, 1), 0), 0);
  EXPECT_GT(different(one, 0, one, 1), 55);
  EXPECT_GT(different(one, 0, two, 0), 55);
}

TEST(Augment, TakesEveryPlaceAndBothSidesEquallyOften) {
  const auto base = counting_images({1000, 1, 4, 4});
  const Augment augment(base, {.pad_crop = 1, .flip = true}, kSeed);
  std::map<std::tuple<int64_t, int64_t, bool>, int> seen;
  constexpr int kDraws = 36000;
  for (int i = 0; i < kDraws; ++i) {
    const Augment::Draw draw = augment.draw(i % 1000, static_cast<uint64_t>(i) / 1000);
    ++seen[{draw.row, draw.column, draw.flip}];
  }
  ASSERT_EQ(seen.size(), 18u);  // 3 rows, 3 columns, 2 sides
  const double expected = kDraws / 18.0;
  double chi_square = 0;
  for (const auto& [place, count] : seen) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 40.8);  // 17 degrees of freedom: 1 in 1000 seeds would be above
}

TEST(Augment, StacksOverAnother) {
  const auto base = counting_images({2, 1, 6, 6});
  const auto crop = std::make_shared<Augment>(base, Augment::Options{.pad_crop = 2}, 1);
  const Augment flip(crop, {.flip = true}, 2);
  for (uint64_t epoch = 0; epoch < 20; ++epoch)
    EXPECT_EQ(pixels_of(flip, 1, epoch), slowly(pixels_of(*crop, 1, epoch), {1, 6, 6}, flip.draw(1, epoch)));
}

TEST(Augment, RefusesACropThatMayMissTheImage) {
  const auto base = counting_images({1, 1, 4, 6});
  EXPECT_TRUE(says(error_of([&] { Augment(base, {.pad_crop = 4}, 1); }), {"pad_crop 4", "[1, 4, 6]", "0 to 3"}));
  EXPECT_NE(error_of([&] { Augment(base, {.pad_crop = -1}, 1); }), "");
}

TEST(Cutout, LeavesCropsAndMirrorsAsTheyWere) {
  const auto base = counting_images({20, 1, 8, 8});
  const Augment without(base, {.pad_crop = 2, .flip = true}, kSeed), with(base, {.pad_crop = 2, .flip = true, .cutout = 4}, kSeed);
  for (int64_t i = 0; i < 20; ++i) {
    const Augment::Draw a = without.draw(i, 5), b = with.draw(i, 5);
    EXPECT_EQ(std::tuple(a.row, a.column, a.flip), std::tuple(b.row, b.column, b.flip));
  }
}

TEST(Cutout, BlackensASquareOfItsSideAsFarAsItIsInTheImage) {
  const auto base = counting_images({3, 3, 10, 10});
  for (const int64_t side : {1, 2, 3, 6, 10}) {
    const Augment cut(base, {.cutout = side}, kSeed);
    int whole = 0;
    for (uint64_t epoch = 0; epoch < 100; ++epoch) {
      const auto y = pixels_of(cut, 1, epoch);
      const auto black = std::count(y.begin(), y.end(), 0.0f);
      EXPECT_EQ(black % 3, 0) << "in all channels";
      EXPECT_LE(black, 3 * side * side);
      EXPECT_GT(black, 0) << "the centre is in the image";
      whole += black == 3 * side * side;
    }
    EXPECT_TRUE(whole > 0 || side == 10) << side << ": only one centre of 100 leaves so large a square whole";
    EXPECT_EQ(whole == 100, side == 1) << "larger ones are clipped at the border now and then";
  }
}

TEST(Cutout, HasItsCentreOnEveryPixelEquallyOften) {
  const auto base = counting_images({1000, 1, 3, 4});
  const Augment cut(base, {.cutout = 2}, kSeed);
  std::map<std::pair<int64_t, int64_t>, int> seen;
  constexpr int kDraws = 24000;
  for (int i = 0; i < kDraws; ++i) {
    const Augment::Draw draw = cut.draw(i % 1000, static_cast<uint64_t>(i) / 1000);
    ++seen[{draw.cut_row + 1, draw.cut_column + 1}];
  }
  ASSERT_EQ(seen.size(), 12u);
  EXPECT_EQ(seen.begin()->first, std::pair(int64_t{0}, int64_t{0}));
  EXPECT_EQ(seen.rbegin()->first, std::pair(int64_t{2}, int64_t{3}));
  const double expected = kDraws / 12.0;
  double chi_square = 0;
  for (const auto& [place, count] : seen) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 31.3);  // 11 degrees of freedom: 1 in 1000 seeds would be above
}

TEST(Cutout, RefusesASideThatNoImageHas) {
  const auto base = counting_images({1, 1, 4, 6});
  EXPECT_TRUE(says(error_of([&] { Augment(base, {.cutout = 7}, 1); }), {"cutout 7", "[1, 4, 6]", "0 to 6"}));
  EXPECT_NE(error_of([&] { Augment(base, {.cutout = -1}, 1); }), "");
}

}  // namespace convscope
