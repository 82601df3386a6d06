#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/report/draw/figure_testing.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/activation_sheet.h"
#include "convscope/report/inspect/cluster_figures.h"
#include "convscope/report/inspect/filter_sheet.h"
#include "convscope/report/inspect/neuron_sheet.h"
#include "convscope/report/page/page.h"
#include "convscope/report/page/page_testing.h"
#include "convscope/results/run_folder.h"

namespace convscope {
namespace {

Image flat_picture(int64_t channels, int64_t rows, int64_t columns, uint8_t level = 100) {
  return {channels, rows, columns, std::vector<uint8_t>(static_cast<size_t>(channels * rows * columns), level)};
}

WeightsRecord weights(std::vector<int64_t> shape, bool colour) {
  WeightsRecord record;
  record.network.name = "resnet20";
  record.node = "conv1";
  record.about = "the first of 20 layers with filters; it looks at the pixels";
  record.shape = shape;
  record.colour = colour;
  record.channels = shape[1];
  record.columns = colour || shape[1] == 1 ? 8 : shape[1];
  record.tiles = "filters.png";
  for (int64_t k = 0; k < shape[0]; ++k) record.filters.push_back({k, -0.5, 0.5});
  return record;
}

NeuronsRecord neurons(const std::string& label) {
  NeuronsRecord record;
  record.network.name = "scratch";
  record.data.name = "cifar10, test";
  record.node = "relu6";
  record.about = "relu behind conv6, before bn6";
  record.images = 2000;
  record.size = {32, 32};
  record.columns = 5;
  NeuronRecord neuron{.node = "relu6", .channel = 17, .selectivity = 5.2, .mean = 0.1, .deviation = 0.5, .tiles = "tiles.png", .top = {}};
  for (int64_t n = 0; n < 7; ++n) neuron.top.push_back({n, 7.93 - static_cast<double>(n), 2, 3, label, {-4, 9, 20, 40}});
  record.neurons.push_back(neuron);
  return record;
}

ClustersRecord clusters(const std::string& name) {
  ClustersRecord record;
  record.network.name = "scratch";
  record.data.name = "cifar10, test";
  record.node = "relu6";
  record.about = "relu behind conv6, before bn6";
  record.images = 4;
  record.numbers = 8192;
  record.purity = 0.75;
  record.chance = 0.5;
  record.columns = 5;
  record.classes = {"cat", name};
  record.clusters.push_back(
      {.size = 3, .purity = 2.0 / 3, .histogram = {2, 1}, .nearest = {5, 1, 2}, .farthest = {}, .tiles = "cluster-000.png"});
  record.clusters.push_back({.size = 1, .purity = 1, .histogram = {0, 1}, .nearest = {3}, .farthest = {}, .tiles = "cluster-001.png"});
  return record;
}
const ClusterPoints kPoints{{5, 1, 2, 3}, {0, 0, 1, 1}, {0, 0, 0, 1}, {0, 1, 0.5, -2}, {1, 1, 0, 0.5}};

TEST(InspectionFigures, OfFiltersSayWhichLayerIsShown) {
  const WeightsRecord colour = weights({10, 3, 3, 3}, true);
  const Figure figure = filter_sheet(colour, flat_picture(3, 6, 24));
  sound(figure);
  EXPECT_TRUE(says(figure, "conv1 [10, 3, 3, 3] of resnet20"));
  EXPECT_TRUE(says(figure, "the first of 20 layers"));
  sound(filter_sheet(weights({4, 6, 5, 5}, false), flat_picture(1, 20, 30)));
}

TEST(InspectionFigures, OfActivationsHaveTheImageInTheFirstPlace) {
  ActivationsRecord record;
  record.network.name = "scratch";
  record.data.name = "cifar10, test";
  record.node = "relu1";
  record.about = "relu behind conv1, before bn1";
  record.shape = {64, 16, 16};
  record.columns = 11;
  ImageAnswers image{.image = 3, .source = {}, .label = "cat", .input = {}, .tiles = {}, .npy = {}, .channels = {}};
  for (int64_t c = 0; c < 32; ++c) image.channels.push_back({c, 0, c == 4 ? 0.0 : 1.25, 0.1, 0.5});
  const Figure figure = activation_sheet(record, image, flat_picture(3, 32, 32), flat_picture(1, 48, 176));
  sound(figure);
  EXPECT_TRUE(says(figure, "relu1 [64, 16, 16]")) << "the layer truly shown";
  EXPECT_TRUE(says(figure, "32 of 64 channels"));
  EXPECT_TRUE(says(figure, "1 zero everywhere"));
}

TEST(InspectionFigures, OfNeuronsPrintThreeDecimals) {
  const NeuronsRecord record = neurons("cat");
  const Figure figure = neuron_sheet(record, record.neurons[0], std::vector<Image>(7, flat_picture(3, 32, 32)));
  sound(figure);
  EXPECT_TRUE(says(figure, "7.930"));
}

TEST(InspectionFigures, OutlineOnlyWhatIsAPartOfTheImage) {
  NeuronImage image;
  EXPECT_EQ(field_of(image, 32, 32).width, 0) << "not known";
  image.field = {-8, 40, -8, 40};
  EXPECT_EQ(field_of(image, 32, 32).width, 0) << "all of it";
  image.field = {-8, 7, 16, 40};
  const Box part = field_of(image, 32, 32);
  EXPECT_EQ(part.x, 0.5);
  EXPECT_EQ(part.y, 0);
  EXPECT_EQ(part.width, 0.5);
  EXPECT_EQ(part.height, 0.25);
}

TEST(InspectionFigures, OfClustersAreSound) {
  const ClustersRecord record = clusters("dog");
  const Figure sheet = cluster_sheet(record, std::vector<Image>{flat_picture(3, 32, 160), flat_picture(3, 32, 160)});
  sound(sheet);
  EXPECT_TRUE(says(sheet, "67 % cat, 33 % dog"));
  EXPECT_TRUE(says(sheet, "by chance 50.0 %"));
  sound(cluster_map(record, kPoints));
  const auto stands = cluster_stands(kPoints);
  EXPECT_EQ(stands.size(), 4u);
  sound(cluster_picture_map(record, kPoints, stands, std::vector<Image>(4, flat_picture(3, 32, 32))));
}

TEST(InspectionFigures, OfClustersKeepTheMapForTheManyAndPutTheFarOnesAtTheRim) {
  ClusterPoints points;
  for (int64_t i = 0; i < 400; ++i) {
    points.image.push_back(i);
    points.label.push_back(i % 2);
    points.cluster.push_back(0);
    points.x.push_back(i == 7 ? 1e4 : static_cast<double>(i % 20));
    points.y.push_back(static_cast<double>(i / 20));
  }
  const std::vector<Point> places = cluster_places(points);
  EXPECT_GT(places[19].x - places[0].x, 100);
  EXPECT_GT(places[7].x, places[19].x);
  EXPECT_TRUE(says(cluster_map(clusters("dog"), points), "1 at the rim lies farther out"));
}

TEST(InspectionFigures, OfClustersWithoutAnyExtentHaveAPlace) {
  const ClusterPoints same{{1, 2}, {0, 0}, {0, 0}, {3, 3}, {1, 1}};
  for (const Point& p : cluster_places(same)) EXPECT_TRUE(std::isfinite(p.x) && std::isfinite(p.y));
  EXPECT_EQ(cluster_stands(same).size(), 1u);
}

TEST(InspectionPage, ShowsWhatIsThereAndForeignNamesStayText) {
  const TemporaryFolder folder;
  const auto put = [&](std::string_view kind, const Json& json) {
    const Path one = folder / kInspections / fmt::format("{}-relu6", kind);
    make_folder(one);
    write_file(inspection_file(one, kind), json.dump(-1, ' ', false, Json::error_handler_t::replace));
    return one;
  };
  write_png(put("weights", fields_to_json(weights({10, 3, 3, 3}, true))) / "filters.png", flat_picture(3, 6, 24));
  write_png(put("neurons", fields_to_json(neurons(kHostile))) / "tiles.png", flat_picture(3, 64, 160));
  const Path heaps = put("clusters", fields_to_json(clusters(kHostile)));
  write_png(heaps / "cluster-000.png", flat_picture(3, 32, 160));
  write_file(heaps / kPointsFile, fields_to_json(kPoints).dump());
  const ReportPage page = report_page(std::vector<Path>{folder.path()});
  EXPECT_EQ(page.sections, (std::vector<std::string>{"weights", "neurons", "clusters"}));
  EXPECT_NE(page.html.find("no picture"), std::string::npos) << "one that is missing";
  EXPECT_EQ(page.html.find("<b>\""), std::string::npos);
  EXPECT_NE(page.html.find("&lt;/script&gt;&lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.html, report_page(std::vector<Path>{folder.path()}).html);
}

TEST(InspectionPage, NamesARecordThatIsDamaged) {
  const TemporaryFolder folder;
  const Path one = folder / kInspections / "neurons-relu6";
  make_folder(one);
  write_file(inspection_file(one, "neurons"), "{\"neurons\": 3}");
  EXPECT_THROW_SAYING(report_page(std::vector<Path>{folder.path()}), "neurons.json");
}

}  // namespace
}  // namespace convscope
