#include "convscope/api/picture_mask.h"

#include "convscope/api/api_testing.h"

namespace convscope {
namespace {

class PictureMask : public ::testing::Test, protected SmallWorld {
 protected:
  std::vector<int64_t> left(const std::string& csv, const std::string& column, bool negate = false) {
    write_file(folder / "table.csv", csv);
    const Pictures all = pictures().first(4);
    return masked(all, {.mask = (folder / "table.csv").string(), .mask_column = column, .negate_mask = negate}).numbers();
  }
  using Numbers = std::vector<int64_t>;
  TemporaryFolder folder;
};

TEST_F(PictureMask, ReadsRowsByTheirNumberOrInOrder) {
  const std::string numbered = ",label,top-1 correct\n3,0,True\n0,1,False\n1,2,True\n2,0,False\n";
  EXPECT_EQ(left(numbered, "top-1 correct"), (Numbers{1, 3}));
  EXPECT_EQ(left(numbered, "top-1 correct", true), (Numbers{0, 2}));
  EXPECT_EQ(left("sure\n1\n0\n0\n1\n", "sure"), (Numbers{0, 3}));
}

TEST_F(PictureMask, LeavesOutImagesWithoutARowAndSaysSo) {
  EXPECT_EQ(left("index,sure\n1,1\n3,0\n", "sure"), (Numbers{1}));
  EXPECT_EQ(left("index,sure\n1,1\n3,0\n", "sure", true), (Numbers{3}));
  std::string told;
  Setting setting;
  setting.say = [&](std::string_view line) { told = line; };
  (void)masked(pictures().first(4), {.mask = (folder / "table.csv").string(), .mask_column = "sure"}, setting);
  EXPECT_NE(told.find("no row for 2 of the 4 images"), std::string::npos) << told;
}

TEST_F(PictureMask, KnowsWhatIsRightInATableOfPredictions) {
  const std::string predictions = "index,label,predicted,confidence\n0,1,1,0.5\n1,1,2,0.5\n2,3,3,0.9\n3,0,1,0.9\n";
  EXPECT_EQ(left(predictions, "right"), (Numbers{0, 2}));
  EXPECT_EQ(left(predictions, "right", true), (Numbers{1, 3}));
}

TEST_F(PictureMask, SaysWhatIsWrongWithATable) {
  EXPECT_THROW_SAYING(left("sure\n1\nmaybe\n1\n1\n", "sure"), "line 3: 'maybe'");
  EXPECT_THROW_SAYING(left("sure\n0\n0\n0\n0\n", "sure"), "no image is left");
  EXPECT_THROW_SAYING(left("index,sure\n0,1\n", "sore"), "did you mean 'sure'");
  EXPECT_THROW_SAYING(left("index,sure\n0\n", "sure"), "line 2: 1 cells");
  EXPECT_THROW_SAYING(check_mask({.mask = "table.csv"}), "`mask_column`");
  EXPECT_THROW_SAYING(check_mask({.negate_mask = true}), "`negate_mask`");
}

TEST_F(PictureMask, IsToldInWhereThePicturesAreFrom) {
  write_file(folder / "table.csv", "sure\n1\n0\n");
  const Pictures some = masked(pictures().first(2), {.mask = (folder / "table.csv").string(), .mask_column = "sure"});
  EXPECT_EQ(some.where().images, "sure of table.csv");
  EXPECT_EQ(some.where().count, 1);
}

}  // namespace
}  // namespace convscope
