#include "convscope/api/api_testing.h"
#include "convscope/api/inspect.h"
#include "convscope/base/json_file.h"
#include "convscope/results/inspection.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

class Concepts : public ::testing::Test, protected SmallWorld {
 protected:
  Concepts() : SmallWorld("medium") {
    for (const char* name : {"bright", "single"}) {
      make_folder(folder / name);
      for (int64_t n = 0; n < (std::string(name) == "single" ? 1 : 4); ++n) {
        Image image{1, 28, 28, std::vector<uint8_t>(28 * 28)};
        for (size_t i = 0; i < image.pixels.size(); ++i)
          image.pixels[i] = static_cast<uint8_t>(200 + (i * 7 + static_cast<size_t>(n)) % 50);
        write_png(folder / name / fmt::format("{}.png", n), image);
      }
    }
  }
  InspectOptions bright() const {
    InspectOptions options;
    options.concepts = {.concepts = (folder / "bright").string(), .sets = 3};
    return options;
  }
  TemporaryFolder folder;
};

TEST_F(Concepts, OfAFolderStandBesideRandomSetsClassByClass) {
  const auto [record, place] = inspect_concepts(network, pictures(), bright(), folder.path());
  ASSERT_EQ(record.concepts.size(), 1u);
  EXPECT_EQ(record.concepts[0].name, "bright");
  EXPECT_EQ(record.concepts[0].pictures, 4);
  EXPECT_EQ(record.drawn, 4);
  EXPECT_FALSE(record.concepts[0].classes.empty());
  for (const ConceptScore& score : record.concepts[0].classes) {
    EXPECT_GE(score.score, 0);
    EXPECT_LE(score.score, 1);
    EXPECT_GE(score.p, 0);
    EXPECT_GT(score.images, 0);
  }
  EXPECT_TRUE(std::filesystem::exists(place / record.concepts[0].tiles));
  const Json written = read_json(inspection_file(place, ConceptsRecord::kKind));
  EXPECT_EQ(fields_to_json(provided_record<ConceptsRecord>(written, "here")), written);
}

TEST_F(Concepts, ThatAreNoneAreRefused) {
  const auto with = [&](auto&& change) {
    InspectOptions options = bright();
    change(options);
    return inspect_concepts(network, pictures(), options);
  };
  EXPECT_THROW_SAYING(with([&](InspectOptions& o) { o.concepts.concepts = (folder / "single").string(); }),
                      "has 1 picture; at least 2 were wanted");
  EXPECT_THROW_SAYING(with([&](InspectOptions& o) { o.concepts.concepts = "x=/nowhere/at/all"; }), "there is no folder");
  EXPECT_THROW_SAYING(with([&](InspectOptions& o) { o.concepts.concepts += "," + o.concepts.concepts; }), "two are called 'bright'");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.concepts.concepts = ""; }), "`concepts` is missing");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.concepts.sets = 1; }), "`sets` 1");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.concepts.target = "zebra"; }), "no class 'zebra'");
}

TEST_F(Concepts, ThatAreFoundHaveImportancesCropsAndMaps) {
  InspectOptions options;
  options.concepts.rank = 3;
  const auto [record, place] = inspect_craft(network, pictures(), options, folder.path());
  ASSERT_EQ(record.concepts.size(), 3u);
  EXPECT_EQ(record.crop, 8);
  EXPECT_GE(record.images, 2);
  for (size_t k = 1; k < 3; ++k) EXPECT_LE(record.concepts[k].importance, record.concepts[k - 1].importance);
  for (const CraftConcept& one : record.concepts) {
    EXPECT_TRUE(std::filesystem::exists(place / one.tiles) && std::filesystem::exists(place / one.maps));
    EXPECT_EQ(one.crops.size(), 10u);
  }
  EXPECT_EQ(read_npy(place / record.npy).shape()[1], 3);
  EXPECT_EQ(read_npy(place / record.npy).shape()[0], std::ssize(record.explained));
  options.node = network.graph.name(network.graph.output);
  EXPECT_THROW_SAYING(inspect_craft(network, pictures(), options), "one with positions");
  options.node = "";
  options.concepts.crop = 99;
  EXPECT_THROW_SAYING(inspect_craft(network, pictures(), options), "`crop` 99");
}

}  // namespace
}  // namespace convscope
