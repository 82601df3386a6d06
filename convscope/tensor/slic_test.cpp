#include "convscope/tensor/slic.h"

#include <set>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/tensor/tensor.h"

namespace convscope {
namespace {

/** Pieces of each label that can be walked through without leaving it. */
int64_t pieces(const Superpixels& cut, int64_t rows, int64_t columns) {
  std::vector<bool> seen(cut.label.size());
  int64_t count = 0;
  for (size_t first = 0; first < seen.size(); ++first) {
    if (seen[first]) continue;
    ++count;
    std::vector<int64_t> open{static_cast<int64_t>(first)};
    seen[first] = true;
    while (!open.empty()) {
      const int64_t pixel = open.back(), row = pixel / columns, column = pixel % columns;
      open.pop_back();
      for (const auto& [i, j] :
           {std::pair(row - 1, column), std::pair(row + 1, column), std::pair(row, column - 1), std::pair(row, column + 1)}) {
        if (i < 0 || j < 0 || i >= rows || j >= columns) continue;
        const auto at = static_cast<size_t>(i * columns + j);
        if (seen[at] || cut.label[at] != cut.label[first]) continue;
        seen[at] = true;
        open.push_back(static_cast<int64_t>(at));
      }
    }
  }
  return count;
}

TEST(Slic, KeepsToAnEdgeOfColours) {
  Tensor x({3, 24, 24});
  for (int64_t i = 0; i < 24; ++i)
    for (int64_t j = 0; j < 24; ++j) x[(j < 11 ? 0 : 2) * 576 + i * 24 + j] = 0.9f;  // red | blue, the edge beside the grid's
  const Superpixels cut = slic(x.span(), x.shape(), {.segments = 16});
  EXPECT_NEAR(static_cast<double>(cut.count), 16, 4);
  std::set<int64_t> left, right;
  for (size_t i = 0; i < cut.label.size(); ++i) (i % 24 < 11 ? left : right).insert(cut.label[i]);
  for (const int64_t label : left) EXPECT_FALSE(right.contains(label)) << label;
}

TEST(Slic, GivesConnectedPiecesThatAreNumberedAsTheyAreMet) {
  const RandomStream random(4, "noise");
  for (const int64_t channels : {1, 2, 3}) {
    Tensor x({channels, 20, 31});
    for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
    const Superpixels cut = slic(x.span(), x.shape(), {.segments = 20});
    EXPECT_EQ(pieces(cut, 20, 31), cut.count);
    int64_t next = 0;
    for (const int64_t label : cut.label) {
      EXPECT_LE(label, next);
      next = std::max(next, label + 1);
    }
    EXPECT_EQ(next, cut.count);
  }
}

TEST(Slic, OfOneColourIsTheGrid) {
  const Tensor x({1, 16, 16});
  const Superpixels cut = slic(x.span(), x.shape(), {.segments = 16});
  ASSERT_EQ(cut.count, 16);
  std::vector<int64_t> sizes(16);
  for (const int64_t label : cut.label) ++sizes[static_cast<size_t>(label)];
  for (const int64_t size : sizes) EXPECT_NEAR(static_cast<double>(size), 16, 9);
}

TEST(Slic, RefusesWhatIsNoImage) {
  const Tensor x({1, 16, 16});
  EXPECT_THROW_SAYING(slic(x.span(), {16, 16}, {}), "[C, H, W] was wanted");
  EXPECT_THROW_SAYING(slic(x.span(), x.shape(), {.segments = 0}), "above 0");
}

}  // namespace
}  // namespace convscope
