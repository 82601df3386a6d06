#include "convscope/base/split.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Split, GivesThePartsBetweenMarksEmptyOnesToo) {
  EXPECT_EQ(split("a,bc,d", ','), (Parts{"a", "bc", "d"}));
  EXPECT_EQ(split(",a,,", ','), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("a,b", '+'), (Parts{"a,b"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
}

}  // namespace
}  // namespace convscope
