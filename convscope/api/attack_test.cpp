#include "convscope/api/attack.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "convscope/api/api_testing.h"
#include "convscope/api/evaluate.h"
#include "convscope/attack/attack.h"
#include "convscope/base/json_file.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

class AttacksIntoFolders : public ::testing::Test, protected SmallWorld {
 protected:
  AttackRecord attack(const std::string& method, const AttackOptions& options, const Setting& setting = {}) {
    return convscope::attack(network, parse_choice(method), pictures(), options, folder.path(), setting).record;
  }
  Path in(const AttackRecord& record, const std::string& file) { return attack_folder(folder.path(), record) / file; }

  TemporaryFolder folder;
};

TEST_F(AttacksIntoFolders, LeaveWhatTheRecordSays) {
  const AttackRecord record = attack("pgd,steps=10", {.epsilon = {0, 0.05}, .show = 2});
  EXPECT_EQ(record.total, kCount);
  EXPECT_EQ(record.attacked, 25);
  EXPECT_EQ(record.clean_accuracy, 25.0 / 30);
  EXPECT_EQ(record.curve[0].accuracy, record.clean_accuracy);
  EXPECT_LE(record.curve[1].accuracy, record.curve[0].accuracy);
  EXPECT_LE(record.curve[1].linf_max, static_cast<double>(0.05f));
  EXPECT_EQ(std::ssize(record.images), 25);
  const std::string table = read_file(in(record, record.csv));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 1 + kCount);
  EXPECT_NE(table.find("\n5,5,false,"), std::string::npos) << "the sixth image was wrong before";

  const std::string file = in(record, std::string(kAttackFile)).string();
  EXPECT_EQ(fields_to_json(record_from_json<AttackRecord>(read_json(file), file)), fields_to_json(record));
  const Tensor pictures = read_npy(in(record, record.pictures)), indices = read_npy(in(record, record.indices));
  EXPECT_EQ(pictures.shape(), (Shape{kCount, 1, 28, 28}));
  EXPECT_EQ(indices[7], 7);
  const AttackImage& first = record.images.front();
  Tensor png = to_tensor(read_image(in(record, first.result)));
  Tensor rounded({1, 1, 28, 28}, pictures.row(first.row));
  round_to_levels(rounded.span());
  EXPECT_EQ(max_difference(png, rounded), 0);
  EXPECT_TRUE(std::filesystem::exists(in(record, first.noise)) && std::filesystem::exists(in(record, first.clean)));
  EXPECT_TRUE(record.images[2].result.empty());
}

TEST_F(AttacksIntoFolders, CanBeOpenedAsADataSetWithTheFloatsThatWereJudged) {
  const SmallWorld fickle("deep");
  const AttackRecord record =
      convscope::attack(fickle.network, parse_choice("pgd,steps=10"), fickle.pictures(), {.epsilon = {0.2 / 255, 0.1}}, folder.path())
          .record;
  const std::string place = attack_folder(folder.path(), record).string();
  std::string told;
  Setting setting;
  setting.say = [&](std::string_view line) { told += line; };
  const Pictures again = choose_pictures({.data = place}, fickle.network, setting, 0);
  EXPECT_NE(told.find("30 pictures as floats: pgd,steps=10 of noise, test, against deep"), std::string::npos) << told;
  EXPECT_EQ(again.labels(), fickle.pictures().labels());
  EXPECT_EQ(again.samples(), fickle.pictures().samples());
  EXPECT_EQ(again.classes(), fickle.network.classes);
  const Evaluation e = evaluate(fickle.network, again);
  EXPECT_EQ(e.accuracy, record.robust_accuracy);
  EXPECT_LT(e.accuracy, record.clean_accuracy);
  EXPECT_EQ(max_difference(again.pixels(), read_npy(Path(place) / record.pictures)), 0);
}

TEST_F(AttacksIntoFolders, TellImagesThatWereWrongBeforeApart) {
  const AttackRecord record = attack("fgsm", {.epsilon = {20.0 / 255}, .independent = true});
  EXPECT_EQ(std::ssize(record.images), kCount);
  int64_t wrong = 0, reached = 0;
  for (const AttackImage& image : record.images) {
    wrong += image.outcome == "wrong before";
    reached += image.success;
    EXPECT_EQ(image.success, image.outcome == "reached");
    EXPECT_EQ(image.outcome == "wrong before", image.taken_for != image.from);
  }
  EXPECT_EQ(wrong, 5);
  EXPECT_EQ(reached, record.curve[0].successes);
  for (const char* file : {"pairs.csv", "classes.csv"}) EXPECT_TRUE(std::filesystem::exists(in(record, file))) << file;
}

TEST_F(AttacksIntoFolders, MeasureLengthsAndRanksOnlyWhereEveryImageWentAllSteps) {
  const SmallWorld fickle("deep");
  const auto made_by = [&](std::string_view method, bool independent) {
    return convscope::attack(fickle.network, parse_choice(method), fickle.pictures(), {.epsilon = {0.1}, .independent = independent})
        .record;
  };
  const AttackRecord early = made_by("pgd,steps=10", false), single = made_by("fgsm", false), whole = made_by("pgd,steps=10", true);
  ASSERT_GT(early.curve[0].successes, 0);
  const Json j = fields_to_json(early)["curve"][0];
  for (const char* key : {"top5_accuracy", "l2_mean", "l2_max"}) {
    ASSERT_TRUE(j.contains(key)) << key;
    EXPECT_TRUE(j[key].is_null()) << key;
  }
  for (const AttackRecord* r : {&single, &whole}) {
    EXPECT_TRUE(std::isfinite(r->curve[0].top5_accuracy)) << r->attack;
    EXPECT_GT(r->curve[0].l2_mean, 0) << r->attack;
  }
}

TEST_F(AttacksIntoFolders, SuitesThatWereStoppedGoOnToTheSameAnswer) {
  const AttackOptions options{.epsilon = {0.002, 0.01}, .limit = 12, .show = 2};
  const auto without_seconds = [](const AttackRecord& record) {
    Json j = fields_to_json(record);
    j.erase("seconds");
    for (Json& part : j["parts"]) part.erase("seconds");
    return j;
  };
  const AttackRecord whole = attack("autoattack", options);
  const std::string pictures = read_file(in(whole, whole.pictures));
  TemporaryFolder other;
  int64_t stops = 0, told = 0;
  for (int64_t patience = 60;; patience *= 2) {
    int64_t asked = 0;
    Setting setting;
    setting.stop = [&] { return ++asked > patience; };
    setting.say = [&](std::string_view line) { told += line.find("goes on where it was stopped") != std::string_view::npos; };
    try {
      const AttackRecord record =
          convscope::attack(network, parse_choice("autoattack"), this->pictures(), options, other.path(), setting).record;
      EXPECT_EQ(without_seconds(record), without_seconds(whole));
      const Path place = attack_folder(other.path(), record);
      EXPECT_EQ(read_file(place / record.pictures), pictures);
      EXPECT_FALSE(std::filesystem::exists(place / kUnfinishedAttack));
      break;
    } catch (const AttackStopped&) {
      ++stops;
    }
  }
  EXPECT_GT(stops, 0);
  EXPECT_GT(told, 0);
}

TEST_F(AttacksIntoFolders, GiveEveryAccuracyItsInterval) {
  const AttackRecord record = attack("fgsm", {.epsilon = {0.05}});
  const AttackPoint& p = record.curve[0];
  EXPECT_EQ(p.accuracy_8bit_interval_95, wilson_interval(std::llround(p.accuracy_8bit * kCount), kCount));
  EXPECT_EQ(p.top5_interval_95, wilson_interval(std::llround(p.top5_accuracy * kCount), kCount));
  for (const AttackClass& c : record.classes) {
    const auto right =
        std::count_if(record.images.begin(), record.images.end(), [&](const AttackImage& i) { return i.from == c.name && i.to == i.from; });
    EXPECT_EQ(c.accuracy[0], static_cast<double>(right) / static_cast<double>(c.total)) << "what was wrong before is wrong, and counts";
    EXPECT_EQ(c.accuracy_interval_95[0], wilson_interval(right, c.total));
  }
}

TEST_F(AttacksIntoFolders, TellWhereEightBitsLeaveTheBall) {
  const AttackRecord record = attack("fgsm", {.epsilon = {0.8 / 255, 2.0 / 255}, .independent = true});
  EXPECT_EQ(record.curve[0].outside_8bit, kCount);
  EXPECT_NEAR(record.curve[0].linf_max_8bit, 1.0 / 255, 1e-6);
  EXPECT_EQ(record.curve[1].outside_8bit, 0);
}

TEST_F(AttacksIntoFolders, ShowTheGradientImageItselfAndNotTheImagesNegative) {
  const AttackRecord record = attack("gradient-image", {.epsilon = {0.01}, .independent = true});
  const AttackImage& first = record.images.front();
  EXPECT_EQ(record.gain, 50);
  EXPECT_NEAR(first.linf, 0.01, 1e-6);
  const Tensor shown = to_tensor(read_image(in(record, first.noise))), pictures = read_npy(in(record, record.pictures));
  for (int64_t i = 0; i < shown.size(); ++i) ASSERT_NEAR(shown[i], 0.5f + 50 * pictures[first.row * 784 + i], 0.003);
  EXPECT_LT(*std::min_element(pictures.data(), pictures.data() + pictures.size()), 0) << "as published";
  const AttackImage& wrong = record.images[5];
  EXPECT_NE(wrong.taken_for, wrong.from) << "the sixth image was wrong before";
}

TEST_F(AttacksIntoFolders, FindTheSameWithAnyBatch) {
  const AttackRecord some = attack("pgd,steps=6", {.epsilon = {0.01, 0.05}, .batch = 4});
  const Tensor x = read_npy(in(some, some.pictures));
  const AttackRecord more = attack("pgd,steps=6", {.epsilon = {0.01, 0.05}, .batch = 32});
  EXPECT_EQ(max_difference(read_npy(in(more, more.pictures)), x), 0);
  ASSERT_EQ(more.images.size(), some.images.size());
  for (size_t i = 0; i < more.images.size(); ++i) {
    const AttackImage &a = more.images[i], &b = some.images[i];
    EXPECT_EQ(std::tie(a.index, a.to, a.success, a.iterations, a.linf, a.l2),
              std::tie(b.index, b.to, b.success, b.iterations, b.linf, b.l2));
    EXPECT_NEAR(a.confidence, b.confidence, 1e-6) << "sums of other batches may differ in the last digit";
  }
}

TEST_F(AttacksIntoFolders, FindTheSameWithoutAFolder) {
  const AttackRecord kept = attack("pgd,steps=6", {.epsilon = {0.01, 0.05}});
  const Attacked loose = convscope::attack(network, parse_choice("pgd,steps=6"), pictures(), {.epsilon = {0.01, 0.05}});
  EXPECT_EQ(max_difference(read_npy(in(kept, kept.pictures)), loose.pictures), 0);
  EXPECT_EQ(loose.images.size(), kCount);
  EXPECT_TRUE(loose.record.pictures.empty() && loose.record.images.front().result.empty());
}

TEST_F(AttacksIntoFolders, DrawTheSameImagesInAnyOrderOfThem) {
  const AttackOptions drawn{.epsilon = {0.05}, .limit = 5, .draw = true};
  std::vector<int64_t> backwards(kCount);
  for (int64_t n = 0; n < kCount; ++n) backwards[static_cast<size_t>(n)] = kCount - 1 - n;
  const Attacked one = convscope::attack(network, {"fgsm"}, pictures(), drawn);
  const Attacked other = convscope::attack(network, {"fgsm"}, pictures().at(backwards), drawn);
  EXPECT_EQ(one.images.numbers(), other.images.numbers());
  EXPECT_FALSE(std::is_sorted(one.images.numbers().begin(), one.images.numbers().end()));
}

TEST_F(AttacksIntoFolders, LeaveFiguresAndNoArraysWhereNobodyWantsThem) {
  const AttackRecord record = attack("fgsm", {.epsilon = {0.05}, .show = 2, .arrays = false});
  for (const char* file : {"sheet.png", "sheet.svg", "robustness-curve.svg", "robustness-curve.png", "robustness-curve.csv"})
    EXPECT_TRUE(std::filesystem::exists(in(record, file))) << file;
  EXPECT_TRUE(record.pictures.empty() && record.csv.empty());
  EXPECT_FALSE(std::filesystem::exists(in(record, "pictures.npy")));
}

TEST_F(AttacksIntoFolders, ReachEveryOtherClassFromImagesThatAreRight) {
  AttackRecord record = attack("descent,iterations=30,confidence=0.2", {.target = "each", .limit = 1});
  EXPECT_EQ(record.total % 6, 0);
  EXPECT_EQ(record.attacked, record.total);
  int64_t attempts = 0;
  for (const AttackPair& pair : record.pairs) {
    EXPECT_NE(pair.from, pair.to);
    attempts += pair.attempts;
  }
  EXPECT_EQ(attempts, record.total);
  EXPECT_FALSE(record.bounded);
  EXPECT_TRUE(std::filesystem::exists(in(record, "pairs.svg")));
  EXPECT_FALSE(record.images.front().result.empty());
}

TEST_F(AttacksIntoFolders, ReachTheConfidenceThatIsAskedFor) {
  EXPECT_EQ(attack("descent,iterations=1", {.target = "a", .limit = 1}).confidence, 0.95) << "as the attack likes";
  EXPECT_EQ(attack("descent,iterations=1", {.target = "a", .limit = 1, .confidence = 0.5}).confidence, 0.5);
  EXPECT_EQ(attack("descent,iterations=1", {.target = "a", .limit = 1, .confidence = 0}).confidence, 0) << "any";
}

TEST_F(AttacksIntoFolders, TellApartThatThereIsNothingToAttack) {
  EXPECT_THROW(attack("descent", {.target = "a", .min_confidence = 0.9999999}), NothingToAttack);
}

TEST(AttackOptions, AreCheckedBeforeAnythingIsRead) {
  const Choice fgsm{"fgsm"};
  check_attack(fgsm, {.epsilon = {0, 1}});
  EXPECT_THROW(check_attack(fgsm, {}), WrongUse);
  EXPECT_THROW_SAYING(check_attack(fgsm, {.epsilon = {-0.1}}), "below 0");
  EXPECT_THROW_SAYING(check_attack(fgsm, {.epsilon = {0.1}, .limit = -1}), "`limit` -1");
  EXPECT_THROW_SAYING(check_attack(fgsm, {.epsilon = {0.1}, .min_confidence = 1}), "`min_confidence` 1");
  EXPECT_THROW_SAYING(check_attack(fgsm, {.epsilon = {0.1}, .show = -1}), "`show` -1");
  EXPECT_THROW_SAYING(check_attack(fgsm, {.epsilon = {0.1}, .gain = -1}), "`gain` -1");
  EXPECT_THROW_SAYING(check_attack(fgsm, {.epsilon = {0.1}, .batch = -1}), "`batch` -1");
  EXPECT_THROW_SAYING(check_attack({"fgms"}, {.epsilon = {0.1}}), "did you mean 'fgsm'");
}

TEST_F(AttacksIntoFolders, SayWhatIsWrong) {
  EXPECT_THROW_SAYING(attack("pgd", {}), "`epsilon` is missing");
  EXPECT_THROW_SAYING(attack("pgd", {.epsilon = {2}}), "above 1");
  EXPECT_THROW_SAYING(attack("descent", {.target = "aa"}), "no class 'aa'");
  EXPECT_THROW_SAYING(attack("descent", {.target = "a", .source = "a"}), "are both 'a'");
  EXPECT_THROW_SAYING(attack("fgsm", {.epsilon = {0.1}, .min_confidence = 0.999}), "with a confidence of 0.999");
  EXPECT_THROW_SAYING(attack("descent", {.target = "a", .confidence = -0.5}), "`confidence` -0.5: a share from 0");
  EXPECT_THROW_SAYING(attack("descent", {.target = "a", .confidence = 1}), "`confidence` 1: a share from 0");
  Setting stopping;
  stopping.stop = [] { return true; };
  EXPECT_THROW_SAYING(attack("fgsm", {.epsilon = {0.1}}, stopping), "stopped");
  const Pictures unknown(pictures().pixels(), {}, network.classes, "files");
  EXPECT_THROW_SAYING(convscope::attack(network, {"fgsm"}, unknown, {.epsilon = {0.1}}), "nobody knows the classes");
}

}  // namespace
}  // namespace convscope
