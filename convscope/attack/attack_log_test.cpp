/** An attack that was stopped goes on to the same results. */

#include "convscope/attack/attack_log.h"

#include <algorithm>

#include "convscope/attack/attack_testing.h"
#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_attack::expect_same;
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
