#include "convscope/ranks/mailbox.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "convscope/ranks/handout.h"
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
        std::vector<std::string> all;
        const auto take = [&](const Mailbox::Mail& mail) { all.push_back(mail.text); };
        const std::vector<Mailbox::Mail> came = mailbox.arrived();
        std::for_each(came.begin(), came.end(), take);
        EXPECT_FALSE(mailbox.finish(take, {}));
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
    EXPECT_TRUE(mailbox.finish([&](const Mailbox::Mail&) { ++came; }, [&] { return ++asked > 20; }));
    int64_t posted = 0;
    for (const std::string& count : ranks.all_gather("0")) posted += std::stoll(count);
    EXPECT_EQ(came, posted);
  });
}

TEST(Mailboxes, BringWhatTheRootTellsToWhomItTellsIt) {
  ThreadRanks::run(3, [](Ranks& ranks) {
    Mailbox mailbox(ranks);
    if (!ranks.is_root()) {
      std::vector<std::string> heard;
      while (heard.size() < 5) {
        EXPECT_FALSE(mailbox.was_told_to_stop());
        for (std::string& text : mailbox.told()) heard.push_back(std::move(text));
      }
      for (int i = 0; i < 5; ++i) EXPECT_EQ(heard[static_cast<size_t>(i)], text_of(ranks.rank(), i));
      EXPECT_FALSE(mailbox.close());
      return;
    }
    for (int i = 0; i < 5; ++i)
      for (const int rank : {1, 2}) mailbox.tell(rank, text_of(rank, i));
    EXPECT_FALSE(mailbox.finish([](const Mailbox::Mail&) {}, {}));
  });
}

TEST(Handouts, GiveMoreToWhoIsFaster) {
  constexpr int64_t kPieces = 60;
  for (const int size : {1, 2, 3}) {
    std::vector<int64_t> whose(kPieces, -1);
    ThreadRanks::run(size, [&](Ranks& ranks) {
      // The root's second piece lasts until all others are through with theirs.
      Mailbox mailbox(ranks);
      Handout handout(ranks, mailbox, kPieces, 2);
      int64_t mine = 0;
      const auto done = [&](int64_t piece) { whose[static_cast<size_t>(piece)] = ranks.rank(), ++mine; };
      if (!ranks.is_root()) {
        for (;;) {
          if (const auto piece = handout.next()) {
            done(*piece);
            mailbox.post("");
          } else if (handout.is_over()) {
            break;
          }
        }
        mailbox.close();
        return;
      }
      int64_t known = 0;
      const auto take = [&](const Mailbox::Mail& mail) { handout.done_by(mail.from), ++known; };
      const auto receive = [&] {
        const std::vector<Mailbox::Mail> came = mailbox.arrived();
        std::for_each(came.begin(), came.end(), take);
      };
      done(*handout.next());
      handout.done_by(0);
      while (size > 1 && known + mine + 2 < kPieces) receive();
      while (const auto piece = handout.next()) {
        done(*piece);
        handout.done_by(0);
      }
      EXPECT_LE(mine, size > 1 ? 4 : kPieces);
      mailbox.finish(take, {});
      EXPECT_EQ(known + mine, kPieces);
    });
    EXPECT_EQ(std::count(whose.begin(), whose.end(), -1), 0) << "each once";
  }
}

}  // namespace
}  // namespace convscope
