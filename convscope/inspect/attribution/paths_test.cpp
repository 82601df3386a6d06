// Integrated gradients along other paths: their sums, and the paths.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/inspect/attribution/blur_ig.h"
#include "convscope/inspect/attribution/expected_gradients.h"
#include "convscope/inspect/attribution/guided_ig.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/subject/linear_testing.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

using testing_network::random_images;

const Shape kImage{2, 8, 6};
const Question kQuestion{{}, {0, 3, 4}, {}, 1, {}};

TEST(OtherPaths, AddUpToTheDifferenceOnASmoothNetwork) {
  testing_network::Net net(kImage, 3);
  NetworkSubject subject = net.subject(net.dense("fc", net.pooled(net.silu("silu", net.conv("conv", net.pixels(), 8, 3))), 5));
  const Tensor x = random_images(3, kImage);
  for (const char* method : {"guided-ig,baseline=white", "blur-ig,steps=100", "expected-gradients,baselines=levels,samples=2000"})
    for (const Completeness& c : attributions().make(parse_choice(method))->explain(subject, x, kQuestion).completeness)
      EXPECT_LT(c.gap, 0.02 * std::abs(c.difference) + 2e-3) << method << " " << c.difference;
}

TEST(OtherPaths, OfALinearNetworkAreSlopeTimesDifference) {
  // Whatever the way, the slope is the same on it.
  testing_subject::LinearSubject subject(kImage, 5);
  const Tensor x = random_images(3, kImage);
  const Tensor slope = subject.slope(x, {}, kQuestion.targets).gradient;
  const Tensor guided = GuidedIntegratedGradients({.steps = 7}).explain(subject, x, kQuestion).values;
  const Tensor sharpened = BlurIntegratedGradients({.steps = 3, .sigma = 2}).explain(subject, x, kQuestion).values;
  for (int64_t n = 0; n < 3; ++n) {
    const std::vector<float> from = blurred(x.row(n), 2, 8, 6, 2);
    for (size_t i = 0; i < from.size(); ++i) {
      EXPECT_NEAR(guided.row(n)[i], slope.row(n)[i] * x.row(n)[i], 1e-5);
      EXPECT_NEAR(sharpened.row(n)[i], slope.row(n)[i] * (x.row(n)[i] - from[i]), 1e-5);
    }
  }
}

TEST(GuidedPaths, MoveThePixelsOfSmallSlopesFirst) {
  // f = tanh(10 x₀) + x₁ / 10, from (0, 0) to (1, 1): the first pixel's slope is large until it moved, so the second goes ahead.
  class Steep : public testing_subject::LinearSubject {
   public:
    Steep() : LinearSubject({1, 1, 2}, 2) {}
    Tensor table(const Tensor& x, const Objective&) override {
      Tensor t({x.shape()[0], 2});
      for (int64_t n = 0; n < x.shape()[0]; ++n) t[2 * n] = std::tanh(10 * x.row(n)[0]) + x.row(n)[1] / 10;
      return t;
    }
    Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override {
      Slope s{Tensor(x.shape()), {}, table(x, objective)};
      for (int64_t n = 0; n < x.shape()[0]; ++n) {
        s.gradient.row(n)[0] = 10 * (1 - std::pow(std::tanh(10 * x.row(n)[0]), 2.0f));
        s.gradient.row(n)[1] = 0.1f;
        seen.emplace_back(x.row(n)[0], x.row(n)[1]);
      }
      s.value = values(s.table, objective, targets);
      return s;
    }
    std::vector<std::pair<float, float>> seen;
  };
  Steep subject;
  const Tensor x({1, 1, 1, 2}, {1, 1});
  GuidedIntegratedGradients({.steps = 100, .fraction = 0.5, .band = 0.1}).explain(subject, x, {{}, {0}, {}, 1, {}});
  ASSERT_EQ(subject.seen.size(), 101u);
  for (size_t i = 0; i < 100; ++i) {
    const auto [first, second] = subject.seen[i];
    EXPECT_NEAR(first + second, 2 * static_cast<double>(i) / 100, 0.21) << i;  // the L1 distance goes down step by step, the band aside
    EXPECT_LE(std::abs(first - second), 0.2 + 1e-6) << i;
    if (i > 5 && i < 20) {
      EXPECT_LT(first, second) << i;
    }
  }
}

TEST(ExpectedGradientsMethod, TakesTheBaselinesOfAFile) {
  testing_subject::LinearSubject subject(kImage, 5);
  const Tensor x = random_images(3, kImage), others = random_images(2, kImage, 77);
  const TemporaryFolder folder;
  const std::string file = (folder / "others.npy").string();
  write_npy(file, others);
  const Tensor map = ExpectedGradients({.samples = 4, .baselines = file}).explain(subject, x, kQuestion).values;
  const Tensor slope = subject.slope(x, {}, kQuestion.targets).gradient;
  for (int64_t n = 0; n < 3; ++n)
    for (size_t i = 0; i < map.row(n).size(); ++i)
      EXPECT_NEAR(map.row(n)[i], slope.row(n)[i] * (x.row(n)[i] - (others.row(0)[i] + others.row(1)[i]) / 2), 1e-5);
  write_npy(file, Tensor({2, 1, 8, 6}));
  EXPECT_THROW_SAYING(ExpectedGradients({.baselines = file}).explain(subject, x, kQuestion), "were wanted");
  EXPECT_THROW_SAYING(ExpectedGradients({.baselines = "blak"}), "noise, levels");
}

TEST(Blurring, KeepsLevelsAndMeans) {
  const std::vector<float> level(48, 0.25f);
  for (const float v : blurred(level, 1, 8, 6, 3)) EXPECT_NEAR(v, 0.25, 1e-6);
  std::vector<float> dot(81);
  dot[40] = 1;
  const std::vector<float> spread = blurred(dot, 1, 9, 9, 0.8);
  EXPECT_NEAR(std::accumulate(spread.begin(), spread.end(), 0.0), 1, 1e-4);
  EXPECT_NEAR(spread[41] / spread[40], std::exp(-1 / (2 * 0.64)), 1e-5);
}

}  // namespace
}  // namespace convscope
