#include "convscope/base/machine.h"

#include <gtest/gtest.h>

#include <vector>

#include "convscope/base/timer.h"

namespace convscope {
namespace {

TEST(Machine, IsTheSameEachTimeAndHoldsTogether) {
  const Machine& m = machine();
  EXPECT_EQ(&m, &machine());
  EXPECT_GT(m.l2_bytes, 0);
}

TEST(ResidentBytes, GrowWithMemoryThatIsUsed) {
  constexpr int64_t kBig = 64 << 20;
  const int64_t before = resident_bytes();
  ASSERT_GT(before, 0);
  std::vector<char> block(kBig, 1);
  EXPECT_GE(resident_bytes(), before + kBig / 2);
  EXPECT_GE(peak_resident_bytes(), resident_bytes());
  EXPECT_EQ(block[kBig / 2], 1);
}

TEST(Timer, RunsForwards) {
  Timer timer;
  const double a = timer.seconds(), b = timer.seconds();
  EXPECT_GE(a, 0);
  EXPECT_GE(b, a);
  EXPECT_GE(timer.restart(), b);
}

}  // namespace
}  // namespace convscope
