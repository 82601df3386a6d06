#include "convscope/report/aliasing/aliasing_figures.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/report/aliasing/aliasing_under_attack.h"
#include "convscope/report/aliasing/frequency_map.h"
#include "convscope/report/aliasing/layer_shares.h"
#include "convscope/report/draw/figure_testing.h"
#include "convscope/report/page/page.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

constexpr double kSum = 1e-6;  // of four shares in floats

/** Two images, of which one is named right, of two signals with a map. */
Path record_in(const Path& results, const std::string& accounting = "exclusive") {
  const Path folder = results / kAliasing;
  make_folder(folder);
  const AliasingShares shares[] = {{0.1, 0.2, 0.3, 0.4}, {0.25, 0.25, 0.25, 0.25}};
  AliasingRecord record;
  record.network.name = "a network";
  record.data.name = "pictures";
  record.images = record.labelled = 2;
  record.correct = 1;
  record.accounting = accounting;
  record.per_image = "per-image.npy";
  record.image_table = "images.npy";
  for (size_t s = 0; s < 2; ++s)
    record.signals.push_back({s == 0 ? "conv1" : "a-long-name",
                              s == 0 ? "0" : "a-long-name",
                              1,
                              4,
                              4,
                              2,
                              {shares[s], shares[s]},
                              {{7, 0, "map.npy"}},
                              0.25,
                              {0.2, 0.3}});
  Tensor per_image({2, 2, 4, 2});
  for (int64_t n = 0; n < 2; ++n)
    for (size_t s = 0; s < 2; ++s)
      for (int64_t k = 0; k < 2; ++k) {
        const double four[] = {shares[s].non_aliased, shares[s].aliased, shares[s].tangled, shares[s].no_pass};
        for (int64_t c = 0; c < 4; ++c) per_image[((n * 2 + static_cast<int64_t>(s)) * 4 + c) * 2 + k] = static_cast<float>(four[c]);
      }
  record.mean.published = record.mean.contribution = {0.175, 0.225, 0.275, 0.325};
  write_npy(folder / record.per_image, per_image);
  write_npy(folder / record.image_table, Tensor({2, 4}, {7, 1, 1, 1, 8, 0, 1, 0}));
  Tensor map({2, 4, 4});
  for (int64_t i = 0; i < map.size(); ++i) map[i] = static_cast<float>(i % 4);
  write_npy(folder / "map.npy", map);
  write_json(folder / kAliasingFile, fields_to_json(record));
  return results;
}

AliasingCurve curve() {
  AliasingCurve c;
  c.attack = "pgd";
  c.network.name = "a network";
  c.data.name = "pictures";
  c.images = 100;
  for (const double epsilon : {0.0, 0.0001, 0.001, 0.05}) {
    AliasingCurvePoint p;
    p.epsilon = epsilon;
    p.accuracy = p.top5_accuracy = 1 - 10 * epsilon;
    p.low = 0.4, p.median = 0.5, p.high = 0.6;
    c.points.push_back(p);
  }
  return c;
}

TEST(AliasingView, TellsBothAccountingsWhicheverWasRecorded) {
  const TemporaryFolder a, b;
  const AliasingView exclusive = aliasing_view(record_in(a.path()) / kAliasing),
                     legacy = aliasing_view(record_in(b.path(), "legacy") / kAliasing);
  EXPECT_NEAR(exclusive.exclusive.published.aliased, 0.225, kSum);
  EXPECT_NEAR(exclusive.legacy.published.aliased, (0.2 / 1.2 + 0.25 / 1.25) / 2, kSum);
  EXPECT_NEAR(legacy.legacy.published.aliased, 0.225, kSum);
  EXPECT_NEAR(legacy.exclusive.published.aliased, (0.2 / 0.8 + 0.25 / 0.75) / 2, kSum);
}

TEST(AliasingView, HasFiguresWhoseWordsStandApart) {
  const TemporaryFolder folder;
  record_in(folder.path());
  write_json(folder / kAliasing / kAliasingCurveFile, fields_to_json(curve()));
  const AliasingView view = aliasing_view(folder / kAliasing);
  EXPECT_EQ(view.pies.size(), 2u);
  EXPECT_EQ(view.maps.size(), 2u);
  EXPECT_EQ(view.boxes.size(), 2u);
  EXPECT_EQ(view.curves.size(), 2u);
  for (const auto* list : {&view.pies, &view.bars, &view.maps, &view.boxes, &view.curves})
    for (const NamedFigure& f : *list) {
      EXPECT_EQ(misplaced(f.figure), "") << f.name;
      EXPECT_TRUE(well_formed(f.figure.svg())) << f.name;
    }
  write_aliasing_figures(folder / kAliasing);
  for (const char* file : {"aliasing-pie-published.svg", "aliasing-pie-contribution.csv", "aliasing-under-attack-published.png"})
    EXPECT_TRUE(std::filesystem::exists(folder / "figures" / file)) << file;
}

TEST(AliasingPage, ShowsTotalsOfBothAccountingsAndNamesEachSignal) {
  const TemporaryFolder folder;
  record_in(folder.path());
  const ReportPage page = report_page(std::vector<Path>{folder.path()});
  EXPECT_EQ(page.sections, std::vector<std::string>{"aliasing"});
  for (const char* words : {"a network on pictures", "exclusive, shown below", "legacy", "a-long-name", "1 of 2 named right", "22.5"})
    EXPECT_NE(page.html.find(words), std::string::npos) << words;
}

TEST(AliasingPage, RefusesArraysThatAreNotTheRecords) {
  const TemporaryFolder folder;
  record_in(folder.path());
  write_npy(folder / kAliasing / "per-image.npy", Tensor({2, 1, 4, 2}));
  EXPECT_THROW_SAYING(aliasing_view(folder / kAliasing), "per-image.npy");
}

TEST(LayerShares, AreDividedIntoTheCategoriesWithTheirMean) {
  const LayerShares layers[] = {{"0", {0.1, 0.2, 0.3, 0.4}}, {"1", {0.3, 0.2, 0.1, 0.4}}};
  const Division division = division_of(layers);
  ASSERT_EQ(division.wholes.size(), 2u);
  EXPECT_EQ(division.wholes[1].shares[0], 0.3);
  EXPECT_NEAR(division.mean[2], 0.2, kSum);
  EXPECT_EQ(division.parts[1].name, "aliased");
}

TEST(FrequencyImage, HasThePublishedColours) {
  const Image image = frequency_image(Tensor({1, 4}, {0, 1, 2, 3}));
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{51, 42, 212, 255, 51, 42, 212, 0, 51, 212, 42, 0}));
  EXPECT_THROW(frequency_image(Tensor({1, 1}, {4})), Error);
}

TEST(AliasingUnderAttack, TellsLevelsOf8BitsAsFractions) {
  const auto tells = [](const AliasingCurve& c, std::string_view text) {
    const std::vector<Label> labels = aliasing_under_attack(c, FoldScaling::published, "a", "b").labels();
    return std::any_of(labels.begin(), labels.end(), [&](const Label& label) { return label.text == text; });
  };
  AliasingCurve c = curve();
  ASSERT_GE(c.points.size(), 3u);
  c.points.resize(3);
  for (const auto& [i, level] : {std::pair{0, 0}, {1, 1}, {2, 8}}) c.points[static_cast<size_t>(i)].epsilon = level / 255.0;
  EXPECT_TRUE(tells(c, "1/255") && tells(c, "8/255"));
  EXPECT_FALSE(tells(c, "0.01"));
  c.points[2].epsilon = 0.01;
  EXPECT_TRUE(tells(c, "0.01"));
  EXPECT_FALSE(tells(c, "1/255"));
}

TEST(AliasingUnderAttack, TakesAnyCountOfPoints) {
  AliasingCurve c = curve();
  c.points.resize(1);
  EXPECT_TRUE(well_formed(aliasing_under_attack(c, FoldScaling::published, "a", "b").svg()));
  c.points.clear();
  EXPECT_TRUE(well_formed(aliasing_under_attack(c, FoldScaling::contribution, "a", "b").svg()));
}

}  // namespace
}  // namespace convscope
