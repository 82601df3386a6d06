#include "convscope/base/json.h"

#include <gtest/gtest.h>

#include <string>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

TEST(ParseJson, KeepsTheOrderOfKeys) { EXPECT_EQ(parse_json(R"({"b": 1, "a": [2, null]})", "x").dump(), R"({"b":1,"a":[2,null]})"); }

TEST(ParseJson, SaysWhereTheTextStopsBeingJson) {
  EXPECT_THROW_SAYING(parse_json("[1, 2", "run.json"), "run.json: not JSON from byte 6 on");
  EXPECT_THROW_SAYING(parse_json("", "run.json"), "run.json: not JSON");
  EXPECT_THROW_SAYING(parse_json("{} {}", "run.json"), "run.json: not JSON from byte 4 on");
  EXPECT_THROW_SAYING(parse_json("\"\xff\"", "run.json"), "run.json: not JSON from byte 2 on");
  EXPECT_THROW_SAYING(parse_json("[1e999]", "run.json"), "run.json: its JSON holds a number that is too large");
}

TEST(ParseJson, GoesNoDeeperThanItMay) {
  EXPECT_NO_THROW(parse_json(std::string(64, '[') + std::string(64, ']'), "x"));
  EXPECT_THROW_SAYING(parse_json(std::string(65, '[') + std::string(65, ']'), "x"), "x: lists and objects lie more than 64 deep");
  EXPECT_THROW_SAYING(parse_json("{\"a\": [1]}", "x", 1), "x: lists and objects lie more than 1 deep");
  EXPECT_NO_THROW(parse_json("{\"a\": 1}", "x", 1));
}

TEST(ParseJson, BracketsInsideTextHaveNoDepth) {
  EXPECT_EQ(json_extent(R"({"a[[[\"[{": ["}]\\", [1], [2]]})").depth, 3);
  EXPECT_NO_THROW(parse_json("\"" + std::string(1000, '[') + "\"", "x", 0));
}

TEST(ParseJson, AMillionBracketsAreAnErrorAndNotTheEndOfTheProgram) {
  const std::string open(1'000'000, '['), close(1'000'000, ']');
  EXPECT_THROW_SAYING(parse_json(open, "x"), "deep");
  EXPECT_THROW_SAYING(parse_json(open + close, "x"), "deep");
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += "{\"a\":";
  EXPECT_THROW_SAYING(parse_json(objects, "x"), "deep");
}

TEST(ParseJson, AnObjectOfAMillionKeysIsAnErrorAndDoesNotTakeHours) {
  const auto object = [](size_t keys) {
    std::string text = "{";
    for (size_t i = 0; i < keys; ++i) text += fmt::format(R"({}"k{}":[{{"a:::":1}}])", i > 0 ? "," : "", i);
    return text + "}";
  };
  EXPECT_EQ(json_extent(object(7)).keys, 7u);
  EXPECT_EQ(parse_json(object(kMostJsonKeys), "x").size(), kMostJsonKeys);
  EXPECT_THROW_SAYING(parse_json(object(1'000'000), "run.json"), "run.json: an object of 1000000 keys in its JSON; at most 4096 are read");
  EXPECT_EQ(parse_sorted_json(object(kMostJsonKeys + 1), "x").size(), kMostJsonKeys + 1) << "sorted keys are found at once";
}

TEST(ParseJson, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  const std::string text = R"({"a": [1, -2.5e3, null, true, "\u00e9\n\ud83d\ude00é"], "b": {"c": [[], {}]}, "d": 18446744073709551615})";
  const Reader read = [](std::string_view damaged) { shown(parse_json(damaged, "x")); };
  EXPECT_NO_THROW(read(text));
  cut_everywhere(text, read);
  flip_bytes(text, read);
}

TEST(Shown, IsOneShortLine) {
  EXPECT_EQ(shown(Json{{"a", {1, 2}}}), R"({"a":[1,2]})");
  EXPECT_EQ(shown(Json("line\nline")), R"("line\nline")");
  EXPECT_LT(shown(Json(std::string(10'000, 'x'))).size(), 200u);
}

TEST(Shown, CutsNoLetterInTwo) {
  for (size_t lead = 0; lead < 4; ++lead) {
    std::string text(lead, 'x');
    for (int i = 0; i < 100; ++i) text += "é";
    EXPECT_NO_THROW(Json(shown(Json(text))).dump()) << lead;  // dump refuses what is not UTF-8
  }
}

TEST(Shown, ReplacesBytesThatAreNotUtf8) { EXPECT_EQ(shown(Json("a\xff")), "\"a\uFFFD\""); }

}  // namespace
}  // namespace convscope
