#include "convscope/results/watch_record.h"

#include "convscope/base/base_testing.h"
#include "convscope/results/run_folder.h"

namespace convscope {
namespace {

WatchRecord record_of(int64_t methods, int64_t images) {
  WatchRecord record;
  record.network.name = "deep";
  record.data = {.name = "pets", .split = "test"};
  record.target = "true";
  record.every = 2;
  record.rows = 3;
  record.columns = 2;
  record.classes = {"cat", "dog"};
  for (int64_t m = 0; m < methods; ++m) record.methods.push_back({fmt::format("method-{}", m), m == 0, fmt::format("{}.webp", m)});
  for (int64_t n = 0; n < images; ++n) record.images.push_back({n + 5, n % 2, 1, fmt::format("image-{}.png", n)});
  return record;
}

WatchFrames frames_of(const WatchRecord& record, std::vector<int64_t> updates) {
  WatchFrames frames(record);
  frames.updates = updates;
  for (int64_t f = 0; f < frames.count(); ++f) {
    for (int64_t n = 0; n < frames.images; ++n) {
      frames.predicted.push_back(static_cast<int32_t>((f + n) % 2));
      frames.confidence.push_back(0.5f);
    }
    for (int64_t k = 0; k < frames.methods * frames.images; ++k)
      frames.add_map(std::vector<float>{0, 1, static_cast<float>(k), -8, 4, static_cast<float>(f)});
  }
  return frames;
}

TEST(AWatchRecord, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  const WatchRecord record = record_of(2, 3);
  write_file(folder / kWatchFile, fields_to_json(record).dump());
  EXPECT_EQ(fields_to_json(read_watch(folder.path())), fields_to_json(record));
  Json elsewhere = fields_to_json(record);
  elsewhere["images"][0]["input"] = "../../secret.png";
  EXPECT_THROW_SAYING(record_from_json<WatchRecord>(elsewhere, "it"), "does not lie beside it");
  elsewhere = fields_to_json(record);
  elsewhere["images"][0]["target"] = 2;
  EXPECT_THROW_SAYING(record_from_json<WatchRecord>(elsewhere, "it"), "class 2 of 2");
}

TEST(WatchedFrames, ComeBackInTheirOrderWithLevelsOfTheirLargestNumber) {
  const TemporaryFolder folder;
  const WatchRecord record = record_of(2, 3);
  const WatchFrames early = frames_of(record, {0, 2, 4}), late = frames_of(record, {6});
  write_frames(folder.path(), late);
  write_frames(folder.path(), early);
  const std::vector<Path> files = frame_files(folder.path());
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(first_update_of(files[1]), 6);
  EXPECT_EQ(read_frames(files[0], record), early);
  EXPECT_EQ(read_frames(files[1], record), late);
  EXPECT_EQ(early.map(1, 1, 0)[3], -127);
  EXPECT_NEAR(early.unit(1, 1, 0) * static_cast<float>(early.map(1, 1, 0)[4]), 4, early.unit(1, 1, 0) / 2);
}

TEST(WatchedFrames, OfZerosAndOfWhatIsNoNumberAreEmpty) {
  WatchFrames frames(record_of(1, 1));
  frames.add_map(std::vector<float>(6, 0.0f));
  frames.add_map(std::vector<float>{1, NAN, 2, 3, 4, 5});
  EXPECT_EQ(frames.units, (std::vector<float>{0, 0}));
  EXPECT_EQ(frames.levels, std::vector<int8_t>(12));
}

TEST(WatchedFrames, ThatAreCutOrOfAnotherRecordingAreErrors) {
  const TemporaryFolder folder;
  const WatchRecord record = record_of(2, 3);
  write_frames(folder.path(), frames_of(record, {0, 2}));
  const Path file = frame_files(folder.path()).front();
  EXPECT_THROW_SAYING(read_frames(file, record_of(1, 3)), "does not belong");
  const std::string bytes = read_file(file);
  for (const size_t size : {size_t{0}, size_t{10}, bytes.size() / 2, bytes.size() - 1}) {
    write_file(file, bytes.substr(0, size));
    EXPECT_THROW(read_frames(file, record), Error) << size;
  }
  write_file(file, bytes + "x");
  EXPECT_THROW_SAYING(read_frames(file, record), "longer");
}

TEST(ATrainingPath, ComesBackFromItsFileInDoublePrecision) {
  const TemporaryFolder folder;
  EXPECT_FALSE(has_training_path(folder.path()));
  write_training_path(folder.path(), {{1, 1, 1, 2}, 3, 7, {1.0 / 3, -1e-300}});
  const TrainingPath back = read_training_path(folder.path());
  EXPECT_EQ(back.shape, (Shape{1, 1, 1, 2}));
  EXPECT_EQ(back.states, 3);
  EXPECT_EQ(back.until, 7);
  EXPECT_EQ(back.sum, (std::vector<double>{1.0 / 3, -1e-300}));
}

TEST(RemovingARecording, LeavesWhatIsSomebodyElses) {
  const TemporaryFolder folder;
  for (const char* name : {"watch.json", "frames-000000000000.bin", "path.bin", "gradient.webp", "image-00001.png", "notes.txt"})
    write_file(folder / name, "x");
  remove_watch(folder.path());
  EXPECT_TRUE(std::filesystem::exists(folder / "notes.txt"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace convscope
