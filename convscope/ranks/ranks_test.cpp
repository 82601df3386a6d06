#include "convscope/ranks/ranks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/ranks_testing.h"

namespace convscope {
namespace {

class SoManyRanks : public testing::TestWithParam<int> {};

TEST_P(SoManyRanks, HearWhatTheRootSays) {
  ThreadRanks::run(GetParam(), [](Ranks& ranks) {
    const std::string said = fmt::format("rank {}", ranks.rank());
    for (const std::string& word : {said, std::string(), std::string(100'000, 'x')}) {
      const std::string heard = ranks.from_root(word);
      EXPECT_EQ(heard, word == said ? "rank 0" : word);
    }
  });
}

TEST_P(SoManyRanks, HearEachOtherByTheirNumbers) {
  ThreadRanks::run(GetParam(), [](Ranks& ranks) {
    for (int round = 0; round < 3; ++round) {
      const std::vector<std::string> all = ranks.all_gather(std::string(static_cast<size_t>(ranks.rank() * round), 'a'));
      ASSERT_EQ(std::ssize(all), ranks.size());
      for (size_t from = 0; from < all.size(); ++from) EXPECT_EQ(all[from].size(), from * static_cast<size_t>(round));
      EXPECT_EQ(ranks.gather("b").size(), ranks.is_root() ? all.size() : 0u);
    }
  });
}

TEST_P(SoManyRanks, ExchangeNumbersWithEachOther) {
  ThreadRanks::run(GetParam(), [](Ranks& ranks) {
    // Two messages between each pair, in the order in which they were sent.
    std::vector<std::vector<float>> mine, theirs;
    std::vector<Ranks::Outgoing> out;
    std::vector<Ranks::Incoming> in;
    for (int other = 0; other < ranks.size(); ++other)
      for (int part = 0; part < 2; ++part) {
        mine.push_back(std::vector<float>(static_cast<size_t>(3 + part), static_cast<float>(100 * ranks.rank() + 10 * other + part)));
        theirs.push_back(std::vector<float>(static_cast<size_t>(3 + part)));
      }
    for (size_t i = 0; i < mine.size(); ++i) {
      const int other = static_cast<int>(i / 2);
      if (other == ranks.rank()) continue;
      out.push_back({other, bytes_of(std::span<const float>(mine[i]))});
      in.push_back({other, room_of(std::span<float>(theirs[i]))});
    }
    ranks.exchange(out, in);
    for (size_t i = 0; i < theirs.size(); ++i) {
      const int other = static_cast<int>(i / 2);
      if (other == ranks.rank()) continue;
      EXPECT_EQ(theirs[i].back(), static_cast<float>(100 * other + 10 * ranks.rank()) + static_cast<float>(i % 2));
    }
  });
}

TEST_P(SoManyRanks, LeaveABarrierOnlyWhenAllHaveCome) {
  std::atomic<int> here{0};
  ThreadRanks::run(GetParam(), [&](Ranks& ranks) {
    ++here;
    ranks.barrier();
    EXPECT_EQ(here, ranks.size());
  });
}

TEST_P(SoManyRanks, DoEachPieceOnceAndTheRootTakesThemInOrder) {
  std::atomic<int> done{0};
  std::vector<int64_t> order;
  std::string all;
  ThreadRanks::run(GetParam(), [&](Ranks& ranks) {
    in_order(
        ranks, 11,
        [&](int64_t piece) {
          ++done;
          return std::string(static_cast<size_t>(piece), 'x') + std::to_string(piece);
        },
        [&](int64_t piece, std::string_view bytes) {
          EXPECT_TRUE(ranks.is_root());
          order.push_back(piece);
          all += bytes;
        });
  });
  std::string wanted;
  for (int piece = 0; piece < 11; ++piece) wanted += std::string(static_cast<size_t>(piece), 'x') + std::to_string(piece);
  std::vector<int64_t> ascending(11);
  std::iota(ascending.begin(), ascending.end(), 0);
  EXPECT_EQ(done, 11);
  EXPECT_EQ(order, ascending);
  EXPECT_EQ(all, wanted);
}

INSTANTIATE_TEST_SUITE_P(Ranks, SoManyRanks, testing::Values(1, 2, 3, 4, 7));

TEST(Ranks, AloneIsARunOfOneRank) {
  const auto ranks = alone();
  EXPECT_EQ(ranks->size(), 1);
  EXPECT_TRUE(ranks->is_root());
  EXPECT_FALSE(ranks->launched());
  EXPECT_EQ(ranks->from_root("word"), "word");
  EXPECT_EQ(ranks->all_gather("word"), std::vector<std::string>{"word"});
  ranks->barrier();
}

TEST(Ranks, OneThatIsUnlikeTheRootIsNamed) {
  const auto agree = [](const std::string& odd) {
    ThreadRanks::run(3, [&](Ranks& ranks) {
      const SharedFact facts[] = {{"the colour", "red"}, {"the version", ranks.rank() == 2 ? odd : "1.0"}};
      require_alike(ranks, facts);
    });
  };
  agree("1.0");
  EXPECT_THROW_SAYING(agree("1.1"), "rank 2 on ");
  EXPECT_THROW_SAYING(agree("1.1"), "the version is 1.1, that of rank 0 on ");
}

TEST(Ranks, OneThatFailsEndsTheOthersOfATest) {
  EXPECT_THROW_SAYING(ThreadRanks::run(2,
                                       [](Ranks& ranks) {
                                         if (ranks.rank() == 1) fail("rank 1 cannot go on");
                                         (void)ranks.receive(1);
                                       }),
                      "rank 1 cannot go on");
}

}  // namespace
}  // namespace convscope
