#include "convscope/results/attribution_record.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

AttributionRecord explained() {
  AttributionRecord record;
  record.method = "integrated-gradients,steps=20";
  record.network.name = "resnet20";
  record.data.name = "cifar10";
  record.data.split = "test";
  record.of = "logits";
  record.explains = "the logit of the target";
  record.legend = "red: it grows";
  record.channels = "added";
  record.sign = true;
  record.colour_scale = "own";
  AttributionMap map;
  map.image = 7;
  map.name = "frog";
  map.confidence = 0.9;
  map.completeness_gap = 0.01;
  map.png = "7.png";
  record.maps = {map, {}};
  return record;
}

TEST(AttributionRecords, ComeBackAsTheyWere) {
  const Json j = fields_to_json(explained());
  const AttributionRecord back = record_from_json<AttributionRecord>(j, "here");
  EXPECT_EQ(fields_to_json(back), j);
  EXPECT_EQ(back.maps[0].name, "frog");
  EXPECT_FALSE(j["maps"][1].contains("completeness_gap"));
}

TEST(AttributionRecords, DoNotLeadElsewhere) {
  Json j = fields_to_json(explained());
  j["maps"][0]["png"] = "../../secret.png";
  EXPECT_THROW_SAYING(record_from_json<AttributionRecord>(j, "here"), "does not lie beside it");
  j["maps"][0] = 3;
  EXPECT_THROW_SAYING(record_from_json<AttributionRecord>(j, "here"), "here");
}

TEST(AttributionRecords, AreReadOrRefusedWhereverTheyAreCutOrDamaged) {
  const std::string text = fields_to_json(explained()).dump();
  const Reader read = [](std::string_view damaged) { record_from_json<AttributionRecord>(parse_json(damaged, "x"), "x"); };
  EXPECT_NO_THROW(read(text));
  cut_everywhere(text, read);
  flip_bytes(text, read, 10'000, text.size());
}

TEST(AttributionRecords, DoNotTakeAClassForWhatHasNoTarget) {
  AttributionRecord record = explained();
  AttributionMap map = record.maps[0];
  for (const char* name : {"all", "none"}) {
    map.target = map.name = name;
    record.explains = "the logit of the target";
    EXPECT_EQ(said_of_map(record, map), std::string(name) + " 90.0 %");
  }
  map.name = "frog";
  record.explains = "nothing: noise";
  EXPECT_EQ(said_of_map(record, map), "taken for frog, 90.0 %");
  map.target = "all";
  record.explains = "the logits of all classes at once";
  EXPECT_EQ(said_of_map(record, map), "all classes; taken for frog, 90.0 %");
}

TEST(AttributionRecords, SayHowAMapAddsUpAndWhatElseIsToBeKnown) {
  AttributionMap map;
  EXPECT_EQ(completeness_text(map), "");
  map.note = "no positive evidence";
  EXPECT_EQ(completeness_text(map), "no positive evidence");
  map.completeness_gap = 0.02;
  map.difference = 3.1;
  map.steps = 50;
  map.note = "";
  EXPECT_EQ(completeness_text(map), "gap 0.02 of 3.1, 50 steps");
  map.steps = 0;
  map.absorbed = -0.4;
  map.note = "little";
  EXPECT_EQ(completeness_text(map), "gap 0.02 of 3.1, absorbed -0.4; little");
  AttributionRecord record = explained();
  record.explains = "no class: what activations have in common";
  map = record.maps[0];
  map.target = "none";
  map.name = "frog";
  EXPECT_EQ(said_of_map(record, map), "taken for frog, 90.0 %");
}

TEST(CheckedMethods, StandSideBySideInEveryMeasureThatIsTheSame) {
  const auto checked = [](std::vector<std::string> metrics, std::optional<std::string> boxes) {
    AttributionRecord record = explained();
    record.quality.emplace();
    for (const std::string& metric : metrics) record.quality->emplace_back().metric = metric;
    record.boxes_sha256 = std::move(boxes);
    return record;
  };
  const AttributionRecord plain = checked({"deletion"}, {}), boxed = checked({"deletion", "pointing-game"}, "one"),
                          others = checked({"deletion", "pointing-game"}, "another");
  const std::vector<const AttributionRecord*> all{&plain, &boxed, &others};
  const std::vector<const MapQuality*> measures = measures_of(all);
  ASSERT_EQ(measures.size(), 2u) << "also what the first one lacks";
  const MapQuality& game = *measures[1];
  EXPECT_EQ(game.metric, "pointing-game");
  EXPECT_NE(measured_alike(others, *measures[0], all), nullptr);
  EXPECT_EQ(measured_alike(plain, game, all), nullptr);
  EXPECT_NE(measured_alike(boxed, game, all), nullptr);
  EXPECT_EQ(measured_alike(others, game, all), nullptr) << "its boxes are others";
}

TEST(FoldersOfMethods, HaveTheirNamesWithoutWhatFilesDoNotLike) {
  EXPECT_EQ(folder_name_of("integrated-gradients,steps=20"), "integrated-gradients-steps-20");
  EXPECT_EQ(folder_name_of("../x"), "-x");
  EXPECT_EQ(folder_name_of(""), "method");
}

}  // namespace
}  // namespace convscope
