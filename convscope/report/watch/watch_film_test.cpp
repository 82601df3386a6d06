#include "convscope/report/watch/watch_film.h"

#include <gtest/gtest.h>

#include "convscope/report/page/section.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/watch_testing.h"

namespace convscope {
namespace {

TEST(TheScaleOfAFilm, IsToldInWords) {
  const TemporaryFolder folder;
  const WatchRecord record = write_recording(folder.path(), 100);
  const WatchSurvey seen = survey(folder.path(), record);
  EXPECT_EQ(film_colours(record.methods[0], seen.scales[0]).low, -seen.scales[0].limit);
  EXPECT_NE(scale_text(record.methods[0], seen.scales[0]).find("of the maps reach beyond"), std::string::npos);
  EXPECT_EQ(scale_text(record.methods[1], seen.scales[1]), "black 0 … yellow 0 in all frames");
}

TEST(TheFrameOfAFilm, HasItsMapsInTheColoursOfTheScale) {
  const TemporaryFolder folder;
  const WatchRecord record = write_recording(folder.path(), 10);
  const WatchSurvey seen = survey(folder.path(), record);
  WatchFilm film(folder.path(), record, seen, 0);
  const WatchFrames frames = read_frames(frame_files(folder.path()).front(), record);
  const Image first = film.frame(frames, 0), last = film.frame(frames, 9);
  EXPECT_EQ(first.rows, film.rows());
  EXPECT_EQ(first.columns, film.columns());
  EXPECT_NE(first, last);
  EXPECT_EQ(first, film.frame(frames, 0));
  const float number = frames.unit(4, 0, 1) * 127;
  const ColourScale colours = film_colours(record.methods[0], seen.scales[0]);
  const Image map = film_map(frames, 4, 0, 1, colours), wanted = coloured(std::span(&number, 1), 1, 1, colours);
  for (size_t c = 0; c < 3; ++c) EXPECT_EQ(map.pixels[20 * c + 7], wanted.pixels[c]);
}

TEST(TheWatchSection, ShowsAtMostAHundredAndTwentyFramesTheFirstAndTheLastAmongThem) {
  const TemporaryFolder run;
  write_recording(run / kWatch, 300);
  const auto section = sections().make("watch");
  ASSERT_TRUE(section->applies(run.path()));
  const RunFolder folder{run.path(), "run", "deep on pets", kBlue};
  const SectionContent content = section->render(std::span(&folder, 1));
  const Json& updates = content.data["runs"][0]["updates"];
  EXPECT_EQ(updates.size(), 120u);
  EXPECT_EQ(updates.front(), 0);
  EXPECT_EQ(updates.back(), 299);
  EXPECT_EQ(content.data["runs"][0]["predicted"].size(), 120u);
  EXPECT_EQ(content.body.markup().find("<b>dog"), std::string::npos);
}

TEST(TheWatchSection, LeavesOutARecordingWithoutFrames) {
  const TemporaryFolder run;
  write_recording(run / kWatch, 0);
  EXPECT_FALSE(sections().make("watch")->applies(run.path()));
}

}  // namespace
}  // namespace convscope
