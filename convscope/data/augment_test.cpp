#include "convscope/data/augment.h"

#include <map>
#include <thread>

#include "convscope/base/threads.h"
#include "convscope/data/augmentations/cutout.h"
#include "convscope/data/augmentations/flip.h"
#include "convscope/data/augmentations/pad_crop.h"
#include "convscope/data/batches.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/subset.h"

namespace convscope {
using namespace testing_data;

namespace {

constexpr uint64_t kSeed = 17;

/** "pad-crop,pad=4+flip+cutout,side=8" with any of them at 0: without it. */
std::string text_of(int64_t pad, bool flip, int64_t side) {
  std::string text;
  if (pad > 0) text += fmt::format("+pad-crop,pad={}", pad);
  if (flip) text += "+flip";
  if (side > 0) text += fmt::format("+cutout,side={}", side);
  return text.empty() ? "none" : text.substr(1);
}

/** The definition, one pixel at a time: pad with zeros, crop, mirror, cut out. */
std::vector<float> slowly(const std::vector<float>& x, const Shape& shape, PadCrop::Draw crop, bool flip, Cutout::Draw cut, int64_t side) {
  std::vector<float> y;
  for (int64_t c = 0; c < shape[0]; ++c)
    for (int64_t i = 0; i < shape[1]; ++i)
      for (int64_t j = 0; j < shape[2]; ++j) {
        const int64_t row = i + crop.row, column = (flip ? shape[2] - 1 - j : j) + crop.column;
        const bool out = i >= cut.row && i < cut.row + side && j >= cut.column && j < cut.column + side;
        const bool inside = row >= 0 && row < shape[1] && column >= 0 && column < shape[2] && !out;
        y.push_back(inside ? x[static_cast<size_t>((c * shape[1] + row) * shape[2] + column)] : 0.0f);
      }
  return y;
}

}  // namespace

TEST(Augment, IsThePlainPictureWithoutAnAugmentation) {
  const auto base = counting_images({3, 2, 5, 7});
  const Augment same(base, {}, kSeed);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(pixels_of(same, i, 9), pixels_of(*base, i));
}

TEST(Augment, AgreesWithItsDefinitionPixelByPixel) {
  const auto base = counting_images({4, 3, 6, 9});
  const Shape shape = base->image_shape();
  for (const auto& [pad, flip, side] :
       {std::tuple{0, false, 0}, {0, true, 0}, {1, false, 3}, {1, true, 0}, {4, false, 1}, {4, true, 4}, {5, false, 0}, {5, true, 9}}) {
    const Augment fast(base, parse_augmentations(text_of(pad, flip, side)), kSeed);
    for (uint64_t epoch = 0; epoch < 40; ++epoch)
      for (int64_t i = 0; i < base->size(); ++i) {
        const Augmentation::Sample sample{kSeed, static_cast<uint64_t>(i), epoch};
        const PadCrop::Draw crop = pad > 0 ? PadCrop({.pad = pad}).draw(sample) : PadCrop::Draw{0, 0};
        const Cutout::Draw cut = side > 0 ? Cutout({.side = side}).draw(sample, shape) : Cutout::Draw{0, 0};
        ASSERT_EQ(pixels_of(fast, i, epoch), slowly(pixels_of(*base, i), shape, crop, flip && Flip({}).draw(sample), cut, side))
            << pad << flip << side << epoch;
      }
  }
}

TEST(Augment, DrawsByTheSamplesNumberWhateverTheOrderBatchesOrThreads) {
  const auto base = counting_images({40, 3, 32, 32});
  const Augment whole(base, parse_augmentations("pad-crop+flip"), kSeed);
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

  const Augment part(std::make_shared<Subset>(base, std::vector<int64_t>{30, 7}), parse_augmentations("pad-crop+flip"), kSeed);
  EXPECT_EQ(pixels_of(part, 0, 3), pixels_of(whole, 30, 3)) << "also behind a subset";
}

TEST(Augment, MayBeReadByManyThreadsAtOnce) {
  const auto base = counting_images({16, 3, 32, 32});
  const auto halves = split_validation(base, 0.5, kSeed);
  const Augment crop(halves.training, parse_augmentations("pad-crop+flip+cutout"), kSeed);
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
  const auto augmented = [&](uint64_t seed) { return Augment(base, parse_augmentations("pad-crop,pad=3+flip"), seed); };
  const Augment one = augmented(1), twin = augmented(1), two = augmented(2);
  EXPECT_EQ(different(one, 0, twin, 0), 0);
  EXPECT_GT(different(one, 0, one, 1), 55);
  EXPECT_GT(different(one, 0, two, 0), 55);
}

TEST(Augment, TakesEveryPlaceAndBothSidesEquallyOften) {
  const PadCrop crop({.pad = 1});
  std::map<std::tuple<int64_t, int64_t, bool>, int> seen;
  constexpr int kDraws = 36000;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const Augmentation::Sample sample{kSeed, i % 1000, i / 1000};
    const PadCrop::Draw draw = crop.draw(sample);
    ++seen[{draw.row, draw.column, Flip({}).draw(sample)}];
  }
  ASSERT_EQ(seen.size(), 18u);  // 3 rows, 3 columns, 2 sides
  const double expected = kDraws / 18.0;
  double chi_square = 0;
  for (const auto& [place, count] : seen) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 40.8);  // 17 degrees of freedom: 1 in 1000 seeds would be above
}

TEST(Augment, StacksOverAnother) {
  const auto base = counting_images({2, 1, 6, 6});
  const auto crop = std::make_shared<Augment>(base, parse_augmentations("pad-crop,pad=2"), 1);
  const Augment flip(crop, parse_augmentations("flip"), 2);
  for (uint64_t epoch = 0; epoch < 20; ++epoch)
    EXPECT_EQ(pixels_of(flip, 1, epoch), slowly(pixels_of(*crop, 1, epoch), {1, 6, 6}, {0, 0}, Flip({}).draw({2, 1, epoch}), {0, 0}, 0));
}

}  // namespace convscope
