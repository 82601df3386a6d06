#include "convscope/attack/ball.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

/** Floats of all sizes: of 8 bits, anywhere in [0, 1], and tiny. */
float any_float(const RandomStream& random, uint64_t i) {
  const float u = random.uniform(3 * i);
  switch (random.below(3, 3 * i + 1)) {
    case 0:
      return static_cast<float>(random.below(256, 3 * i + 2)) / 255.0f;
    case 1:
      return u;
    default:
      return u * std::ldexp(1.0f, -static_cast<int>(random.below(60, 3 * i + 2)));
  }
}

TEST(SumsRoundedInwards, AreTheNearestFloatsThatAreNotBeyond) {
  const RandomStream random(4, "sums");
  for (uint64_t i = 0; i < 100'000; ++i) {
    const float a = any_float(random, 2 * i), b = any_float(random, 2 * i + 1);
    // 113 bits hold sums of floats of these sizes exactly.
    const __float128 sum = static_cast<__float128>(a) + b, difference = static_cast<__float128>(a) - b;
    const float down = sum_rounded_down(a, b), up = difference_rounded_up(a, b);
    ASSERT_TRUE(down <= sum && std::nextafter(down, 3.0f) > sum) << a << " + " << b;
    ASSERT_TRUE(up >= difference && std::nextafter(up, -3.0f) < difference) << a << " - " << b;
  }
}

TEST(Balls, KeepWhatIsInsideAndBringBackWhatIsNot) {
  const RandomStream random(4, "balls");
  std::vector<float> centre(50);
  for (size_t i = 0; i < centre.size(); ++i) centre[i] = any_float(random, i);
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1})
    for (const float radius : {0.0f, 1e-6f, 0.01f, 0.5f, 1.0f}) {
      const Ball ball(centre, radius, norm);
      for (uint64_t round = 1; round < 50; ++round) {
        std::vector<float> x = centre;
        for (size_t i = 0; i < x.size(); ++i) x[i] += 3 * radius * random.normal(i, round);
        ball.keep(x);
        for (const float v : x) ASSERT_TRUE(v >= 0 && v <= 1);
        ASSERT_LE(distance(x, centre, norm), radius);
        std::vector<float> again = x;
        ball.keep(again);
        EXPECT_LE(linf_distance(x, again), 1e-6 * radius);
      }
      std::vector<float> strange(centre.size(), std::nanf(""));
      if (norm == Norm::linf) {
        ball.keep(strange);
        EXPECT_LE(linf_distance(strange, centre), radius);
      }
    }
}

TEST(Balls, OfL1GiveTheNearestPointOfBallAndBox) {
  const RandomStream random(4, "l1 balls");
  for (uint64_t round = 0; round < 20; ++round) {
    std::vector<float> centre(30), far(30);
    for (size_t i = 0; i < centre.size(); ++i) {
      centre[i] = random.uniform(i, 3 * round);
      far[i] = centre[i] + random.normal(i, 3 * round + 1);
    }
    const float radius = 0.3f + 0.2f * static_cast<float>(round);
    const Ball ball(centre, radius, Norm::l1);
    std::vector<float> nearest = far;
    ball.keep(nearest);
    EXPECT_LE(l1_distance(nearest, centre), radius);
    const double least = l2_distance(nearest, far);
    // Feasible points: random ones of the box, and neighbours of the nearest, each drawn towards the centre until it is inside.
    for (uint64_t other = 0; other < 1000; ++other) {
      std::vector<float> p(centre.size());
      for (size_t i = 0; i < p.size(); ++i) {
        const float away =
            other % 2 == 0 ? random.uniform(i, 1000 * round + other) : nearest[i] + 0.05f * random.normal(i, 1000 * round + other);
        p[i] = std::min(std::max(0.0f, away), 1.0f);
      }
      const double share = std::min(1.0, radius / l1_distance(p, centre));
      for (size_t i = 0; i < p.size(); ++i) p[i] = static_cast<float>(centre[i] + share * (static_cast<double>(p[i]) - centre[i]));
      EXPECT_GE(l2_distance(p, far), least * (1 - 1e-5)) << round;
    }
  }
}

}  // namespace
}  // namespace convscope
