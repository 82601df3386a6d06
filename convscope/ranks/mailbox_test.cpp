#include "convscope/ranks/mailbox.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "convscope/ranks/ranks_testing.h"

namespace convscope {
namespace {

/** Rank r posts r texts of several lengths, empty ones among them. */
std::string text_of(int rank, int number) {
  return std::string(static_cast<size_t>(number % 3 * 1000), 'x') + fmt::format("{}.{}", rank, number);
}

TEST(Mailboxes, BringEachTextOnceInTheOrderOfItsRank) {
  for (const int size : {1, 2, 4})
    ThreadRanks::run(size, [](Ranks& ranks) {
      for (int round = 0; round < 3; ++round) {
        Mailbox mailbox(ranks);
        if (!ranks.is_root()) {
          for (int i = 0; i < 10 * ranks.rank(); ++i) mailbox.post(text_of(ranks.rank(), i));
          mailbox.post("");
          EXPECT_FALSE(mailbox.close());
          continue;
        }
        std::vector<std::string> all = mailbox.arrived();
        EXPECT_FALSE(mailbox.finish([&](const std::string& text) { all.push_back(text); }, {}));
        size_t wanted = 0;
        for (int rank = 1; rank < ranks.size(); ++rank) {
          auto next = all.begin();
          for (int i = 0; i < 10 * rank; ++i) {
            next = std::find(next, all.end(), text_of(rank, i));
            ASSERT_NE(next, all.end()) << text_of(rank, i);
          }
          wanted += static_cast<size_t>(10 * rank) + 1;
        }
        EXPECT_EQ(all.size(), wanted);
        EXPECT_EQ(std::count(all.begin(), all.end(), ""), ranks.size() - 1);
      }
      ranks.barrier();  // other messages go on as if nothing had been
    });
}

TEST(Mailboxes, TellAllToStopAndLoseNothing) {
  ThreadRanks::run(3, [](Ranks& ranks) {
    Mailbox mailbox(ranks);
    if (!ranks.is_root()) {
      int posted = 0;
      while (!mailbox.was_told_to_stop()) mailbox.post(text_of(ranks.rank(), posted++ % 3));
      EXPECT_TRUE(mailbox.close());
      EXPECT_EQ(ranks.all_gather(std::to_string(posted)).size(), 3u);
      return;
    }
    int64_t came = 0, asked = 0;
    EXPECT_TRUE(mailbox.finish([&](const std::string&) { ++came; }, [&] { return ++asked > 20; }));
    int64_t posted = 0;
    for (const std::string& count : ranks.all_gather("0")) posted += std::stoll(count);
    EXPECT_EQ(came, posted);
  });
}

}  // namespace
}  // namespace convscope
