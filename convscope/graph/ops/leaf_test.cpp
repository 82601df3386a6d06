#include "convscope/graph/ops/leaf.h"

#include "convscope/base/base_testing.h"

namespace convscope {

TEST(Leaf, HasTheShapeItIsGiven) {
  EXPECT_EQ(InputOp({.shape = {2, 3, 4, 5}}).shapes({})[0], (Shape{2, 3, 4, 5}));
  EXPECT_EQ(ParameterOp({.shape = {7}}).shapes({})[0], (Shape{7}));
  EXPECT_EQ(ConstantOp({.shape = {1}}).shapes({})[0], (Shape{1}));
}

TEST(Leaf, RefusesShapesThatNoTensorHas) {
  EXPECT_THROW_SAYING(InputOp(InputOptions{}).shapes({}), "an input needs a shape");
  EXPECT_THROW_SAYING(ParameterOp({.shape = {3, 0}}).shapes({}), "has the extent 0");
  EXPECT_THROW_SAYING(ParameterOp({.shape = {-3}}).shapes({}), "has the extent -3");
  EXPECT_THROW_SAYING(ParameterOp({.shape = {1 << 30, 1 << 30, 1 << 30}}).shapes({}), "has more than");
  EXPECT_THROW_SAYING(ParameterOp({.shape = {1, 1, 1, 1, 1, 1}}).shapes({}), "at most 5");
}

TEST(Constant, IsOneNumberEverywhere) {
  Tensor t({2, 3});
  const std::vector<Tensor*> to{&t};
  ConstantOp({.shape = {2, 3}, .value = 2.5f}).run({}, to, {});
  for (const float v : t.span()) EXPECT_EQ(v, 2.5f);
}

}  // namespace convscope
