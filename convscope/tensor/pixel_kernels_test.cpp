#include "convscope/tensor/pixel_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace convscope {
namespace {

/** Bytes that look like no pattern. */
std::vector<uint8_t> bytes(int64_t count, uint32_t seed) {
  std::vector<uint8_t> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(static_cast<uint8_t>((static_cast<uint32_t>(i) * 2654435761u + seed) >> 21));
  return all;
}

TEST(PixelKernels, WeighRowsAsTheSumSays) {
  constexpr int64_t kStride = 160, kMost = 9;
  const std::vector<uint8_t> from = bytes(kMost * kStride, 7);
  for (const int64_t width : {32, 96, 160})
    for (int64_t count = 1; count <= kMost; ++count) {
      std::vector<int32_t> weights(static_cast<size_t>(count), static_cast<int32_t>((1 << kWeightBits) / count));
      weights[0] += 3;  // a little more than 1 together: white stays 255
      std::vector<uint8_t> row(static_cast<size_t>(width));
      weigh_rows(from.data(), kStride, weights.data(), count, width, row.data());
      for (int64_t x = 0; x < width; ++x) {
        int64_t sum = 1 << (kWeightBits - 1);
        for (int64_t k = 0; k < count; ++k) sum += int64_t{weights[static_cast<size_t>(k)]} * from[static_cast<size_t>(k * kStride + x)];
        ASSERT_EQ(row[static_cast<size_t>(x)], std::min<int64_t>(sum >> kWeightBits, 255)) << count << " rows, place " << x;
      }
    }
}

TEST(PixelKernels, WhiteStaysWhite) {
  const std::vector<uint8_t> white(64, 255);
  const int32_t weights[] = {(1 << (kWeightBits - 1)) + 1, 1 << (kWeightBits - 1)};
  std::vector<uint8_t> row(32);
  weigh_rows(white.data(), 32, weights, 2, 32, row.data());
  EXPECT_EQ(row, std::vector<uint8_t>(32, 255));
}

TEST(PixelKernels, PartColoursOfAnyCount) {
  for (const int64_t count : {0, 1, 15, 16, 17, 63, 64, 65, 200}) {
    const std::vector<uint8_t> from = bytes(3 * count, 1);
    std::vector<uint8_t> to(static_cast<size_t>(3 * count));
    part_colours(from.data(), count, to.data());
    for (int64_t i = 0; i < count; ++i)
      for (int64_t c = 0; c < 3; ++c) ASSERT_EQ(to[static_cast<size_t>(c * count + i)], from[static_cast<size_t>(3 * i + c)]);
  }
}

}  // namespace
}  // namespace convscope
