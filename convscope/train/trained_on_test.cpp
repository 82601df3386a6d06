#include "convscope/train/trained_on.h"

#include "convscope/base/base_testing.h"
#include "convscope/data/locate.h"
#include "convscope/tensor/image.h"
#include "convscope/train/training_data.h"

namespace convscope {
namespace {

class TrainedOnTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"cat", "dog"}) {
      make_folder(folder_ / "pets" / name);
      for (int i = 0; i < 30; ++i)
        write_file(folder_ / "pets" / name / fmt::format("{}.png", i),
                   encode_png({1, 2, 2, std::vector<uint8_t>(4, static_cast<uint8_t>(i))}));
    }
    options_.model = "medium";
    options_.data = (folder_ / "pets").string() + ",held_out=0.25";
  }

  TemporaryFolder folder_;
  TrainOptions options_;
};

TEST_F(TrainedOnTest, ListsThePicturesThatWereLearntFromAgain) {
  options_.limit = 20;
  options_.validation = 4;
  const TrainData data = train_data(options_, {});
  const std::set<Path> files = training_files(data.trained_on, {});
  EXPECT_EQ(files.size(), 16u);
  EXPECT_EQ(data.trained_on.samples, 16);
  for (int64_t i = 0; i < data.train->size(); ++i) EXPECT_TRUE(files.contains(data.train->file(i)));
}

TEST_F(TrainedOnTest, HasOneDigestForOneSetOfPictures) {
  const TrainedOn first = train_data(options_, {}).trained_on;
  options_.data = (folder_ / "pets" / ".." / "pets").string() + "/,held_out=0.25";
  const TrainedOn same = train_data(options_, {}).trained_on;
  EXPECT_EQ(same.digest, first.digest);
  EXPECT_EQ(same.folder, first.folder);
  options_.data += ",seed=2";
  EXPECT_NE(train_data(options_, {}).trained_on.digest, first.digest);
}

TEST_F(TrainedOnTest, WantsMoreThanOneClass) {
  options_.data += ",classes=cat";
  EXPECT_THROW_SAYING(train_data(options_, {}), "one class alone, 'cat'");
}

TEST_F(TrainedOnTest, KnowsAFolderThatWasMoved) {
  const TrainedOn before = train_data(options_, {}).trained_on;
  std::filesystem::rename(folder_ / "pets", folder_ / "animals");
  EXPECT_TRUE(training_files(before, folder_ / "pets").empty());
  EXPECT_EQ(std::ssize(training_files(before, folder_ / "animals")), before.samples);
  std::filesystem::remove_all(folder_ / "animals" / "dog");
  EXPECT_TRUE(training_files(before, folder_ / "animals").empty());
}

TEST_F(TrainedOnTest, KeepsTheSeedThatASampleWasDrawnBy) {
  const Path pets = folder_ / "pets";
  make_folder(folder_ / "all");
  for (const char* split : {"train", "test"})
    std::filesystem::copy(pets, folder_ / "all" / split, std::filesystem::copy_options::recursive);
  options_.data = (folder_ / "all").string() + ",sample=12";
  options_.seed = 2;
  EXPECT_EQ(data_with_seed(options_, {}), options_.data + ",seed=2");
  const TrainData data = train_data(options_, {});
  EXPECT_EQ(data.trained_on.data, "folder,sample=12,seed=2");
  const std::set<Path> files = training_files(data.trained_on, {});
  EXPECT_EQ(files.size(), 12u);
  for (int64_t i = 0; i < data.train->size(); ++i) EXPECT_TRUE(files.contains(data.train->file(i)));
}

}  // namespace
}  // namespace convscope
