#include "convscope/attack/apgd_climb.h"

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

std::vector<int64_t> windows_of(int64_t steps) {
  Checkpoints checkpoints(steps);
  std::vector<int64_t> windows;
  int64_t since = 0;
  for (int64_t step = 0; step < steps; ++step) {
    ++since;
    if (checkpoints.step() == 0) continue;
    windows.push_back(since);
    since = 0;
  }
  if (since > 0) windows.push_back(since);
  return windows;
}

TEST(Checkpoints, LieWhereTheirAuthorsHaveThem) {
  EXPECT_EQ(windows_of(100), (std::vector<int64_t>{22, 19, 16, 13, 10, 7, 6, 6, 1}));
  EXPECT_EQ(windows_of(20), (std::vector<int64_t>{4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(windows_of(1), (std::vector<int64_t>{1}));
}

/** A walk of four pixels within .1, in l1. */
struct Scene {
  std::vector<float> clean = std::vector<float>(4, 0.5f), logits = {1, 0};
  Walk walk;
  explicit Scene(Norm norm) : walk({.clean = clean, .shape = {1, 2, 2}, .logits = logits}, clean, norm, 1) { walk.begin(0.1f, true); }
};

TEST(Climbs, HalveTheirStepWhereTooFewStepsGoUp) {
  Scene scene(Norm::linf);
  const std::vector<float> up(4, 1.0f);
  HalvingClimb climb(scene.walk, 100, 0.75);
  climb.see(5, scene.walk, up);
  for (int step = 0; step < 22; ++step) {
    climb.see(4 + 0.01 * (step % 2), scene.walk, up);  // every other one goes up
    EXPECT_EQ(climb.goes_back(scene.walk), step == 21);
  }
  for (int step = 0; step < 19; ++step) {
    climb.see(6 + step, scene.walk, up);
    EXPECT_FALSE(climb.goes_back(scene.walk));
  }
}

TEST(Climbs, CountTheFirstStepAsToldTo) {
  // Seventeen of 22 steps go up with the first one, sixteen without: 16.5 are wanted.
  for (const bool is_up : {true, false}) {
    Scene scene(Norm::linf);
    const std::vector<float> up(4, 1.0f);
    HalvingClimb climb(scene.walk, 100, 0.75);
    climb.see(0, scene.walk, up);
    if (is_up) climb.compare_first_with(-2);
    bool back = false;
    for (int step = 0; step < 22; ++step) {
      climb.see(step < 17 ? -1 + step : -step, scene.walk, up);
      back = climb.goes_back(scene.walk);
    }
    EXPECT_EQ(back, !is_up);
  }
}

TEST(Climbs, OfL1GoAlongAsManyNumbersAsHaveChanged) {
  Scene scene(Norm::l1);
  scene.walk.x()[1] += 0.05f;
  scene.walk.x()[2] -= 0.03f;
  scene.walk.x()[3] -= 0.01f;
  SparseClimb climb(scene.walk, 100, 0.1);  // three of four have changed: two are to move
  const std::vector<float> before(scene.walk.x().begin(), scene.walk.x().end());
  const std::vector<float> up{0.1f, -4, 0.3f, 2};
  climb.move(scene.walk, up);
  EXPECT_LT(scene.walk.x()[1], before[1]);
  EXPECT_GT(scene.walk.x()[3], before[3]);
  EXPECT_LE(l1_distance(scene.walk.x(), scene.clean), 0.1);
}

}  // namespace
}  // namespace convscope
