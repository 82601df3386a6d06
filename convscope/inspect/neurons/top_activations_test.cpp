#include "convscope/inspect/neurons/top_activations.h"

#include <limits>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

/** Its node `maps` gives the image itself. */
class Mirror : public Subject {
 public:
  Shape image() const override { return {3, 4, 5}; }
  int64_t classes() const override { return 2; }
  int64_t batch() const override { return 4; }
  Tensor table(const Tensor& x, const Objective&) override { return Tensor({x.shape()[0], 2}); }
  Tensor activation(const Tensor& x, const std::string&) override { return x; }
  Shape shape(const std::string&) const override { return image(); }
  Slope slope(const Tensor&, const Objective&, std::span<const int64_t>) override { return {}; }
};

class Top : public ::testing::Test {
 protected:
  Top() : x({50, 3, 4, 5}), numbers(50) {
    const RandomStream random(2, "top");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = random.normal(static_cast<uint64_t>(i));
    std::iota(numbers.begin(), numbers.end(), 100);
  }
  void feed(TopActivations& top, int64_t piece) {
    for (int64_t first = 0; first < 50; first += piece) {
      const int64_t count = std::min(piece, 50 - first);
      Tensor part({count, 3, 4, 5}, std::span<const float>(x.data() + first * 60, static_cast<size_t>(count * 60)));
      top.see(part, std::span(numbers).subspan(static_cast<size_t>(first), static_cast<size_t>(count)));
    }
  }
  Mirror subject;
  Tensor x;
  std::vector<int64_t> numbers;
};

TEST_F(Top, AreTheLargestOfAllInOrderWhateverThePieces) {
  std::vector<float> largest(50);
  for (int64_t n = 0; n < 50; ++n) {
    const auto map = x.row(n).subspan(20, 20);
    largest[static_cast<size_t>(n)] = *std::max_element(map.begin(), map.end());
  }
  std::vector<float> sorted = largest;
  std::sort(sorted.rbegin(), sorted.rend());
  for (const int64_t piece : {7, 50}) {
    TopActivations top(subject, "maps", {1}, 6);
    feed(top, piece);
    const auto best = top.top(0);
    ASSERT_EQ(best.size(), 6u);
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(best[i].activation, sorted[i]);
      const Answer& a = best[i];
      EXPECT_EQ(x.row(a.image - 100)[static_cast<size_t>(20 + a.row * 5 + a.column)], a.activation);
    }
    EXPECT_EQ(top.seen(), 50);
  }
}

TEST_F(Top, OfAPositionLooksThereOnly) {
  const TopActivations::Position place{2, 3};
  TopActivations top(subject, "maps", {0, 2}, 1, &place);
  feed(top, 50);
  for (const size_t k : {0u, 1u}) {
    const Answer a = top.top(k)[0];
    EXPECT_EQ(a.row, 2);
    EXPECT_EQ(a.column, 3);
    for (int64_t n = 0; n < 50; ++n) EXPECT_LE(x.row(n)[k * 40 + 13], a.activation);
  }
}

TEST_F(Top, OfFewImagesAreAllOfThem) {
  TopActivations top(subject, "maps", {}, 80);
  feed(top, 50);
  EXPECT_EQ(top.channels().size(), 3u);
  EXPECT_EQ(top.top(2).size(), 50u);
}

TEST_F(Top, OfAChannelThatAnswersToLittleStandOutMost) {
  fill(x, 1);
  for (int64_t n = 0; n < 50; ++n) {
    x.row(n)[25] = n == 7 ? 9.0f : 2.0f;      // channel 1: one image
    x.row(n)[45] = n % 2 == 0 ? 9.0f : 2.0f;  // channel 2: every second
  }
  TopActivations top(subject, "maps", {}, 1);
  feed(top, 7);
  EXPECT_EQ(top.selectivity(0), 0);
  EXPECT_NEAR(top.selectivity(1), 7.0, 1e-9);  // (9 − 2.14) / 0.98
  EXPECT_NEAR(top.selectivity(2), 1.0, 1e-9);
}

TEST_F(Top, LeaveOutWhatIsNoNumber) {
  std::fill_n(x.row(3).begin(), 20, std::numeric_limits<float>::quiet_NaN());
  TopActivations top(subject, "maps", {0}, 80);
  feed(top, 50);
  EXPECT_EQ(top.top(0).size(), 49u);
}

TEST_F(Top, SayWhatDoesNotExist) {
  EXPECT_THROW_SAYING(TopActivations(subject, "maps", {3}, 1), "channels 0 to 2");
  const TopActivations::Position outside{4, 0};
  EXPECT_THROW_SAYING(TopActivations(subject, "maps", {0}, 1, &outside), "4 × 5 positions");
  EXPECT_THROW_SAYING(TopActivations(subject, "maps", {0}, 0), "at least one");
}

}  // namespace
}  // namespace convscope
