#include "convscope/graph/ops/batch_norm.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/graph/graph_testing.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {
using namespace testing_graph;

namespace {
/** A few roundings of f32. */
constexpr float kRounding = 1e-6f;

Tensor random(const Shape& shape, std::string_view name, float least = -1) {
  const RandomStream stream(3, name);
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) t[i] = least + (1 - least) * stream.uniform(static_cast<uint64_t>(i));
  return t;
}
}  // namespace

TEST(BatchNorm, NormalisesByTheBiasedStatisticsOfTheBatch) {
  const LoneOp lone(std::make_shared<BatchNormOp>(BatchNormOptions{.eps = 1}), {{2, 1, 1, 2}, {1}, {1}, {1}, {1}}, {});
  const Tensor one({1}, {1});
  const std::vector<Tensor> made = lone.run({Tensor({2, 1, 1, 2}, {1, 3, 5, 7}), Tensor({1}, {2}), Tensor({1}, {10}), one, one});
  EXPECT_EQ(made[BatchNormOp::kMean][0], 4.0f);
  EXPECT_EQ(made[BatchNormOp::kVariance][0], 5.0f);
  for (int64_t i = 0; i < 4; ++i) EXPECT_NEAR(made[0][i], 2 * (2.0 * static_cast<double>(i) - 3) / std::sqrt(6.0) + 10, kRounding * 10);
}

TEST(BatchNorm, CountsEachActivationOnItsOwnWherePerActivation) {
  const LoneOp lone(std::make_shared<BatchNormOp>(BatchNormOptions{.per_activation = true}), {{2, 1, 1, 2}, {1}, {1}, {1, 1, 2}, {1, 1, 2}},
                    {});
  const Tensor statistic({1, 1, 2}, {1, 1});
  const std::vector<Tensor> made =
      lone.run({Tensor({2, 1, 1, 2}, {1, 10, 3, 20}), Tensor({1}, {1}), Tensor({1}, {0}), statistic, statistic});
  EXPECT_EQ(max_difference(made[BatchNormOp::kMean], Tensor({1, 1, 2}, {2, 15})), 0.0f);
  EXPECT_EQ(max_difference(made[BatchNormOp::kVariance], Tensor({1, 1, 2}, {1, 25})), 0.0f);
}

TEST(BatchNorm, KeepsItsPrecisionFarFromZero) {
  Tensor x = random({4, 2, 5, 5}, "x");
  for (float& v : x.span()) v = std::round(v * 64) / 64 + 4096;  // exact in f32
  const Tensor one({2}, {1, 1}), zero({2}, {0, 0});
  const LoneOp lone(std::make_shared<BatchNormOp>(BatchNormOptions{}), {x.shape(), {2}, {2}, {2}, {2}}, {});
  const std::vector<Tensor> far = lone.run({x, one, zero, zero, one});
  for (float& v : x.span()) v -= 4096;
  const std::vector<Tensor> near = lone.run({x, one, zero, zero, one});
  EXPECT_LE(relative_error(far[BatchNormOp::kVariance], near[BatchNormOp::kVariance]), kRounding);
}

TEST(BatchNorm, IsAnAffineOfScaleAndShiftByTheSameStatistics) {
  const Shape image{3, 4, 5, 6}, p{4};
  const Tensor x = random(image, "x"), gamma = random(p, "gamma"), beta = random(p, "beta");
  const std::vector<Tensor> made =
      LoneOp(std::make_shared<BatchNormOp>(BatchNormOptions{}), {image, p, p, p, p}, {}).run({x, gamma, beta, Tensor(p), Tensor(p)});
  const Tensor &mean = made[BatchNormOp::kMean], &variance = made[BatchNormOp::kVariance];
  const Tensor scale = LoneOp(std::make_shared<BatchNormScaleOp>(BatchNormScaleOptions{}), {p, p}, {}).run({gamma, variance})[0];
  const Tensor shift = LoneOp(std::make_shared<BatchNormShiftOp>(NoOptions{}), {p, p, p}, {}).run({beta, mean, scale})[0];
  const Tensor y = LoneOp(std::make_shared<AffineOp>(AffineOptions{}), {image, p, p}, {}).run({x, scale, shift})[0];
  EXPECT_LE(relative_error(y, made[0]), kRounding);
}

TEST(BatchNorm, PassesTheGradientOnlyWhereItsReluWasOpen) {
  // The mask is found again from x: it must be the one of y for every element, also for those closest to 0.
  const Shape image{4, 3, 8, 8}, p{3};
  const std::vector<Tensor> inputs{random(image, "x"), random(p, "gamma", 0.5f), random(p, "beta"), Tensor(p), Tensor(p)};
  const LoneOp fused(std::make_shared<BatchNormOp>(BatchNormOptions{.activation = Activation{}}), {image, p, p, p, p},
                     {false, true, true, false, false});
  const Tensor y = fused.run(inputs)[0], upstream = random(image, "upstream");
  std::vector<double> open(3);
  for (int64_t i = 0; i < y.size(); ++i)
    if (y[i] > 0) open[static_cast<size_t>(i / 64 % 3)] += upstream[i];
  const Tensor dbeta = fused.gradient(2, inputs, upstream);
  for (int64_t c = 0; c < 3; ++c) EXPECT_EQ(dbeta[c], static_cast<float>(open[static_cast<size_t>(c)]));
}

TEST(BatchNorm, GivesAResidualWithoutReluTheGradientAsItCame) {
  const Shape image{2, 3, 4, 4}, p{3};
  const LoneOp lone(std::make_shared<BatchNormOp>(BatchNormOptions{.residual = true}), {image, p, p, p, p, image},
                    {false, false, false, false, false, true});
  const Tensor x = random(image, "x"), upstream = random(image, "upstream"), one = random(p, "one");
  EXPECT_EQ(max_difference(lone.gradient(5, {x, one, one, one, one, x}, upstream), upstream), 0.0f);
  EXPECT_EQ(lone.graph().nodes().size(), 8u);  // six inputs, the op, the upstream: nothing was added
}

TEST(BatchNorm, SaysWhatDoesNotFit) {
  const auto shapes = [](BatchNormOptions options, std::vector<Shape> in) { return BatchNormOp(options).shapes(in); };
  EXPECT_THROW_SAYING(shapes({}, {{2, 3, 4, 4}, {4}, {3}, {3}, {3}}), "gamma [4] does not fit the statistics [3]; it must be [3] or [1]");
  EXPECT_THROW_SAYING(shapes({}, {{2, 3, 4, 4}, {3}, {3}, {1}, {3}}), "running mean is [1]");
  EXPECT_THROW_SAYING(shapes({.per_activation = true}, {{2, 3, 4, 4}, {3}, {3}, {3}, {3}}), "[3, 4, 4]");
  EXPECT_THROW_SAYING(shapes({.eps = 0}, {{2, 3, 4, 4}, {3}, {3}, {3}, {3}}), "eps is 0");
  EXPECT_THROW_SAYING(shapes({.momentum = 1.5}, {{2, 3, 4, 4}, {3}, {3}, {3}, {3}}), "momentum is 1.5");
  EXPECT_THROW_SAYING(shapes({}, {{2, 3}, {3}, {3}, {3}, {3}}), "input [2, 3]");
}

TEST(RunningAverage, MovesByItsShareOfTheCorrectedValue) {
  const LoneOp lone(std::make_shared<RunningAverageOp>(RunningAverageOptions{.momentum = 0.25, .correction = 2}), {{2}, {2}}, {});
  EXPECT_EQ(max_difference(lone.run({Tensor({2}, {4, 8}), Tensor({2}, {1, 10})})[0], Tensor({2}, {3.5f, 11})), 0.0f);
}

TEST(RunningAverage, MovesTheStatisticsAsPyTorchDoes) {
  const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "ops.safetensors");
  size_t steps = 0;
  for (const char* list : {"cases", "layer_cases"}) {
    for (const Json& c : parse_json(file.metadata.at(list), list)) {
      const std::string op = c.at("op"), name = c.at("name");
      const bool per_activation = op == "activation_batch_norm";  // with the biased variance in both places
      if (op != "batch_norm" && !per_activation) continue;
      SCOPED_TRACE(name);
      std::vector<Tensor> inputs;
      std::vector<Shape> shapes;
      for (const std::string input : c.at("inputs")) {
        inputs.push_back(file.tensors.at(name + "/in/" + input));
        shapes.push_back(inputs.back().shape());
      }
      BatchNormOptions options{.eps = c.at("options").at("eps"), .per_activation = per_activation};
      const std::vector<Tensor> made = LoneOp(std::make_shared<BatchNormOp>(options), shapes, {}).run(inputs);
      const double count = static_cast<double>(shapes[0].size() / made[BatchNormOp::kMean].size());

      const auto moved = [&](BatchNormOp::In old, BatchNormOp::Out batch, double correction) {
        const RunningAverageOptions average{.momentum = c.at("options").at("momentum"), .correction = correction};
        const Shape p = made[batch].shape();
        return LoneOp(std::make_shared<RunningAverageOp>(average), {p, p}, {}).run({inputs[old], made[batch]})[0];
      };
      const Tensor mean = moved(BatchNormOp::kRunningMean, BatchNormOp::kMean, 1);
      const Tensor variance = moved(BatchNormOp::kRunningVariance, BatchNormOp::kVariance, per_activation ? 1 : count / (count - 1));
      EXPECT_LE(relative_error(mean, file.tensors.at(name + "/out/running_mean")), kRounding);
      EXPECT_LE(relative_error(variance, file.tensors.at(name + "/out/running_var")), kRounding);
      ++steps;
    }
  }
  EXPECT_GT(steps, 3u);
}

}  // namespace convscope
