#include "convscope/study/oscillations_study.h"

#include "convscope/base/base_testing.h"
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

TEST(TheRecordOfOscillations, TellsWhenceItIs) {
  const TemporaryFolder folder;
  StudyContext context;
  context.folder = folder.path();
  context.setting.seed = 4;
  const std::vector<Part> parts = OscillationsStudy({}).parts(Scale::quick);
  (void)parts.front().run(context);
  const OscillationsRecord record = read_oscillations(folder.path());
  EXPECT_EQ(record.data.text(), "oscillations,n_freq=20, test");
  EXPECT_EQ(record.data.count, 10000);
  EXPECT_EQ(record.data.digest.size(), 32u);
  EXPECT_EQ(record.options["scale"], "quick");
  EXPECT_EQ(record.seed, 4);
  EXPECT_FALSE(record.version.empty());
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
