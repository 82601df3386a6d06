#include <algorithm>

#include "convscope/report/page/page.h"
#include "convscope/report/perturbative/perturbative_figures.h"
#include "convscope/results/perturbative_testing.h"

namespace convscope {
namespace {

TEST_F(MadeUpStudy, HasCurvesBeforeItIsFinished) {
  add("a", "baseline", {91.0}, 2);
  EXPECT_TRUE(perturbative_curves(view()));
}

TEST_F(MadeUpStudy, IsAPageWithFiguresTablesAndForeignNamesMadeHarmless) {
  add("a", "baseline", {91.0, 92.0});
  add("b", "pointwise", {85.0});
  record.runs[0].label = "<script>";
  record.trials.push_back({.accuracy = 0.86});
  record.fit.layer = "layer1.0.conv1";
  record.fit.points = {{1, 1, 0.01, 1.4}, {1, 100, 0.6, 0.7}};
  record.fit.by_mask = 0.1;
  record.fit.by_pixel = 0.3;
  (void)view();
  const ReportPage page = report_page(std::vector<Path>{folder.path()});
  EXPECT_EQ(page.html.find("<td><script>"), std::string::npos);
  for (const char* words : {"What an accuracy costs", "Masks in the place of the convolution", "three meters", "Simulated",
                            "at most 60.0 % need its neighbours"})
    EXPECT_NE(page.html.find(words), std::string::npos) << words;
  write_perturbative_figures(folder.path());
  EXPECT_EQ(std::ranges::count(read_file(folder.path() / "figures" / "runs.csv"), '\n'), 3);
}

}  // namespace
}  // namespace convscope
