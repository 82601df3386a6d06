#include "convscope/results/watch_survey.h"

#include "convscope/results/watch_testing.h"

namespace convscope {
namespace {

TEST(TheScaleOfAFilm, IsOneForAllFramesAndHoldsNineOfTenMaps) {
  const TemporaryFolder folder;
  const WatchSurvey seen = survey(folder.path(), write_recording(folder.path(), 100));
  ASSERT_EQ(seen.updates.size(), 100u);
  EXPECT_NEAR(seen.scales[0].limit, 270, 1);
  EXPECT_NEAR(seen.scales[0].beyond, 0.1, 0.01);
  EXPECT_EQ(seen.scales[1].limit, 0);
}

}  // namespace
}  // namespace convscope
