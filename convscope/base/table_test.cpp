#include "convscope/base/table.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

class Shout {
 public:
  virtual ~Shout() = default;
  virtual std::string shout() const = 0;
};

class Repeat : public Shout {
 public:
  struct Options {
    int64_t times = 2;
    void fields(auto&& field) { field("times", times, "how often"); }
  };
  explicit Repeat(Options options) : options_(options) {}
  std::string shout() const override { return std::string(static_cast<size_t>(options_.times), '!'); }

 private:
  Options options_;
};

class Silence : public Shout {
 public:
  using Options = NoOptions;
  explicit Silence(Options) {}
  std::string shout() const override { return ""; }
};

const Table<Shout>& shouts() {
  static const Table<Shout> table("shout",
                                  {entry<Repeat, Shout>("repeat", "again and again"), entry<Silence, Shout>("silence", "nothing")});
  return table;
}

TEST(FamilyTable, KeepsItsRowsInTheirOrder) {
  EXPECT_EQ(shouts().names(), (std::vector<std::string>{"repeat", "silence"}));
  EXPECT_EQ(shouts().family(), "shout");
  EXPECT_TRUE(shouts().has("silence"));
  EXPECT_FALSE(shouts().has("silenc"));
}

TEST(FamilyTable, MakesAMemberFromItsOptions) {
  EXPECT_EQ(shouts().make("repeat")->shout(), "!!");
  EXPECT_EQ(shouts().make("repeat", {{"times", 3}})->shout(), "!!!");
  EXPECT_EQ(shouts().make(parse_choice("repeat,times=4"))->shout(), "!!!!");
  EXPECT_EQ(shouts().make("silence")->shout(), "");
}

TEST(FamilyTable, ARowTellsItsOptions) {
  ASSERT_EQ(shouts().at("repeat").options.size(), 1u);
  EXPECT_EQ(shouts().at("repeat").options[0].name, "times");
  EXPECT_EQ(shouts().at("repeat").summary, "again and again");
  EXPECT_TRUE(shouts().at("silence").options.empty());
}

TEST(FamilyTable, AnUnknownNameNamesTheKnownOnes) {
  EXPECT_THROW_SAYING(shouts().at("repaet"), "no shout 'repaet'; did you mean 'repeat'?; known: repeat, silence");
  EXPECT_THROW_SAYING(shouts().make("whistle-for-it"), "no shout 'whistle-for-it'; known: repeat, silence");
}

TEST(FamilyTable, AnUnknownOptionNamesTheMember) {
  EXPECT_THROW_SAYING(shouts().make(parse_choice("repeat,tims=4")), "repeat: no option 'tims'; did you mean 'times'?; known: times");
  EXPECT_THROW_SAYING(shouts().make(parse_choice("silence,times=4")), "silence: no option 'times'; it has none");
}

}  // namespace
}  // namespace convscope
