#include "convscope/study/oscillations_study.h"

#include <gtest/gtest.h>

#include "convscope/models/model.h"
#include "convscope/report/oscillations/oscillation_figures.h"
#include "convscope/tensor/tensor.h"

namespace convscope {
namespace {

constexpr float kRounding = 1e-5f;  // cosines of multiples of π, as floats

TEST(AlikeOscillations, DifferUntilEverySecondRowAndColumnIsDropped) {
  const Tensor images = alike_oscillations(), kept = every_second(images);
  ASSERT_EQ(kept.shape(), (Shape{4, 16, 16}));
  for (int64_t n = 1; n < 4; ++n) {
    float whole = 0, half = 0;
    for (size_t i = 0; i < images.row(n).size(); ++i) whole = std::max(whole, std::abs(images.row(n)[i] - images.row(0)[i]));
    for (size_t i = 0; i < kept.row(n).size(); ++i) half = std::max(half, std::abs(kept.row(n)[i] - kept.row(0)[i]));
    EXPECT_GT(whole, 1) << n;
    EXPECT_LT(half, kRounding) << n;
  }
}

TEST(OscillationArchitectures, AreTwentyThreeAndEachIsAModel) {
  EXPECT_EQ(oscillation_architectures().size(), 23u);
  for (const OscillationArchitecture& a : oscillation_architectures()) {
    const TrainOptions options = resolve_options({{"preset", "oscillations-resnet"}, {"model", a.model}});
    EXPECT_NO_THROW(models().make(parse_choice(options.model))) << a.name;
  }
}

}  // namespace
}  // namespace convscope
