#include "convscope/base/threads.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "convscope/base/base_testing.h"
#include "convscope/base/error.h"

namespace convscope {
namespace {

/** Each law holds for any count of threads; the one that was set comes back afterwards. */
class Parallel : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_threads(GetParam()); }
  void TearDown() override { set_threads(before_); }

 private:
  const int before_ = threads();
};

TEST_P(Parallel, CoversEveryIndexOnce) {
  for (const int64_t count : {0, 1, 2, 3, 7, 64, 1000}) {
    for (const int64_t at_least : {0, 1, 10, 5000}) {
      std::vector<std::atomic<int>> seen(static_cast<size_t>(count));
      parallel(count, at_least, [&](int64_t begin, int64_t end) {
        EXPECT_LT(begin, end);
        for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
      });
      for (const auto& times : seen) EXPECT_EQ(times, 1) << count << " at least " << at_least;
    }
  }
}

TEST_P(Parallel, AnExceptionInABodyComesBack) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW_SAYING(parallel(100, 1, [](int64_t, int64_t) { fail("from inside"); }), "from inside");
    EXPECT_THROW_SAYING(parallel(100, 1, [](int64_t, int64_t end) { require(end != 100, "the last piece"); }), "the last piece");
  }
}

TEST_P(Parallel, InsideAnotherRunsInOnePiece) {
  std::atomic<int> pieces = 0, outer = 0;
  parallel(100, 1, [&](int64_t, int64_t) {
    ++outer;
    parallel(100, 1, [&](int64_t begin, int64_t end) {
      EXPECT_EQ(begin, 0);
      EXPECT_EQ(end, 100);
      ++pieces;
    });
  });
  EXPECT_EQ(pieces, outer);
}

TEST_P(Parallel, SmallWorkStaysInOnePiece) {
  std::atomic<int> pieces = 0;
  parallel(100, 51, [&](int64_t, int64_t) { ++pieces; });
  EXPECT_EQ(pieces, 1);
}

TEST_P(Parallel, PiecesDependOnTheCountOfThreadsAlone) {
  const auto pieces = [] {
    std::mutex lock;
    std::vector<std::pair<int64_t, int64_t>> all;
    parallel(1000, 1, [&](int64_t begin, int64_t end) {
      const std::lock_guard guard(lock);
      all.emplace_back(begin, end);
    });
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto first = pieces();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pieces(), first);
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, testing::Values(1, 2, 5));

TEST(Threads, AreAtLeastOneAndNoMoreThanTheProgramMayHave) {
  const int before = threads();
  set_threads(0);
  EXPECT_EQ(threads(), 1);
  set_threads(3);
  EXPECT_EQ(threads(), std::min(3, omp_get_thread_limit()));
  set_threads(before);
}

}  // namespace
}  // namespace convscope
