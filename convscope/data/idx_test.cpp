#include "convscope/data/idx.h"

#include "convscope/base/hostile_testing.h"
#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

namespace {
std::string refusal(std::string_view file, const Shape& wanted = {2, 1, 3}) {
  return error_of([&] { idx_numbers(file, wanted, "x.idx"); });
}
const std::string kSix("\1\2\3\4\5\6", 6);
}  // namespace

TEST(Idx, GivesTheNumbersOfARightFile) {
  const std::string file = idx_file(0x803, {2, 1, 3}, kSix);
  EXPECT_EQ(static_cast<int64_t>(file.size()), idx_file_bytes({2, 1, 3}));
  const auto numbers = idx_numbers(file, {2, 1, 3}, "x.idx");
  EXPECT_EQ(std::vector<uint8_t>(numbers.begin(), numbers.end()), (std::vector<uint8_t>{1, 2, 3, 4, 5, 6}));
}

TEST(Idx, RefusesAnEmptyAndACutFileAndSaysTheSizeWanted) {
  EXPECT_TRUE(says(refusal(""), {"x.idx", "empty", "22 bytes"}));
  EXPECT_TRUE(says(refusal(idx_file(0x803, {2}, "")), {"x.idx", "8 bytes", "inside the header", "22 were wanted"}));
  EXPECT_TRUE(says(refusal(idx_file(0x803, {2, 1, 3}, kSix.substr(1))), {"x.idx", "21 bytes", "22 were wanted", "cut"}));
  EXPECT_TRUE(says(refusal(idx_file(0x803, {2, 1, 3}, kSix + "7")), {"x.idx", "more than the 22 bytes"}));
}

TEST(Idx, RefusesAnotherKindOfFile) {
  EXPECT_TRUE(says(refusal(idx_file(0x801, {2, 1, 3}, kSix)), {"begins with 00000801", "begins with 00000803"}));
  EXPECT_TRUE(says(refusal("<!DOCTYPE html><html>not found</html>"), {"begins with 3c21444f"}));
}

TEST(Idx, RefusesOtherAndAbsurdExtents) {
  EXPECT_TRUE(says(refusal(idx_file(0x803, {3, 1, 2}, kSix)), {"[3, 1, 2]", "[2, 1, 3] was wanted"}));
  EXPECT_TRUE(says(refusal(idx_file(0x803, {0xffffffff, 0xffffffff, 0xffffffff}, kSix)), {"4294967295", "[2, 1, 3] was wanted"}));
  EXPECT_TRUE(says(refusal(idx_file(0x803, {0, 1, 3}, "abcdef")), {"[0, 1, 3]"}));
}

TEST(Idx, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  const std::string file = idx_file(0x803, {2, 1, 3}, kSix);
  const Reader read = [](std::string_view damaged) { EXPECT_EQ(idx_numbers(damaged, {2, 1, 3}, "x.idx").size(), 6u); };
  cut_everywhere(file, read);
  flip_bytes(file, read);
}

}  // namespace convscope
