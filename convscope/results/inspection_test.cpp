#include "convscope/results/inspection.h"

#include "convscope/base/base_testing.h"
#include "convscope/results/activations_record.h"
#include "convscope/results/clusters_record.h"
#include "convscope/results/neurons_record.h"
#include "convscope/results/weights_record.h"

namespace convscope {
namespace {

NeuronsRecord neurons() {
  NeuronsRecord record;
  record.node = "relu6";
  record.neurons.push_back({.node = "relu6", .channel = 3, .tiles = "channel-003-tiles.png", .top = {{7, 2.5, 1, 2, "cat", {0, 4, 1, 5}}}});
  record.neurons.push_back({.node = "relu6", .channel = 4, .row = 0, .column = 6, .tiles = {}, .top = {}});
  return record;
}

ClustersRecord clusters() {
  ClustersRecord record;
  record.classes = {"cat", "dog"};
  record.clusters.push_back({.size = 3, .purity = 2.0 / 3, .histogram = {2, 1}, .nearest = {5, 1, 2}, .farthest = {}, .tiles = "a.png"});
  return record;
}

TEST(Inspections, ComeBackFromTheirJson) {
  const Json n = fields_to_json(neurons());
  EXPECT_TRUE(n["neurons"][0]["row"].is_null()) << "no place";
  EXPECT_EQ(n["neurons"][1]["row"], 0);
  EXPECT_EQ(fields_to_json(record_from_json<NeuronsRecord>(n, "x")), n);
  const Json c = fields_to_json(clusters());
  EXPECT_EQ(fields_to_json(record_from_json<ClustersRecord>(c, "x")), c);
  WeightsRecord weights;
  weights.shape = {8, 3, 3, 3};
  weights.filters = {{2, -0.5, 0.25}};
  EXPECT_EQ(fields_to_json(record_from_json<WeightsRecord>(fields_to_json(weights), "x")), fields_to_json(weights));
  ActivationsRecord activations;
  activations.shape = {8, 5, 5};
  activations.images.push_back(
      {.image = 4, .source = {}, .label = "cat", .input = "a.png", .tiles = "b.png", .npy = {}, .channels = {{1, 0, 2, 1, 0.5}}});
  EXPECT_EQ(fields_to_json(record_from_json<ActivationsRecord>(fields_to_json(activations), "x")), fields_to_json(activations));
}

TEST(Inspections, LeadToNoFileElsewhere) {
  for (const char* file : {"../x.png", "/etc/passwd", "..", "a\\b"}) {
    Json j = fields_to_json(neurons());
    j["neurons"][0]["tiles"] = file;
    EXPECT_THROW_SAYING(record_from_json<NeuronsRecord>(j, "neurons.json"), "does not lie beside it");
  }
}

TEST(Inspections, WithPartsThatDoNotFitAreRefused) {
  Json j = fields_to_json(clusters());
  j["clusters"][0]["histogram"] = {1, 2, 3};
  EXPECT_THROW_SAYING(record_from_json<ClustersRecord>(j, "x"), "3 classes, there are 2");
  const ClusterPoints points{{1, 2}, {0, 1}, {0, 0}, {0.5, 1}, {1, 1}};
  const Json good = fields_to_json(points);
  EXPECT_EQ(fields_to_json(points_from_json(good, clusters(), "x")), good);
  for (const auto& [key, value] : {std::pair{"label", Json{0, 2}}, {"cluster", Json{0, -1}}, {"x", Json{1.0}}}) {
    Json bad = good;
    bad[key] = value;
    EXPECT_ANY_THROW(points_from_json(bad, clusters(), "x")) << key;
  }
  Json field = fields_to_json(neurons());
  field["neurons"][0]["top"][0]["field"] = {1, 2};
  EXPECT_THROW_SAYING(record_from_json<NeuronsRecord>(field, "x"), "4 were wanted");
}

TEST(Inspections, AreFoundByKindInTheOrderOfTheirNames) {
  const TemporaryFolder folder;
  for (const char* what : {"neurons-relu6", "neurons-relu1", "neurons-all"}) {
    const Path one = folder / kInspections / what;
    make_folder(one);
    write_file(inspection_file(one, "neurons"), "{}");
  }
  const auto found = inspections(folder.path(), "neurons");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[1].filename(), "neurons-relu1");
  EXPECT_TRUE(inspections(folder.path(), "clusters").empty());
}

}  // namespace
}  // namespace convscope
