#include "convscope/results/attack_record.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

AttackRecord attacked() {
  AttackRecord record;
  record.attack = "pgd";
  record.pictures = "pictures.npy";
  record.curve.push_back({.epsilon = 0.01, .accuracy = 0.25, .success_rate = 0.7});
  record.classes.push_back({.name = "frog",
                            .total = 3,
                            .correct = 2,
                            .clean_accuracy = 0.5,
                            .accuracy = {0.5},
                            .accuracy_interval_95 = {{0.1, 0.9}},
                            .success_rate = {0.5}});
  record.pairs.push_back({.from = "frog", .to = "cat", .attempts = 2, .successes = 1, .rate = 0.5});
  record.images.push_back({.index = 7, .from = "frog", .to = "cat, tabby", .result = "00007-result.png"});
  return record;
}

TEST(AttackRecords, ComeBackAsTheyWere) {
  const Json j = fields_to_json(attacked());
  const AttackRecord back = record_from_json<AttackRecord>(j, "here");
  EXPECT_EQ(fields_to_json(back), j);
  EXPECT_EQ(back.curve[0].success_rate, 0.7);
}

TEST(AttackRecords, DoNotLeadElsewhere) {
  for (const char* key : {"clean", "noise", "result"}) {
    Json j = fields_to_json(attacked());
    j["images"][0][key] = "../../secret.png";
    EXPECT_THROW_SAYING(record_from_json<AttackRecord>(j, "here"), "does not lie beside it");
  }
  Json j = fields_to_json(attacked());
  j["pictures"] = "/etc/passwd";
  EXPECT_THROW_SAYING(record_from_json<AttackRecord>(j, "here"), "does not lie beside it");
}

TEST(AttackRecords, HaveAnAccuracyOfEachClassForEachPoint) {
  Json j = fields_to_json(attacked());
  j["classes"][0]["accuracy"] = json_list();
  EXPECT_THROW_SAYING(record_from_json<AttackRecord>(j, "here"), "class 'frog' has 0 accuracies");
}

TEST(AttackRecords, AreTablesOfPairsAndOfClasses) {
  EXPECT_EQ(attack_pairs_csv(attacked()), "from,to,attempts,successes,rate,iterations,linf,l2\n\"frog\",\"cat\",2,1,0.5,,,\n");
  EXPECT_EQ(attack_classes_csv(attacked()),
            "class,total,correct,clean_accuracy,epsilon,accuracy,low,high,success_rate\n\"frog\",3,2,0.5,0.01,0.5,0.1,0.9,0.5\n");
}

TEST(AttackRecords, TellImagesThatWereWrongBeforeApart) {
  EXPECT_EQ(outcome_of({.from = "cat", .taken_for = "dog", .success = true}), "wrong before");
  EXPECT_EQ(outcome_of({.from = "cat", .taken_for = "cat", .success = true}), "reached");
  EXPECT_EQ(outcome_of({.from = "cat", .success = false}), "missed");
  EXPECT_EQ(outcome_of({.from = "cat", .taken_for = "cat", .outcome = "wrong before"}), "wrong before");
}

TEST(AttackRecords, AreReadOrRefusedWhereverTheyAreCutOrDamaged) {
  const std::string text = fields_to_json(attacked()).dump();
  const Reader read = [](std::string_view damaged) { record_from_json<AttackRecord>(parse_json(damaged, "x"), "x"); };
  EXPECT_NO_THROW(read(text));
  cut_everywhere(text, read);
  flip_bytes(text, read, 10'000, text.size());
}

TEST(AttackImages, AreATableWithQuotesWhereTheyAreNeeded) {
  const std::string csv = attack_images_csv(attacked().images);
  EXPECT_EQ(csv.substr(0, 24), "index,row,attacked,from,");
  EXPECT_NE(csv.find("\"cat, tabby\""), std::string::npos);
}

}  // namespace
}  // namespace convscope
