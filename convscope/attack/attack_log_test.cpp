/** An attack that was stopped goes on to the same results. */

#include "convscope/attack/attack_log.h"

#include <algorithm>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;

struct Scene {
  LinearSubject subject{{1, 6, 6}, 5, 4};
  Tensor x{{12, 1, 6, 6}};
  std::vector<int64_t> labels;
  Path file = ::testing::TempDir() + "attack-log-" + std::to_string(::getpid());

  Scene() {
    const RandomStream random(31, "logged images");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
    labels = predicted(subject, x);
    std::filesystem::remove(file);
  }
  AttackResult by(const std::string& attack, AttackLog* log, std::function<bool()> stop = {}) {
    return attacks()
        .make(parse_choice(attack))
        ->perform(subject, {x, labels, {}}, {}, std::vector{0.005, 0.02, 0.3}, {.stop = std::move(stop), .log = log});
  }
};

void expect_same(const AttackResult& a, const AttackResult& b) {
  EXPECT_EQ(max_difference(a.x, b.x), 0);
  EXPECT_EQ(a.slopes, b.slopes);
  EXPECT_EQ(a.looks, b.looks);
  EXPECT_EQ(a.flat, b.flat);
  EXPECT_EQ(a.nearest, b.nearest);
  for (size_t e = 0; e < a.radius.size(); ++e)
    for (size_t n = 0; n < a.clean.size(); ++n) {
      const Outcome &one = a.radius[e][n], &other = b.radius[e][n];
      EXPECT_EQ(std::tuple(one.exact.predicted, one.exact.confidence, one.exact.success, one.png.predicted, one.linf, one.l2, one.l1),
                std::tuple(other.exact.predicted, other.exact.confidence, other.exact.success, other.png.predicted, other.linf, other.l2,
                           other.l1));
      EXPECT_EQ(std::tuple(one.epsilon, one.iterations, one.whole), std::tuple(other.epsilon, other.iterations, other.whole));
    }
  ASSERT_EQ(a.parts.size(), b.parts.size());
  for (size_t part = 0; part < a.parts.size(); ++part) {
    EXPECT_EQ(a.parts[part].right, b.parts[part].right);
    EXPECT_EQ(a.parts[part].slopes, b.parts[part].slopes);
    EXPECT_EQ(a.parts[part].looks, b.parts[part].looks);
  }
}

TEST(AttackLogs, LetAnAttackThatWasStoppedGoOnToTheSameResults) {
  for (const char* attack : {"autoattack", "autoattack,individual=true", "fab-t,steps=10", "pgd,steps=9"}) {
    Scene scene;
    const AttackResult whole = scene.by(attack, nullptr);
    int64_t stops = 0, known = 0;
    for (int64_t patience = 60;; patience *= 2) {
      AttackLog log(scene.file, "question", 5);
      EXPECT_GE(log.known(), known);
      known = log.known();
      int64_t asked = 0;
      try {
        expect_same(scene.by(attack, &log, [&] { return ++asked > patience; }), whole);
        break;
      } catch (const AttackStopped& e) {
        EXPECT_NE(std::string(e.what()).find("is kept"), std::string::npos);
        ++stops;
      }
    }
    EXPECT_GT(stops, attack[0] == 'a' ? 2 : -1) << attack;
    EXPECT_GT(known, attack[0] == 'a' ? 12 : -1) << attack;
    AttackLog log(scene.file, "question", 5);
    EXPECT_GE(log.known(), 12);
    const AttackResult again = scene.by(attack, &log, [] { return true; });  // nothing is left to ask
    expect_same(again, whole);
  }
}

TEST(AttackLogs, OfAnotherQuestionAreReplaced) {
  Scene scene;
  {
    AttackLog log(scene.file, "question", 5);
    scene.by("pgd,steps=9", &log);
  }
  EXPECT_EQ(AttackLog(scene.file, "question", 5).known(), 12);
  EXPECT_EQ(AttackLog(scene.file, "another question", 5).known(), 0);
  EXPECT_EQ(AttackLog(scene.file, "question", 5).known(), 0);
}

TEST(AttackLogs, ThatAreDamagedGiveTheirWholeEntries) {
  Scene scene;
  {
    AttackLog log(scene.file, "question", 5);
    scene.by("pgd,steps=9", &log);
  }
  const AttackResult whole = scene.by("pgd,steps=9", nullptr);
  const std::string bytes = read_file(scene.file);
  const auto read = [&](std::string_view damaged) {
    write_file(scene.file, damaged);
    AttackLog log(scene.file, "question", 5);
    EXPECT_LE(log.known(), 12);
    if (damaged.size() % 101 == 0) expect_same(scene.by("pgd,steps=9", &log), whole);
  };
  cut_everywhere(bytes, read);
  flip_bytes(bytes, read, 300);
}

}  // namespace
}  // namespace convscope
