#include "convscope/attack/projections.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

struct Plane {
  std::vector<float> x, w;
  double b;

  explicit Plane(uint64_t seed, size_t size = 40) : x(size), w(size) {
    const RandomStream random(seed, "planes");
    double middle = 0;
    for (size_t i = 0; i < size; ++i) {
      x[i] = random.uniform(i);
      w[i] = i % 7 == 3 ? 0 : random.normal(i, 1);
      middle += static_cast<double>(w[i]) * random.uniform(i, 2);
    }
    b = middle;  // of a point of the box: there is one
  }
  double above(std::span<const float> point) const {
    double sum = -b;
    for (size_t i = 0; i < point.size(); ++i) sum += static_cast<double>(w[i]) * point[i];
    return sum;
  }
};

std::vector<float> moved(std::span<const float> x, std::span<const float> step) {
  std::vector<float> y(x.begin(), x.end());
  for (size_t i = 0; i < y.size(); ++i) y[i] += step[i];
  return y;
}

TEST(Projections, LieOnThePlaneAndInTheBoxAndAreNearest) {
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1})
    for (uint64_t seed = 1; seed <= 30; ++seed) {
      const Plane plane(seed);
      const std::vector<float> step = step_to_hyperplane(plane.x, plane.w, plane.b, norm), y = moved(plane.x, step);
      EXPECT_NEAR(plane.above(y), 0, 1e-4);
      for (const float v : y) EXPECT_TRUE(v >= -1e-6 && v <= 1 + 1e-6) << v;
      // No feasible point is nearer: points between here and random ones of the box on the plane's other side.
      const double size = size_of(step, norm);
      const RandomStream random(seed, "points");
      for (uint64_t other = 0; other < 1000; ++other) {
        std::vector<float> p(plane.x.size());
        for (size_t i = 0; i < p.size(); ++i) p[i] = random.uniform(i, other);
        const double here = plane.above(plane.x), there = plane.above(p);
        if (here * there >= 0) continue;
        const double share = here / (here - there);
        std::vector<float> way(p.size());
        for (size_t i = 0; i < p.size(); ++i) way[i] = static_cast<float>(share * (p[i] - plane.x[i]));
        EXPECT_GE(size_of(way, norm), size * (1 - 1e-5));
      }
    }
}

TEST(Projections, AreTheClosedFormWhereTheBoxIsFarAway) {
  const std::vector<float> x(4, 0.5f), w{1, -2, 0, 3};
  const double b = 1 + 0.06;  // ⟨w, x⟩ = 1
  const std::vector<float> linf = step_to_hyperplane(x, w, b, Norm::linf), l2 = step_to_hyperplane(x, w, b, Norm::l2);
  EXPECT_EQ(step_to_hyperplane(x, w, b, Norm::l1), (std::vector<float>{0, 0, 0, 0.02f}));
  const std::vector<float> signs{0.01f, -0.01f, 0, 0.01f};
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(linf[i], signs[i], 1e-7);
    EXPECT_NEAR(l2[i], 0.06 * w[i] / 14, 1e-7);
  }
}

TEST(Projections, GoAsNearAsThereIsRoom) {
  const std::vector<float> x{0.25f, 0.75f}, w{1, -1};
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1}) {
    const std::vector<float> y = moved(x, step_to_hyperplane(x, w, 5, norm));
    EXPECT_NEAR(y[0], 1, 1e-6);
    EXPECT_NEAR(y[1], 0, 1e-6);
  }
}

TEST(Projections, OntoAnL1BallShrinkAllSizesByTheSameUpToTheirRoom) {
  const std::vector<double> size{3, 2, 1, 0.5}, free(4, 100), room{1, 100, 100, 100};
  EXPECT_EQ(shrinkage_onto_l1_ball(size, free, 7), 0);
  EXPECT_NEAR(shrinkage_onto_l1_ball(size, free, 3), 1, 1e-12);    // 2 + 1
  EXPECT_NEAR(shrinkage_onto_l1_ball(size, room, 3), 0.5, 1e-12);  // 1 + 1.5 + 0.5
  EXPECT_GE(shrinkage_onto_l1_ball(size, free, 0), 3);
}

}  // namespace
}  // namespace convscope
