#include "convscope/report/watch_film.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/report/section.h"

namespace convscope {
namespace {

/** Two methods, three images of 4 x 5, `count` frames; map k of the first method has the largest number k + 1, the second's are zero. */
WatchRecord write_recording(const Path& folder, int64_t count) {
  make_folder(folder);
  WatchRecord record{.network = "deep", .data = "pets, test", .target = "true", .every = 1, .rows = 4, .columns = 5};
  record.classes = {"cat", "</script><b>dog"};
  record.methods = {{"gradient", true, "gradient.webp"}, {"occlusion", false, "occlusion.webp"}};
  for (int64_t n = 0; n < 3; ++n) {
    record.images.push_back({n, n % 2, n % 2, fmt::format("image-{}.png", n)});
    write_png(folder / record.images.back().input, Image{1, 4, 5, std::vector<uint8_t>(20, static_cast<uint8_t>(80 * n))});
  }
  write_file(folder / kWatchFile, fields_to_json(record).dump());
  WatchFrames frames(record);
  for (int64_t f = 0; f < count; ++f) {
    frames.updates.push_back(f);
    for (int64_t m = 0; m < 2; ++m)
      for (int64_t n = 0; n < 3; ++n) {
        std::vector<float> map(20, 0.0f);
        if (m == 0) map[7] = static_cast<float>(3 * f + n + 1);
        frames.add_map(map);
      }
    frames.predicted.insert(frames.predicted.end(), {0, 1, 0});
    frames.confidence.insert(frames.confidence.end(), {0.9f, 0.5f, 1.0f});
    if (f % 40 == 39 || f == count - 1) {
      write_frames(folder, frames);
      frames = WatchFrames(record);
    }
  }
  return record;
}

TEST(TheScaleOfAFilm, IsOneForAllFramesAndHoldsNineOfTenMaps) {
  const TemporaryFolder folder;
  const WatchRecord record = write_recording(folder.path(), 100);
  const WatchSurvey seen = survey(folder.path(), record);
  ASSERT_EQ(seen.updates.size(), 100u);
  EXPECT_NEAR(seen.scales[0].colours.high, 270, 1);
  EXPECT_EQ(seen.scales[0].colours.low, -seen.scales[0].colours.high);
  EXPECT_NEAR(seen.scales[0].beyond, 0.1, 0.01);
  EXPECT_NE(scale_text(record.methods[0], seen.scales[0]).find("of the maps reach beyond"), std::string::npos);
  EXPECT_EQ(seen.scales[1].colours.high, 0);
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
  const Image map = film_map(frames, 4, 0, 1, seen.scales[0]), wanted = coloured(std::span(&number, 1), 1, 1, seen.scales[0].colours);
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
