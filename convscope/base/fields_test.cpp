#include "convscope/base/fields.h"

#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

struct Options {
  int64_t kernel = 3;
  int32_t bits = 8;
  uint64_t seed = 1;
  double level = 0.5;
  bool bias = true;
  std::string shortcut = "identity";
  std::vector<int64_t> widths = {16, 32};
  Json extra;

  void fields(auto&& field) {
    field("kernel", kernel, "rows and columns of the window");
    field("bits", bits, "of a number");
    field("seed", seed, "of the random numbers");
    field("level", level, "of the noise");
    field("bias", bias, "adds one");
    field("shortcut", shortcut, "how a block is skipped");
    field("widths", widths, "filters of each stage");
    field("extra", extra, "anything");
  }
};

struct None {
  void fields(auto&&) {}
};

Options read(const char* text) { return fields_from_json<Options>(Json::parse(text), "conv2d"); }

TEST(Fields, ComeBackFromJsonAsTheyWere) {
  Options o;
  o.kernel = -5;
  o.seed = std::numeric_limits<uint64_t>::max();
  o.level = 0.1;
  o.bias = false;
  o.shortcut = "projection";
  o.widths = {};
  o.extra = {{"a", 1}};
  EXPECT_EQ(fields_to_json(fields_from_json<Options>(fields_to_json(o), "conv2d")), fields_to_json(o));
  EXPECT_EQ(fields_to_json(fields_from_json<Options>(parse_json(fields_to_json(o).dump(), "x"), "conv2d")), fields_to_json(o));
}

TEST(Fields, ThatAreNotGivenKeepTheirDefaults) {
  const Options o = read(R"({"kernel": 5})");
  EXPECT_EQ(o.kernel, 5);
  EXPECT_EQ(o.shortcut, "identity");
  EXPECT_EQ(fields_to_json(fields_from_json<Options>(Json(), "conv2d")), fields_to_json(Options{}));

  Options resolved;
  resolved.level = 0.25;
  EXPECT_EQ(fields_from_json<Options>(Json{{"kernel", 7}}, "conv2d", resolved).level, 0.25);
}

TEST(Fields, AnUnknownKeyNamesTheKnownOnes) {
  EXPECT_THROW_SAYING(
      read(R"({"kernle": 5})"),
      "conv2d: no option 'kernle'; did you mean 'kernel'?; known: kernel, bits, seed, level, bias, shortcut, widths, extra");
  EXPECT_THROW_SAYING(fields_from_json<None>(Json{{"kernel", 5}}, "relu"), "relu: no option 'kernel'; it has none");
}

TEST(Fields, AValueOfTheWrongKindSaysWhatWasWanted) {
  EXPECT_THROW_SAYING(read(R"({"kernel": "three"})"), "conv2d: option 'kernel' takes a whole number, got \"three\"");
  EXPECT_THROW_SAYING(read(R"({"kernel": 2.5})"), "conv2d: option 'kernel' takes a whole number, got 2.5");
  EXPECT_THROW_SAYING(read(R"({"kernel": true})"), "conv2d: option 'kernel' takes a whole number, got true");
  EXPECT_THROW_SAYING(read(R"({"kernel": null})"), "conv2d: option 'kernel' takes a whole number, got null");
  EXPECT_THROW_SAYING(read(R"({"level": "half"})"), "conv2d: option 'level' takes a number, got \"half\"");
  EXPECT_THROW_SAYING(read(R"({"bias": 1})"), "conv2d: option 'bias' takes true or false, got 1");
  EXPECT_THROW_SAYING(read(R"({"shortcut": 1})"), "conv2d: option 'shortcut' takes text, got 1");
  EXPECT_THROW_SAYING(read(R"({"widths": 1})"), "conv2d: option 'widths' takes a list, each item a whole number, got 1");
  EXPECT_THROW_SAYING(read(R"({"widths": [1, 2.5]})"), "conv2d: option 'widths' takes a list, each item a whole number, got [1,2.5]");
  EXPECT_THROW_SAYING(read(R"([1])"), "conv2d: options are a JSON object, got [1]");
}

TEST(Fields, AWholeNumberStandsForAFractionToo) { EXPECT_EQ(read(R"({"level": 2})").level, 2.0); }

TEST(Fields, ANumberThatDoesNotFitIsAnErrorAndNeverWraps) {
  EXPECT_THROW_SAYING(read(R"({"seed": -1})"), "conv2d: option 'seed' takes a whole number from 0 on, got -1");
  EXPECT_THROW_SAYING(read(R"({"kernel": 9223372036854775808})"), "conv2d: option 'kernel' takes a whole number");
  EXPECT_THROW_SAYING(read(R"({"bits": 4294967297})"), "conv2d: option 'bits' takes a whole number");
  EXPECT_EQ(read(R"({"seed": 18446744073709551615})").seed, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(read(R"({"bits": -2147483648})").bits, std::numeric_limits<int32_t>::min());
}

TEST(Fields, TextThatIsNotUtf8IsStillAPlainError) {
  EXPECT_THROW_SAYING(fields_from_json<Options>(Json{{"kernel", "\xff"}}, "conv2d"), "conv2d: option 'kernel' takes a whole number");
}

TEST(Fields, HelpTellsNameDefaultAndMeaning) {
  const auto all = help<Options>();
  ASSERT_EQ(all.size(), 8u);
  EXPECT_EQ(all[0].name, "kernel");
  EXPECT_EQ(all[0].initial, Json(3));
  EXPECT_EQ(all[0].text, "rows and columns of the window");
  EXPECT_EQ(all[6].initial, Json({16, 32}));
}

TEST(ParseChoice, SplitsNameAndOptions) {
  const Choice c = parse_choice("resnet20,shortcut=identity,width=64,level=0.5,bias=false,note=a=b,empty=");
  EXPECT_EQ(c.name, "resnet20");
  EXPECT_EQ(c.options, Json({{"shortcut", "identity"}, {"width", 64}, {"level", 0.5}, {"bias", false}, {"note", "a=b"}, {"empty", ""}}));
}

TEST(ParseChoice, ANameAloneHasNoOptions) {
  EXPECT_EQ(parse_choice("deep").name, "deep");
  EXPECT_EQ(parse_choice("deep").options, Json::object());
}

TEST(ParseChoice, TextThatLooksLikeJsonStaysText) {
  const Choice c = parse_choice("x,a=null,b=[1],c=-,d=1e999");
  EXPECT_EQ(c.options, Json({{"a", "null"}, {"b", "[1]"}, {"c", "-"}, {"d", "1e999"}}));
}

TEST(ParseChoice, SaysWhatItCannotRead) {
  EXPECT_THROW_SAYING(parse_choice(""), "no name before the first comma");
  EXPECT_THROW_SAYING(parse_choice(",a=1"), "no name before the first comma");
  EXPECT_THROW_SAYING(parse_choice("deep,width"), "'deep,width': 'width' is not of the form option=value");
  EXPECT_THROW_SAYING(parse_choice("deep,=3"), "'=3' is not of the form option=value");
  EXPECT_THROW_SAYING(parse_choice("deep,"), "'' is not of the form option=value");
  EXPECT_THROW_SAYING(parse_choice("deep,a=1,a=2"), "'deep,a=1,a=2': 'a' is said twice");
}

}  // namespace
}  // namespace convscope
