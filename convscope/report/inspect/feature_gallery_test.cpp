#include "convscope/report/inspect/feature_gallery.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/report/page/page.h"
#include "convscope/report/page/page_testing.h"
#include "convscope/results/inspection.h"
#include "convscope/tensor/image.h"

namespace convscope {
namespace {

/** A layer of so many channels, each with one picture and two images in one row. */
FeaturesRecord record(int64_t channels) {
  FeaturesRecord r;
  r.node = "relu4";
  r.network.name = "medium";
  r.data.name = "photos";
  r.about = "the fourth activation";
  r.number = "the mean of the channel";
  r.size = {8, 16};
  r.columns = 2;
  for (int64_t k = 0; k < channels; ++k) {
    FeatureRecord feature;
    feature.channel = k;
    feature.pictures = {{.end = 2, .times = 1.5, .png = fmt::format("channel-{}-0.png", k)}};
    feature.tiles = fmt::format("channel-{}-tiles.png", k);
    feature.top.resize(2);
    feature.top[0].label = "cat <b>";
    feature.top[1].label = "dog";
    feature.top[1].field = {0, 3, 0, 15};  // the upper half of the right image
    r.features.push_back(feature);
  }
  return r;
}

TEST(FeatureGallery, HasAllChannelsWithPicturesThatLoadWhenTheyAreSeen) {
  const std::string page = feature_gallery(record(300));
  EXPECT_EQ(count(page, "<article"), 300u);
  EXPECT_EQ(count(page, "<img"), 600u);
  EXPECT_EQ(count(page, "<img loading=\"lazy\""), 600u);
  EXPECT_EQ(count(page, "data:"), 0u) << "no picture is in the page itself";
  EXPECT_NE(page.find("src=\"channel-299-tiles.png\" style=\"aspect-ratio:4.0000\""), std::string::npos)
      << "two of 16 × 8 beside each other";
  EXPECT_NE(page.find("--l:0.5000;--t:0.0000;--w:0.5000;--h:0.5000"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos) << "names of classes are text";
}

TEST(FeaturesOnThePage, OfALargeLayerAreTheFirstOnesAndAWayToTheGallery) {
  const TemporaryFolder folder;
  const Path look = folder / "inspect/features-relu4";
  make_folder(look);
  write_file(inspection_file(look, FeaturesRecord::kKind), fields_to_json(record(300)).dump());
  write_file(look / kGalleryFile, feature_gallery(record(300)));
  const ReportPage page = report_page(std::vector<Path>{folder.path()});
  EXPECT_EQ(count(page.html, "class=\"feature\""), 40u);
  EXPECT_NE(page.html.find("All 300 in a gallery: <a href=\"inspect/features-relu4/gallery.html\">"), std::string::npos);
  const std::string elsewhere = report_page(std::vector<Path>{folder.path()}, folder / "pages/mine").html;
  EXPECT_NE(elsewhere.find("<a href=\"../../inspect/features-relu4/gallery.html\">"), std::string::npos);

  std::filesystem::remove(look / kGalleryFile);
  EXPECT_EQ(count(report_page(std::vector<Path>{folder.path()}).html, "class=\"feature\""), 300u)
      << "nothing is left out without a gallery";
}

TEST(FeatureGallery, OfWhatIsDrivenDownSaysSoAndPutsTheFarthestFirst) {
  FeaturesRecord down = record(1);
  down.options["minimise"] = true;
  down.features[0].pictures[0].end = -5;
  down.features[0].pictures[0].times = kUnknown;
  down.features[0].pictures.push_back(down.features[0].pictures[0]);
  down.features[0].pictures[1].end = -1;
  const std::string page = feature_gallery(down);
  EXPECT_NE(page.find("data-reached=\"5\""), std::string::npos);
  EXPECT_NE(page.find("steps down the slope of"), std::string::npos);
  EXPECT_NE(page.find("the lowest of"), std::string::npos);
  EXPECT_EQ(page.find(" most"), std::string::npos);
  EXPECT_EQ(page.find("over the best image"), std::string::npos) << "there is no such number";
  EXPECT_EQ(page.find("the best image"), std::string::npos);
}

}  // namespace
}  // namespace convscope
