#include "convscope/data/picture_files.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

TEST(PictureFiles, OfAFolderAreItsPicturesAsPeopleCount) {
  const TemporaryFolder folder;
  make_folder(folder / "deeper.png");
  for (const char* name : {"10.png", "2.PNG", "1.jpeg", ".3.png", "notes.txt", "deeper.png/4.png"}) write_file(folder / name, "x");
  const std::string in = folder.path().string() + "/";
  EXPECT_EQ(picture_files(std::vector<std::string>{"b.gif", folder.path().string(), "a.png"}),
            (std::vector<std::string>{"b.gif", in + "1.jpeg", in + "2.PNG", in + "10.png", "a.png"}));
}

TEST(PictureFiles, OfAFolderWithoutAnyAreAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  EXPECT_THROW_SAYING(picture_files(std::vector<std::string>{folder.path().string()}), folder.path().string() + ": no picture (.jpg");
}

}  // namespace
}  // namespace convscope
