#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/report/draw/figure_testing.h"
#include "convscope/report/evaluation/corruption_figures.h"
#include "convscope/report/page/page.h"
#include "convscope/report/page/page_testing.h"
#include "convscope/results/run_folder.h"

namespace convscope {
namespace {

CorruptionsRecord record() {
  CorruptionsRecord r;
  r.network.name = "resnet20";
  r.data.name = "cifar10";
  r.images = 100;
  r.clean_accuracy = 0.92;
  r.mean_accuracy = 0.7;
  r.mean_interval_95 = {0.6, 0.8};
  r.mean_over = "2 corruptions, severities 1, 5";
  for (const auto& [name, kind] : {std::pair{"fog", "weather"}, {"snow", "weather"}, {"gaussian_noise", "noise"}}) {
    for (const int64_t severity : {1, 5})
      r.corruptions.push_back({name, severity, 0.9 - 0.1 * static_cast<double>(severity), {0.3, 0.9}, 0, 100, kind});
    r.means.push_back({name, 0.6, {0.5, 0.7}});
  }
  r.kinds = {{"weather", 0.6, {0.5, 0.7}}, {"noise", 0.6, {0.5, 0.7}}};
  r.severities = {{"severity 1", 0.8, {0.7, 0.9}}, {"severity 5", 0.4, {0.3, 0.5}}};
  return r;
}

void write(const Path& folder) {
  make_folder(folder);
  write_file(folder / kCorruptionsFile, fields_to_json(record()).dump());
}

TEST(CorruptionFigure, HasAPanelForEachKindAndALineForEachCorruption) {
  const std::vector<PlotPanel> panels = corruption_panels(record());
  ASSERT_EQ(panels.size(), 2u);
  ASSERT_EQ(panels[0].lines.size(), 2u);
  EXPECT_EQ(panels[0].lines[1].name, "snow");
  ASSERT_EQ(panels[0].lines[1].values.size(), 3u);
  EXPECT_EQ(panels[0].lines[1].values[0].y, 92);
  EXPECT_EQ(panels[0].lines[1].values[2].x, 5);
  const Figure figure = corruption_figure(record());
  sound(figure);
  for (const char* words : {"gaussian noise 40.00 %", "Corruptions: resnet20 on cifar10", "severity; 0: clean"})
    EXPECT_TRUE(says(figure, words)) << words;
}

TEST(CorruptionsOnThePage, ShowMeansCurvesAndEachNumber) {
  const TemporaryFolder folder;
  write(folder.path());
  const ReportPage page = report_page(std::vector<Path>{folder.path()});
  EXPECT_EQ(page.sections, std::vector<std::string>{"corruptions"});
  for (const char* words : {"resnet20 on cifar10", "70.00 %", "2 corruptions, severities 1, 5", "gaussian_noise", "50.00 % to 70.00 %"})
    EXPECT_NE(page.html.find(words), std::string::npos) << words;
  EXPECT_EQ(count(page.html, "data-plot=\"corruptions:"), 2u);
}

TEST(CorruptionsOnThePage, OfSeveralRunsHaveOneCurveOfMeans) {
  const TemporaryFolder folder;
  write(folder / "a");
  write(folder / "b");
  const ReportPage page = report_page(std::vector<Path>{folder / "a", folder / "b"});
  EXPECT_EQ(count(page.html, "data-plot=\"corruptions:"), 5u);
  EXPECT_NE(page.html.find("Mean accuracy over the corruptions"), std::string::npos);
}

}  // namespace
}  // namespace convscope
