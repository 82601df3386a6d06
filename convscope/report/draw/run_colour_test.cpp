#include "convscope/report/draw/run_colour.h"

#include <gtest/gtest.h>

#include <set>

#include "convscope/report/draw/svg_canvas.h"

namespace convscope {
namespace {

TEST(RunColour, IsUnlikeThatOfAnyOtherRun) {
  constexpr size_t kRuns = 60;
  std::set<std::string> seen;
  for (size_t n = 0; n < kRuns; ++n) EXPECT_TRUE(seen.insert(hex(run_colour(n))).second) << n;
}

}  // namespace
}  // namespace convscope
