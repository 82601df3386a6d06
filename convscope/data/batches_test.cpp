#include "convscope/data/batches.h"

#include <algorithm>

#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

TEST(Order, IsTheDataSetsOwnWithoutShuffling) { EXPECT_EQ(Order(4, false, 1).indices(7), (std::vector<int64_t>{0, 1, 2, 3})); }

TEST(Order, TakesEverySampleOnceAndChangesWithEpochAndSeed) {
  const Order order(100, true, 1);
  std::vector<int64_t> sorted = order.indices(0);
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, Order(100, false, 1).indices(0));
  EXPECT_EQ(order.indices(3), Order(100, true, 1).indices(3)) << "without having drawn the epochs before";
  EXPECT_NE(order.indices(0), order.indices(1));
  EXPECT_NE(order.indices(0), Order(100, true, 2).indices(0));
}

TEST(Batches, KeepOrDropAnUnfilledLastOne) {
  const Batches kept(Order(10, false, 0).indices(0), 4), dropped(Order(10, false, 0).indices(0), 4, LastBatch::drop);
  ASSERT_EQ(kept.count(), 3);
  EXPECT_EQ(kept[2].size(), 2u);
  EXPECT_EQ(kept[2][1], 9);
  ASSERT_EQ(dropped.count(), 2);
  EXPECT_EQ(dropped[1].front(), 4);
  EXPECT_EQ(dropped[1].size(), 4u);
  EXPECT_EQ(Batches(Order(8, false, 0).indices(0), 4).count(), 2);
  EXPECT_EQ(Batches(Order(3, false, 0).indices(0), 4).count(), 1);
  EXPECT_EQ(Batches(Order(3, false, 0).indices(0), 4, LastBatch::drop).count(), 0);
  EXPECT_NE(error_of([] { Batches({0, 1}, 0); }), "");
}

TEST(Batches, AreReadWithTheirLabelsAndNumbers) {
  const auto dataset = counting_images({70, 1, 32, 32}, 7);
  const std::vector<int64_t> indices = Order(70, true, 5).indices(0);
  std::vector<float> pixels(70 * 1024), labels(70);
  std::vector<int64_t> numbers(70);
  read_batch(*dataset, indices, 0, pixels, labels, numbers);
  for (size_t n = 0; n < 70; ++n) {
    const auto image = pixels_of(*dataset, indices[n]);
    EXPECT_TRUE(std::equal(image.begin(), image.end(), pixels.begin() + static_cast<int64_t>(n) * 1024));
    EXPECT_EQ(labels[n], static_cast<float>(indices[n] % 7));
    EXPECT_EQ(numbers[n], indices[n]);
  }
  read_batch(*dataset, {}, 0, {}, {}, {});
}

TEST(Batches, RefuseSamplesThatAreNotThereAndRoomThatDoesNotFit) {
  const auto dataset = counting_images({3, 1, 2, 2});
  std::vector<float> pixels(8), labels(2);
  const auto refusal = [&](std::vector<int64_t> indices) {
    return error_of([&] { read_batch(*dataset, indices, 0, pixels, labels, {}); });
  };
  EXPECT_EQ(refusal({0, 2}), "");
  EXPECT_TRUE(says(refusal({0, 3}), {"no sample 3", "has 3"}));
  EXPECT_TRUE(says(refusal({-1, 0}), {"no sample -1"}));
  EXPECT_TRUE(says(refusal({0}), {"1 images [1, 2, 2]", "8 pixels, 2 labels"}));
}

}  // namespace convscope
