/** Several ranks share the images of an attack out, and all of them come to what one alone finds. */

#include <unistd.h>

#include <atomic>
#include <mutex>

#include "convscope/attack/attack_log.h"
#include "convscope/attack/attack_testing.h"
#include "convscope/attack/trust.h"
#include "convscope/base/base_testing.h"
#include "convscope/ranks/ranks_testing.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_attack::expect_same;

using testing_subject::LinearSubject;

/** Of two images at once: a rank has three in hand, others come to it when it is done with these. */
struct TwoAtOnce : LinearSubject {
  using LinearSubject::LinearSubject;
  int64_t batch() const override { return 2; }
};

struct Scene {
  TwoAtOnce subject{{1, 6, 6}, 5, 4};  // each rank has its own
  Tensor x{{13, 1, 6, 6}};
  std::vector<int64_t> labels;

  Scene() {
    const RandomStream random(31, "shared images");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
    labels = predicted(subject, x);
    labels[3] = (labels[3] + 1) % 5;  // one that is wrong is left alone
  }
  AttackResult by(const std::string& attack, Ranks* ranks, AttackLog* log = nullptr, std::function<bool()> stop = {}) {
    return attacks()
        .make(parse_choice(attack))
        ->perform(subject, {x, labels, {}}, {}, std::vector{0.005, 0.02, 0.3}, {.stop = std::move(stop), .log = log, .ranks = ranks});
  }
};

constexpr const char* kAttacks[] = {"pgd,steps=9", "autoattack", "autoattack,individual=true", "fab-t,steps=10", "deepfool"};

TEST(SharedAttacks, FindOnEveryRankWhatOneAloneFinds) {
  for (const char* attack : kAttacks) {
    const AttackResult alone = Scene().by(attack, nullptr);
    for (const int size : {2, 3}) {
      std::mutex one_by_one;
      ThreadRanks::run(size, [&](Ranks& ranks) {
        const AttackResult shared = Scene().by(attack, &ranks);
        const std::lock_guard lock(one_by_one);
        SCOPED_TRACE(fmt::format("{}, rank {} of {}", attack, ranks.rank(), size));
        expect_same(shared, alone);
      });
    }
  }
}

TEST(SharedAttacks, ShareOutTheChecksOfAVerdict) {
  struct Counting : LinearSubject {
    using LinearSubject::LinearSubject;
    Slope slope(const Tensor& pictures, const Objective& objective, std::span<const int64_t> targets) override {
      slopes += pictures.shape()[0];
      return LinearSubject::slope(pictures, objective, targets);
    }
    int64_t slopes = 0;
  };
  const auto judged = [](Ranks* ranks, int64_t& slopes) {
    const Scene scene;
    Counting subject({1, 6, 6}, 5, 4);
    const auto pgd = attacks().make(parse_choice("pgd,steps=9"));
    const AttackedImages images{scene.x, scene.labels, {}};
    AttackSettings settings;
    settings.ranks = ranks;
    const AttackResult result = pgd->perform(subject, images, {}, std::vector{0.02}, settings);
    const int64_t before = subject.slopes;
    TrustOptions options;
    options.steps = 20;
    options.restarts = 2;
    options.queries = 50;
    const TrustReport report = judge_robustness(*pgd, subject, images, result, settings, options);
    slopes = subject.slopes - before;
    return report;
  };
  int64_t all = 0;
  const TrustReport alone = judged(nullptr, all);
  ASSERT_GT(all, 0);
  std::mutex one_by_one;
  ThreadRanks::run(2, [&](Ranks& ranks) {
    int64_t mine = 0;
    const TrustReport report = judged(&ranks, mine);
    const std::lock_guard lock(one_by_one);
    EXPECT_LT(mine, all * 3 / 4) << "rank " << ranks.rank();
    EXPECT_EQ(report.verdict, alone.verdict);
    ASSERT_EQ(report.checks.size(), alone.checks.size());
    for (size_t i = 0; i < alone.checks.size(); ++i) EXPECT_EQ(report.checks[i].text, alone.checks[i].text);
  });
}

TEST(SharedAttacks, GoOnWithWhatIsKnownOnOtherRanks) {
  const TemporaryFolder folder;
  for (const char* attack : {"pgd,steps=9", "autoattack", "deepfool"}) {
    int64_t turns = 0, asked = 0;
    const auto count = [&] {
      ++turns;
      return false;
    };
    const AttackResult alone = Scene().by(attack, nullptr, nullptr, count);
    const Path file = folder / "log";
    {
      AttackLog log(file, attack, 5);
      EXPECT_THROW((void)Scene().by(attack, nullptr, &log, [&] { return ++asked > turns * 2 / 3; }), AttackStopped) << attack;
    }
    std::mutex one_by_one;
    ThreadRanks::run(2, [&](Ranks& ranks) {
      std::optional<AttackLog> log;
      if (ranks.is_root()) {
        log.emplace(file, attack, 5);
        EXPECT_GT(log->known(), 0) << attack;
      }
      const AttackResult shared = Scene().by(attack, &ranks, log ? &*log : nullptr);
      const std::lock_guard lock(one_by_one);
      SCOPED_TRACE(fmt::format("{}, rank {}", attack, ranks.rank()));
      expect_same(shared, alone);
    });
    // Everything is known now, whoever found it.
    AttackLog log(file, attack, 5);
    expect_same(Scene().by(attack, nullptr, &log, [] { return true; }), alone);
  }
}

TEST(SharedAttacks, EndTogetherAndKeepWhatAllHaveFound) {
  const TemporaryFolder folder;
  for (const int who : {0, 1}) {
    const AttackResult alone = Scene().by("autoattack", nullptr);
    const Path file = folder / fmt::format("log-{}", who);
    int64_t stops = 0;
    for (int64_t patience = 100;; patience *= 6) {
      std::atomic<int> stopped{0};
      ThreadRanks::run(2, [&](Ranks& ranks) {
        std::optional<AttackLog> log;
        if (ranks.is_root()) log.emplace(file, "question", 5);
        int64_t asked = 0;
        try {
          expect_same(Scene().by("autoattack", &ranks, log ? &*log : nullptr, [&] { return ranks.rank() == who && ++asked > patience; }),
                      alone);
        } catch (const AttackStopped&) {
          ++stopped;
        }
      });
      ASSERT_TRUE(stopped == 0 || stopped == 2) << "one of them ended alone";
      if (stopped == 0) break;
      ++stops;
    }
    EXPECT_GT(stops, 1);
    // Both ranks' images are known: nothing is left to do.
    AttackLog log(file, "question", 5);
    EXPECT_GE(log.known(), 12);
    expect_same(Scene().by("autoattack", nullptr, &log, [] { return true; }), alone);
  }
}

}  // namespace
}  // namespace convscope
