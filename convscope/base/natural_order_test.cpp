#include "convscope/base/natural_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace convscope {
namespace {

TEST(NaturalOrder, CountsNumbersInNames) {
  const std::vector<std::string> wanted{"", "007", "7a", "10", "a", "a1b2", "a1b10", "a2", "a02b", "a10", "a99999999999999999999", "b"};
  std::vector<std::string> sorted = wanted;
  std::reverse(sorted.begin(), sorted.end());
  std::sort(sorted.begin(), sorted.end(), naturally_before);
  EXPECT_EQ(sorted, wanted);
}

TEST(NaturalOrder, PutsEachNameBeforeOrBehindEachOther) {
  const std::vector<std::string> names{"1", "01", "001", "1a", "01a", "a", "a0", "a00", "\xff", ""};
  for (const std::string& a : names)
    for (const std::string& b : names) EXPECT_EQ(naturally_before(a, b) + naturally_before(b, a), a == b ? 0 : 1) << a << " and " << b;
}

}  // namespace
}  // namespace convscope
