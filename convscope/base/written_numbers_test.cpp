#include "convscope/base/written_numbers.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

struct Options {
  double epsilon = 0;
  int64_t steps = 1;
  std::string mode = "eval";
  void fields(auto&& field) {
    field("epsilon", epsilon, "");
    field("steps", steps, "");
    field("mode", mode, "");
  }
};

TEST(WrittenNumbers, AreFractionsAndSharesWhereOptionsTakeNumbers) {
  const Choice choice = with_numbers(parse_choice("pgd,epsilon=8/255,steps=3,mode=1/2"), help<Options>());
  EXPECT_EQ(choice.options["epsilon"], 8.0 / 255);
  EXPECT_EQ(choice.options["steps"], 3);
  EXPECT_EQ(choice.options["mode"], "1/2") << "it takes text";
  EXPECT_EQ(with_numbers(parse_choice("pgd,epsilon=20%"), help<Options>()).options["epsilon"], 0.2);
}

TEST(WrittenNumbers, AreTextWhereOptionsTakeText) {
  EXPECT_EQ(with_numbers(parse_choice("pgd,mode=0.5"), help<Options>()).options["mode"], "0.5");
  EXPECT_EQ(with_numbers(parse_choice("pgd,mode=1"), help<Options>()).options["mode"], "1");
}

TEST(WrittenNumbers, StayTextWhereTheyAreNone) {
  EXPECT_EQ(with_numbers(parse_choice("pgd,epsilon=much,speed=1/2"), help<Options>()).options,
            (Json{{"epsilon", "much"}, {"speed", "1/2"}}));
}

}  // namespace
}  // namespace convscope
