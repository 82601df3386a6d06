#pragma once

/** What tests of attacks share. Not installed. */

#include <gtest/gtest.h>

#include <tuple>

#include "convscope/attack/attack.h"

namespace convscope::testing_attack {

/** To the last bit, whoever found it. */
inline void expect_same(const AttackResult& a, const AttackResult& b) {
  EXPECT_EQ(max_difference(a.x, b.x), 0);
  EXPECT_EQ(a.slopes, b.slopes);
  EXPECT_EQ(a.looks, b.looks);
  EXPECT_EQ(a.flat, b.flat);
  EXPECT_EQ(a.nearest, b.nearest);
  EXPECT_EQ(a.attacked, b.attacked);
  for (size_t e = 0; e < a.radius.size(); ++e)
    for (size_t n = 0; n < a.clean.size(); ++n) {
      const Outcome &one = a.radius[e][n], &other = b.radius[e][n];
      EXPECT_EQ(std::tuple(one.exact.predicted, one.exact.confidence, one.exact.success, one.png.predicted, one.linf, one.l2, one.l1),
                std::tuple(other.exact.predicted, other.exact.confidence, other.exact.success, other.png.predicted, other.linf, other.l2,
                           other.l1));
      EXPECT_EQ(std::tuple(one.epsilon, one.iterations, one.whole), std::tuple(other.epsilon, other.iterations, other.whole));
    }
  ASSERT_EQ(a.parts.size(), b.parts.size());
  for (size_t part = 0; part < a.parts.size(); ++part) {
    EXPECT_EQ(a.parts[part].right, b.parts[part].right);
    EXPECT_EQ(a.parts[part].alone, b.parts[part].alone);
    EXPECT_EQ(a.parts[part].slopes, b.parts[part].slopes);
    EXPECT_EQ(a.parts[part].looks, b.parts[part].looks);
  }
}

}  // namespace convscope::testing_attack
