#include "convscope/results/evaluation.h"

#include <gtest/gtest.h>

#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

constexpr double kPrinted = 0.5e-4;  // the source prints four digits

TEST(WilsonInterval, AgreesWithTheTableOfNewcombe1998) {
  struct Row {
    int64_t correct, total;
    double low, high;
  };
  for (const Row& r : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605}, Row{0, 20, 0.0, 0.1611}, Row{1, 29, 0.0061, 0.1718}}) {
    const auto [low, high] = wilson_interval(r.correct, r.total);
    EXPECT_NEAR(low, r.low, kPrinted) << r.correct << "/" << r.total;
    EXPECT_NEAR(high, r.high, kPrinted) << r.correct << "/" << r.total;
  }
}

TEST(WilsonInterval, EndsExactlyAtNoneAndAll) {
  EXPECT_EQ(wilson_interval(0, 7)[0], 0.0);
  EXPECT_EQ(wilson_interval(7, 7)[1], 1.0);
  EXPECT_EQ(wilson_interval(0, 0), (std::array<double, 2>{0, 1}));
  EXPECT_THROW(wilson_interval(8, 7), Error);
}

TEST(Evaluation, CountsFromItsMatrix) {
  const Evaluation e = evaluation_of({{3, 1}, {2, 4}}, {"cat", "dog"});
  EXPECT_EQ(e.correct, 7);
  EXPECT_EQ(e.total, 10);
  EXPECT_EQ(e.accuracy, 0.7);
  EXPECT_EQ(e.accuracy_interval_95, wilson_interval(7, 10));
  EXPECT_THROW(evaluation_of({{3, 1}, {2}}, {"cat", "dog"}), Error);
  EXPECT_THROW(evaluation_of({{3}}, {"cat", "dog"}), Error);
}

TEST(Evaluation, ComesBackFromJson) {
  Evaluation e = evaluation_of({{3, 1}, {2, 4}}, {"cat", "dog"});
  e.loss = 0.25;
  const Json j = fields_to_json(e);
  EXPECT_FALSE(j.contains("top5_accuracy"));
  EXPECT_EQ(j.at("accuracy_interval_95").size(), 2u);
  const Evaluation back = record_from_json<Evaluation>(parse_json(j.dump(), "a test"), "x");
  EXPECT_EQ(back.confusion, e.confusion);
  EXPECT_EQ(back.classes, e.classes);
  EXPECT_EQ(back.loss, 0.25);
  EXPECT_TRUE(std::isnan(back.top5_accuracy));

  e.top5_accuracy = 0.99;
  EXPECT_EQ(record_from_json<Evaluation>(fields_to_json(e), "x").top5_accuracy, 0.99);
}

TEST(Evaluation, ThatContradictsItselfIsAnError) {
  Json j = fields_to_json(evaluation_of({{3, 1}, {2, 4}}, {"cat", "dog"}));
  j["correct"] = 8;
  EXPECT_THROW(record_from_json<Evaluation>(j, "x"), Error);
  j["correct"] = "many";
  EXPECT_THROW(record_from_json<Evaluation>(j, "x"), Error);
  j["correct"] = 7;
  j["accuracy_interval_95"] = {0.5};
  EXPECT_THROW(record_from_json<Evaluation>(j, "x"), Error);
  j["accuracy_interval_95"] = {0.5, 0.6};
  EXPECT_NO_THROW(record_from_json<Evaluation>(j, "x"));
  j["confusion"] = "none";
  EXPECT_THROW(record_from_json<Evaluation>(j, "x"), Error);
}

TEST(Evaluation, OfMoreSamplesThanCanBeCountedIsAnError) {
  Json j = fields_to_json(evaluation_of({{3, 1}, {2, 4}}, {"cat", "dog"}));
  j["confusion"] = {{std::numeric_limits<int64_t>::max(), 1}, {2, 4}};
  EXPECT_THROW(record_from_json<Evaluation>(j, "x"), Error);
}

TEST(Evaluation, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  const std::string text = fields_to_json(evaluation_of({{3, 1}, {2, 4}}, {"cat", "dog"})).dump();
  const Reader read = [](std::string_view damaged) { record_from_json<Evaluation>(parse_json(damaged, "x"), "x"); };
  EXPECT_NO_THROW(read(text));
  cut_everywhere(text, read);
  flip_bytes(text, read, 10'000, text.size());
}

}  // namespace
}  // namespace convscope
