#include "convscope/results/prediction_sheet.h"

#include <gtest/gtest.h>

#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

/** The label is 0; the network says class 1 where `wrong` is above 0, surer for larger ones. */
PredictionSheet sheet_of(std::initializer_list<float> wrong, std::set<int64_t> shown, size_t mistakes) {
  SheetPicker picker({"cat", "dog"}, std::move(shown), mistakes);
  int64_t index = 0;
  for (const float w : wrong) picker.see(index++, 0, std::vector<float>{0, w});
  return picker.sheet();
}

std::vector<int64_t> indices(const std::vector<SheetEntry>& entries) {
  std::vector<int64_t> all;
  for (const SheetEntry& e : entries) all.push_back(e.index);
  return all;
}

TEST(PredictionSheet, HoldsTheImagesThatWereDrawnAndTheMostConfidentMistakes) {
  const PredictionSheet sheet = sheet_of({-1, 2, -3, 5, 1, 4, NAN, -2}, {0, 2, 6}, 3);
  EXPECT_EQ(sheet.total, 8);
  EXPECT_EQ(indices(sheet.first), (std::vector<int64_t>{0, 2, 6}));
  EXPECT_EQ(indices(sheet.mistakes), (std::vector<int64_t>{3, 5, 1}));
  EXPECT_NEAR(sheet.mistakes[0].confidence, 1 / (1 + std::exp(-5.0)), 1e-6);
  EXPECT_EQ(sheet.mistakes[0].top.at(0).name, "dog");
  EXPECT_EQ(sheet.mistakes[0].top.size(), 2u);
  EXPECT_TRUE(sheet_of({-1, -2}, {0}, 9).mistakes.empty());
  EXPECT_TRUE(sheet_of({1, 2}, {}, 0).first.empty());
}

TEST(PredictionSheet, ComesBackFromJson) {
  PredictionSheet sheet = sheet_of({-1, 2, 3}, {0, 1}, 2);
  sheet.network.name = "deep";
  sheet.data.name = "pets, test";
  sheet.first[0].picture = "0.png";
  const Json j = fields_to_json(sheet);
  EXPECT_EQ(fields_to_json(record_from_json<PredictionSheet>(parse_json(j.dump(), "text"), "sheet")), j);
}

TEST(PredictionSheet, ThatContradictsItselfIsAnError) {
  const Json good = fields_to_json(sheet_of({-1, 2, 3}, {0, 1}, 2));
  for (const char* bad :
       {R"({"label": 2})", R"({"label": -1})", R"({"predicted": 7})", R"({"picture": "../secret.png"})", R"({"picture": "/etc/passwd"})",
        R"({"picture": ".."})", R"({"confidence": "high"})", R"({"top": 3})", R"({"top": [3]})", R"({"nonsense": 1})"}) {
    Json j = good;
    j["first"][0].update(parse_json(bad, "a test"));
    EXPECT_THROW(record_from_json<PredictionSheet>(j, "sheet"), Error) << bad;
  }
  for (const char* bad : {"3", "[]", R"({"first": {}})", R"({"classes": [1]})", R"({"mistakes": [1]})"})
    EXPECT_THROW(record_from_json<PredictionSheet>(parse_json(bad, "a test"), "sheet"), Error) << bad;
}

TEST(PredictionSheet, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  const std::string text = fields_to_json(sheet_of({-1, 2, 3}, {0, 1}, 2)).dump();
  const Reader read = [](std::string_view damaged) { record_from_json<PredictionSheet>(parse_json(damaged, "x"), "x"); };
  EXPECT_NO_THROW(read(text));
  cut_everywhere(text, read);
  flip_bytes(text, read, 10'000, text.size());
}

}  // namespace
}  // namespace convscope
