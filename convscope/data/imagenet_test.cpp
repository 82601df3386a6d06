#include "convscope/data/imagenet.h"

#include "convscope/base/archive_testing.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/matlab_testing.h"

namespace convscope {
using namespace testing_data;

namespace {

std::string name_of_picture(int number) { return fmt::format("ILSVRC2012_val_{:08}.JPEG", number); }

/** A tar of some pictures, in another order than their numbers. */
std::string pictures(const std::vector<int>& numbers = {3, 1, 2}) {
  std::vector<TestEntry> entries;
  for (const int number : numbers) entries.push_back({name_of_picture(number), fmt::format("picture {}", number)});
  return packed(entries, Packing::tar);
}

class Imagenet : public ::testing::Test {
 protected:
  Imagenet() {
    write_file(folder / "val.tar", pictures());
    write_file(folder / "labels.txt", "n01440764\nn01443537\nn01440764\n");
  }
  Prepared prepare() { return prepare_imagenet(folder / "val.tar", folder / "labels.txt", folder / "out"); }
  std::string refusal() {
    return error_of([&] { prepare(); });
  }

  TemporaryFolder folder;
};

}  // namespace

TEST_F(Imagenet, PicturesGoToTheirClassesByTheirNumbers) {
  const Prepared done = prepare();
  EXPECT_EQ(done.images, 3);
  EXPECT_EQ(done.classes, 2);
  EXPECT_EQ(done.written, 3);
  EXPECT_EQ(done.folder, folder / "out/val");
  EXPECT_EQ(read_file(done.folder / "n01440764" / name_of_picture(1)), "picture 1");
  EXPECT_EQ(read_file(done.folder / "n01443537" / name_of_picture(2)), "picture 2");
  EXPECT_EQ(read_file(done.folder / "n01440764" / name_of_picture(3)), "picture 3");
}

TEST_F(Imagenet, ASecondTimeWritesOnlyWhatIsNotThere) {
  prepare();
  EXPECT_EQ(prepare().written, 0);
  std::filesystem::remove(folder / "out/val/n01443537" / name_of_picture(2));
  const Prepared again = prepare();
  EXPECT_EQ(again.written, 1);
  EXPECT_EQ(again.images, 3);
}

TEST_F(Imagenet, GoesOnAfterAStop) {
  int asked = 0;
  const Prepared some =
      prepare_imagenet(folder / "val.tar", folder / "labels.txt", folder / "out", {.progress = {}, .stop = [&] { return ++asked > 1; }});
  EXPECT_TRUE(some.stopped);
  EXPECT_EQ(some.written, 1);
  EXPECT_EQ(prepare().written, 2);
}

TEST_F(Imagenet, LabelsMayComeWithThePicturesNames) {
  const std::map<std::string, std::string> wanted = {{"ILSVRC2012_val_00000001", "n01440764"}, {"ILSVRC2012_val_00000002", "n01443537"}};
  write_file(folder / "named.txt", "ILSVRC2012_val_00000002.JPEG n01443537\nILSVRC2012_val_00000001.JPEG\tn01440764\r\n\n");
  EXPECT_EQ(read_imagenet_labels(folder / "named.txt"), wanted);
  write_file(folder / "solution.csv",
             "ImageId,PredictionString\nILSVRC2012_val_00000002,n01443537 85 1 499 272\nILSVRC2012_val_00000001,n01440764 1 2 3 4\n");
  EXPECT_EQ(read_imagenet_labels(folder / "solution.csv"), wanted);
}

TEST_F(Imagenet, LabelsMayComeFromTheDevkit) {
  const std::string meta = matlab_synsets({{1, "n02119789"}, {2, "n01443537"}, {490, "n01440764"}}, true);
  const auto kit = [&](const std::string& truth) {
    write_file(folder / "ILSVRC2012_devkit_t12.tar.gz",
               packed({{"ILSVRC2012_devkit_t12/readme.txt", "read me"},
                       {"ILSVRC2012_devkit_t12/data/meta.mat", meta},
                       {"ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", truth}},
                      Packing::tar_gz));
    return folder / "ILSVRC2012_devkit_t12.tar.gz";
  };
  const Prepared done = prepare_imagenet(folder / "val.tar", kit("490\n2\n490\n"), folder / "out");
  EXPECT_EQ(done.images, 3);
  EXPECT_EQ(read_file(folder / "out/val/n01443537" / name_of_picture(2)), "picture 2");
  EXPECT_TRUE(says(error_of([&] { read_imagenet_labels(kit("490\n3\n")); }), {"ground_truth.txt: '3' is no class's number"}));
  EXPECT_TRUE(says(error_of([&] { read_imagenet_labels(kit("")); }), {"ILSVRC2012_validation_ground_truth.txt"}));
}

TEST_F(Imagenet, CountsThatDoNotAgreeAreErrors) {
  write_file(folder / "labels.txt", "n01440764\nn01443537\n");
  EXPECT_TRUE(says(refusal(), {name_of_picture(3) + " has no label", "labels.txt, which has 2"}));
  write_file(folder / "labels.txt", "n01440764\nn01443537\nn01440764\nn01440764\n");
  EXPECT_TRUE(says(refusal(), {"holds 3 pictures", "has 4 labels", "ILSVRC2012_val_00000004"}));
}

TEST_F(Imagenet, SaysWhatIsNoLabel) {
  write_file(folder / "labels.txt", "n01440764\ntench\n");
  EXPECT_TRUE(says(refusal(), {"labels.txt: line 2 is 'tench'", "n01440764, or a picture's name"}));
  write_file(folder / "labels.txt", "a n01440764\na.JPEG n01443537\n");
  EXPECT_TRUE(says(refusal(), {"line 2: a second label for a"}));
  write_file(folder / "labels.txt", "\n");
  EXPECT_TRUE(says(refusal(), {"holds no label"}));
  write_file(folder / "labels.txt", "../x n01440764\n../../etc n01440764");
  EXPECT_TRUE(says(refusal(), {"has no label"})) << "names in labels lead nowhere";
}

TEST_F(Imagenet, SaysWhatIsNoTar) {
  write_file(folder / "val.tar", "not a tar");
  EXPECT_TRUE(says(refusal(), {"val.tar: cannot unpack"}));
  std::filesystem::remove(folder / "val.tar");
  EXPECT_TRUE(says(refusal(), {"val.tar: no such file"}));
  write_file(folder / "val.tar", packed({{"../" + name_of_picture(1), "x"}}, Packing::tar));
  EXPECT_TRUE(says(refusal(), {"leads out of its folder"}));
}

}  // namespace convscope
