#include "convscope/models/architecture/expression.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

const Variables kKnown{{"width", 16}, {"rate", 0.25}, {"act", "silu"}, {"norm", true}};

Json value(std::string_view text) { return value_of_expression(text, kKnown); }

TEST(Expression, ComputesAsOneReadsIt) {
  EXPECT_EQ(value("2 + 3*width"), Json(50));
  EXPECT_EQ(value("(2 + 3) * width"), Json(80));
  EXPECT_EQ(value("-width + 20 - 1 - 1"), Json(2));
  EXPECT_EQ(value("width/4"), Json(4));
  EXPECT_EQ(value("width/32"), Json(0.5));
  EXPECT_EQ(value("1e-6"), Json(1e-6));
  EXPECT_EQ(value("floor(width/5)"), Json(3));
  EXPECT_EQ(value("max(1, min(width, 9))"), Json(9));
  EXPECT_EQ(value("where(width > 8, act, 1)"), Json("silu"));
}

TEST(Expression, GivesWholeNumbersWhereNothingIsLeftOver) {
  EXPECT_TRUE(value("width/4").is_number_integer());
  EXPECT_TRUE(value("rate*8").is_number_integer());
  EXPECT_TRUE(value("rate").is_number_float());
}

TEST(Expression, ComparesAndDecides) {
  EXPECT_EQ(value("width > 8 and width <= 16"), Json(true));
  EXPECT_EQ(value("width != 16 or norm"), Json(true));
  EXPECT_EQ(value("not norm or false"), Json(false));
  EXPECT_EQ(value("act == act"), Json(true));
  EXPECT_EQ(value("width == 16.0"), Json(true));
}

TEST(Expression, SaysWhatIsWrong) {
  EXPECT_THROW_SAYING(value("2*widht"), "no option 'widht'; did you mean 'width'?");
  EXPECT_THROW_SAYING(value("2*"), "it ends where a number or a name was wanted");
  EXPECT_THROW_SAYING(value("2 2"), "more than was understood");
  EXPECT_THROW_SAYING(value("(2"), "a bracket is opened and not closed");
  EXPECT_THROW_SAYING(value("1/0"), "a division by 0");
  EXPECT_THROW_SAYING(value("act*2"), "\"silu\" is no number");
  EXPECT_THROW_SAYING(value("norm and width"), "16 is neither true nor false");
  EXPECT_THROW_SAYING(value("sqrt(2)"), "known: floor(a)");
  EXPECT_THROW_SAYING(value("1e300*1e300"), "not a finite number");
  EXPECT_THROW_SAYING(value(std::string(1000, '(')), "at most 200");
}

TEST(Expression, StandsBehindAnEqualsSignInTextAndLists) {
  EXPECT_EQ(with_values("=width", kKnown), Json(16));
  EXPECT_EQ(with_values("width", kKnown), Json("width"));
  EXPECT_EQ(with_values(Json{"=width", 1, "=2*width"}, kKnown), (Json{16, 1, 32}));
}

}  // namespace
}  // namespace convscope
