#include "convscope/graph/ops/lift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/standardize.h"

namespace convscope {
namespace {

Tensor drawn(const Shape& shape, uint64_t part, double scale = 1) {
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i)
    t[i] = static_cast<float>(scale * RandomStream(9, "lifted").normal(static_cast<uint64_t>(i), part));
  return t;
}

/** |Σ m (x − x') − Σ dy (y − y')| over the latter's parts. */
double gap(const Op& op, const Op& lift, const Tensor& x, const Tensor& from) {
  const std::vector<Shape> in{x.shape()};
  Tensor y(op.shapes(in)[0]), before(y.shape()), m(x.shape());
  const auto run = [](const Op& o, std::vector<const Tensor*> inputs, Tensor& out) {
    std::vector<Tensor*> to{&out};
    o.run(inputs, to, {});
  };
  run(op, {&x}, y);
  run(op, {&from}, before);
  const Tensor dy = drawn(y.shape(), 3);
  run(lift, {&x, &from, &dy}, m);
  double down = 0, up = 0, size = 0;
  for (int64_t i = 0; i < x.size(); ++i) down += static_cast<double>(m[i]) * (static_cast<double>(x[i]) - from[i]);
  for (int64_t i = 0; i < y.size(); ++i) {
    const double part = dy[i] * (static_cast<double>(y[i]) - before[i]);
    up += part;
    size += std::abs(part);
  }
  return std::abs(down - up) / size;
}

TEST(Multipliers, AddUpToTheDifferenceWhateverTheOp) {
  const Shape image{2, 6, 7, 8};
  const Tensor x = drawn(image, 1), from = drawn(image, 2, 0.5), flat(image);
  for (const Tensor* reference : {&from, &flat}) {
    const MaxPoolOptions overlap{.kernel = 3, .stride = 2, .pad = 1};
    EXPECT_LT(gap(MaxPoolOp(overlap), MaxPoolLiftOp(overlap), x, *reference), 1e-6);
    for (const char* over : {"groups", "channels"}) {
      const StandardizeOptions options{.over = over, .groups = 2};
      EXPECT_LT(gap(StandardizeOp(options), StandardizeLiftOp(options), x, *reference), 1e-5) << over;
    }
    const LrnOptions lrn{.size = 4, .alpha = 2};
    EXPECT_LT(gap(LrnOp(lrn), LrnLiftOp(lrn), x, *reference), 1e-6);
  }
  for (const double scale : {0.1, 1.0, 10.0})
    EXPECT_LT(gap(SoftmaxOp(NoOptions{}), SoftmaxLiftOp(NoOptions{}), drawn({4, 9}, 1, scale), drawn({4, 9}, 2, scale)), 1e-5) << scale;
}

TEST(Multipliers, OfMaxPoolsGoToThePlacesThatMoved) {
  // The largest moves from the first place to the last: what it rises by goes to where it now lies.
  const Tensor x({1, 1, 1, 3}, {1, 0, 4}), from({1, 1, 1, 3}, {2, 0, 0}), dy({1, 1, 1, 1}, {1});
  Tensor m(x.shape());
  const std::vector<const Tensor*> in{&x, &from, &dy}, turned{&from, &x, &dy};
  std::vector<Tensor*> out{&m};
  const MaxPoolLiftOp lift({.kernel = 1, .stride = 1, .kernel_columns = 3});
  lift.run(in, out, {});
  EXPECT_EQ(m[0], 0);
  EXPECT_FLOAT_EQ(m[2], 0.5f);  // 2 of 4
  lift.run(turned, out, {});    // and what it falls by to where it lay
  EXPECT_EQ(m[0], 0);
  EXPECT_FLOAT_EQ(m[2], 0.5f);
}

TEST(TheSecant, IsTheTangentWhereNothingMoves) {
  const Tensor x({1, 3}, {1, 2, -1}), from({1, 3}, {1, 1, 1}), y({1, 3}, {1, 2, 0}), before({1, 3}, {1, 1, 1}), tangent({1, 3}, {7, 7, 7}),
      dy({1, 3}, {2, 2, 2});
  Tensor m(x.shape());
  const std::vector<const Tensor*> in{&x, &from, &y, &before, &tangent, &dy};
  std::vector<Tensor*> out{&m};
  SecantOp(NoOptions{}).run(in, out, {});
  EXPECT_EQ(m[0], 7);
  EXPECT_EQ(m[1], 2);
  EXPECT_EQ(m[2], 1);  // from 1 to −1 a ReLU falls by 1
}

}  // namespace
}  // namespace convscope
