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

Options read(const char* text) { return fields_from_json<Options>(parse_json(text, "a test"), "conv2d"); }

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
  EXPECT_THROW_SAYING(read(R"({"widths": [1, 2.5]})"), "conv2d: option 'widths[1]' takes a whole number, got 2.5");
  EXPECT_THROW_SAYING(read(R"([1])"), "conv2d: a JSON object was wanted, got [1]");
}

TEST(Fields, OnAndOffStandForTrueAndFalse) {
  EXPECT_TRUE(read(R"({"bias": "on"})").bias);
  EXPECT_FALSE(read(R"({"bias": "off"})").bias);
  EXPECT_THROW_SAYING(read(R"({"bias": "no"})"), "conv2d: option 'bias' takes true or false, got \"no\"");
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

struct Share {
  double of_all = std::numeric_limits<double>::quiet_NaN();
  std::array<int64_t, 2> range = {0, 1};

  void fields(auto&& field) {
    field("of_all", of_all, "share");
    field("range", range, "first and last");
  }
  void check(std::string_view whose) const { require(range[0] <= range[1], "{}: a range from {} to {}", whose, range[0], range[1]); }
};

struct Signal {
  std::string name;
  Share published;
  std::optional<int64_t> row = {};
  std::vector<double> powers = {};

  void fields(auto&& field) {
    field("name", name, "of the node");
    field("published", published, "as in the paper");
    field("row", row, "its place; null where it has none");
    field("powers", powers, "of its frequencies");
  }
};

struct Record {
  double loss = 0;
  std::vector<Signal> signals;
  std::vector<std::vector<Share>> table = {};

  void fields(auto&& field) {
    field("loss", loss, "mean");
    field("signals", signals, "one for each node");
    field("table", table, "rows of shares");
  }
};

Record some_record() {
  Record record;
  record.loss = std::numeric_limits<double>::infinity();
  record.signals = {{"conv1", {0.25, {2, 3}}}, {"conv2", {}, 7, {0.5, std::numeric_limits<double>::quiet_NaN()}}};
  record.table = {{}, {{0.5, {1, 1}}}};
  return record;
}

Record read_record(const char* text) { return record_from_json<Record>(parse_json(text, "a test"), "a file"); }

TEST(NestedFields, AreWrittenInTheirOrderWithoutNumbersThatNobodyKnows) {
  EXPECT_EQ(fields_to_json(some_record()).dump(),
            R"({"loss":null,"signals":[{"name":"conv1","published":{"of_all":0.25,"range":[2,3]},"row":null,"powers":[]},)"
            R"({"name":"conv2","published":{"range":[0,1]},"row":7,"powers":[0.5,null]}],)"
            R"("table":[[],[{"of_all":0.5,"range":[1,1]}]]})");
}

TEST(NestedFields, ComeBackAsTheyWere) {
  const Record back = record_from_json<Record>(fields_to_json(some_record()), "a file");
  EXPECT_EQ(fields_to_json(back), fields_to_json(some_record()));
  EXPECT_TRUE(std::isnan(back.loss));
  EXPECT_TRUE(std::isnan(back.signals[1].published.of_all));
  EXPECT_FALSE(back.signals[0].row);
  EXPECT_EQ(back.signals[1].row, 7);
}

TEST(NestedFields, SayWhereAWrongValueStands) {
  EXPECT_THROW_SAYING(read_record(R"({"signals": [{"published": {"of_all": true}}], "table": []})"),
                      "a file: field 'signals[0].published.of_all' takes a number, got true");
  EXPECT_THROW_SAYING(read_record(R"({"signals": [3], "table": []})"), "a file: field 'signals[0]' takes a JSON object, got 3");
  EXPECT_THROW_SAYING(read_record(R"({"signals": {}, "table": []})"),
                      "a file: field 'signals' takes a list, each item a JSON object, got {}");
  EXPECT_THROW_SAYING(read_record(R"({"signals": [], "table": [[], [{"range": [1]}]]})"),
                      "a file: field 'table[1][0].range' takes a list of 2, each a whole number, got [1]");
  EXPECT_THROW_SAYING(read_record(R"({"signals": [{"published": {}, "row": "none"}], "table": []})"),
                      "a file: field 'signals[0].row' takes a whole number, got \"none\"");
  EXPECT_THROW_SAYING(read_record(R"({"signals": [{"published": {"rnage": 1}}], "table": []})"),
                      "a file: signals[0].published: no field 'rnage'; did you mean 'range'?");
}

TEST(NestedFields, OfARecordAreThereAndThoseOfOptionsMayBeLeftOut) {
  EXPECT_THROW_SAYING(read_record("{}"), "a file: field 'signals' is not there");
  EXPECT_THROW_SAYING(read_record(R"({"signals": [{}], "table": []})"), "a file: field 'signals[0].published' is not there");
  EXPECT_THROW_SAYING(record_from_json<Record>(Json(), "a file"), "a file: a JSON object was wanted, got null");
  EXPECT_EQ(fields_from_json<Record>(Json(), "options").loss, 0);
  EXPECT_THROW_SAYING(fields_from_json<Record>(Json{{"loss", nullptr}}, "options"), "options: option 'loss' takes a number, got null");
}

TEST(NestedFields, AreCheckedWhenTheyWereRead) {
  EXPECT_THROW_SAYING(read_record(R"({"signals": [{"published": {"range": [4, 3]}}], "table": []})"),
                      "a file: signals[0].published: a range from 4 to 3");
  EXPECT_THROW_SAYING(fields_from_json<Share>(Json{{"range", {2, 1}}}, "share"), "share: a range from 2 to 1");
}

TEST(NestedFields, StandBehindTheirOwnInTheHelp) {
  std::vector<std::string> names;
  for (const FieldHelp& field : help<Record>()) names.push_back(field.name);
  EXPECT_EQ(names, (std::vector<std::string>{"loss", "signals", "signals[].name", "signals[].published", "signals[].published.of_all",
                                             "signals[].published.range", "signals[].row", "signals[].powers", "table", "table[][].of_all",
                                             "table[][].range"}));
}

TEST(ParseChoice, SplitsNameAndOptions) {
  const Choice c = parse_choice("resnet20,shortcut=identity,width=64,level=0.5,bias=false,note=a=b,empty=");
  EXPECT_EQ(c.name, "resnet20");
  EXPECT_EQ(c.options, Json({{"shortcut", "identity"}, {"width", 64}, {"level", 0.5}, {"bias", false}, {"note", "a=b"}, {"empty", ""}}));
}

TEST(ParseChoice, ANameAloneHasNoOptions) {
  EXPECT_EQ(parse_choice("deep").name, "deep");
  EXPECT_EQ(parse_choice("deep").options, json_object());
}

TEST(ParseChoice, TextThatLooksLikeJsonStaysText) {
  const Choice c = parse_choice("x,a=null,b=[1],c=-,d=1e999");
  EXPECT_EQ(c.options, Json({{"a", "null"}, {"b", "[1]"}, {"c", "-"}, {"d", "1e999"}}));
}

TEST(ParseChoice, TakesAValueInQuotesAsItStands) {
  const Choice c = parse_choice(R"(folder,path="data, 2024/a=b",held_out=0.1,empty="",number="80",said="a \"b\" \\ \n")");
  EXPECT_EQ(c.name, "folder");
  EXPECT_EQ(c.options, Json({{"path", "data, 2024/a=b"}, {"held_out", 0.1}, {"empty", ""}, {"number", "80"}, {"said", R"(a "b" \ \n)"}}));
  EXPECT_EQ(parse_choice(R"(x,a=b"c,d="e")").options, Json({{"a", "b\"c"}, {"d", "e"}})) << "only a quote behind '=' opens one";
}

TEST(ParseChoice, ReadsBackWhatOriginWrites) {
  for (const char* text :
       {"deep", "resnet20,shortcut=identity,width=64,level=0.5,bias=false,note=a=b,empty=", R"(folder,path="data, 2024",size=32)"})
    EXPECT_EQ(origin(parse_choice(text)), text);
  for (const char* value : {"", "a,b", "\"", "\"a\"", "a\"b,c", "\\", "\\,", "a\\\",b=\"", "80", "true", "1e3", "null", "ü, ö"}) {
    const Choice written{"x", {{"first", value}, {"second", 2}}};
    EXPECT_EQ(parse_choice(origin(written)).options, written.options) << origin(written);
  }
}

TEST(ParseChoice, SaysWhatItCannotRead) {
  EXPECT_THROW_SAYING(parse_choice("x,a=\"b,c"), "'x,a=\"b,c': a quote is opened and not closed");
  EXPECT_THROW_SAYING(parse_choice(R"(x,a="b\")"), "a quote is opened and not closed");
  EXPECT_THROW_SAYING(parse_choice(R"(x,a="b"c,d=1)"), "a comma or nothing comes behind a closed quote, got 'c'");
  EXPECT_THROW_SAYING(parse_choice(""), "no name before the first comma");
  EXPECT_THROW_SAYING(parse_choice(",a=1"), "no name before the first comma");
  EXPECT_THROW_SAYING(parse_choice("deep,width"), "'deep,width': 'width' is not of the form option=value");
  EXPECT_THROW_SAYING(parse_choice("deep,=3"), "'=3' is not of the form option=value");
  EXPECT_THROW_SAYING(parse_choice("deep,"), "'' is not of the form option=value");
  EXPECT_THROW_SAYING(parse_choice("deep,a=1,a=2"), "'deep,a=1,a=2': 'a' is said twice");
}

}  // namespace
}  // namespace convscope
