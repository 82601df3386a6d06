#include "convscope/report/perturbative_view.h"

#include <algorithm>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/report/page.h"
#include "convscope/report/perturbative_figures.h"
#include "convscope/report/sections/perturbative.h"

namespace convscope {
namespace {

/** A study whose networks end at these accuracies, percent. */
class MadeUpStudy : public ::testing::Test {
 protected:
  void add(const char* name, const char* role, std::vector<double> ends, int64_t epochs = 3) {
    PerturbativeRun run{.name = name, .label = name, .group = "published", .kind = role, .role = role, .model = "m", .published = 0.9};
    run.epochs = 3;
    run.parameters = 10;
    run.macs = 20;
    for (size_t i = 0; i < ends.size(); ++i) {
      run.seeds.push_back(static_cast<int64_t>(i) + 1);
      std::vector<EpochMetrics> metrics;
      for (int64_t e = 1; e <= epochs; ++e) {
        EpochMetrics m;
        m.epoch = e;
        m.images_per_second = 100;
        m.test_loss = 1;
        m.test_accuracy = ends[i] / 100 - 0.01 * static_cast<double>(3 - e);
        m.test_accuracy_smoothed = m.test_accuracy + (e == 2 ? 0.06 : 0.0);
        m.test_accuracy_batch_mean = m.test_accuracy;
        metrics.push_back(m);
      }
      const Path to = perturbative_run_folder(folder.path(), name, run.seeds.back());
      make_folder(to);
      write_metrics(to / "metrics.jsonl", metrics);
    }
    record.runs.push_back(run);
  }
  PerturbativeView view() {
    write_json(folder.path() / kPerturbativeFile, fields_to_json(record));
    return perturbative_view(folder.path());
  }
  std::string said() {
    std::string all;
    for (const std::string& line : perturbative_findings(view())) all += line + "\n";
    return all;
  }
  TemporaryFolder folder;
  PerturbativeRecord record;
};

TEST_F(MadeUpStudy, FindsTheReportedOrderWhereTheFiguresHaveIt) {
  add("a", "baseline", {91.0, 91.1, 91.2});
  add("b", "pointwise", {85.4, 85.5, 85.6});
  add("c", "masks", {85.5, 85.5, 85.6});
  add("d", "everywhere", {72.6});
  const std::string text = said();
  EXPECT_NE(text.find("3×3 above 1×1 holds here; masks within 1 point of no masks holds here; masks above masks everywhere holds here"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("no difference can be told, +0.0"), std::string::npos) << text;
  EXPECT_NE(text.find("trained once"), std::string::npos) << text;
  EXPECT_NE(text.find("on average, +5.0 to +5.0"), std::string::npos) << text;
}

TEST_F(MadeUpStudy, FindsTheOppositeWhereTheFiguresHaveThat) {
  add("a", "baseline", {60.0, 60.1, 60.2});
  add("b", "pointwise", {70.0, 70.1, 70.2});
  add("c", "masks", {50.0, 60.0, 95.0});
  const std::string text = said();
  EXPECT_NE(text.find("3×3 above 1×1 does not hold here; masks within 1 point of no masks cannot be told here"), std::string::npos) << text;
  EXPECT_EQ(text.find("everywhere"), std::string::npos) << text;
  EXPECT_EQ(text.find("trained once"), std::string::npos) << text;
}

TEST_F(MadeUpStudy, SaysNothingOfTrainingsThatAreNotFinished) {
  add("a", "baseline", {91.0}, 2);
  add("b", "pointwise", {85.4});
  const PerturbativeView v = view();
  EXPECT_EQ(last_outcome(v, 0).trainings, 0);
  EXPECT_EQ(said().find("3×3"), std::string::npos);
  EXPECT_NE(said().find("The highest smoothed accuracy"), std::string::npos) << "of the one that is finished";
  EXPECT_EQ(meter_rows(v).size(), 2u);
  EXPECT_TRUE(perturbative_curves(v)) << "but it shows how far they are";
}

TEST_F(MadeUpStudy, GivesMetersOutcomesAndIntervals) {
  add("a", "baseline", {91.0, 92.0, 93.0});
  const PerturbativeView v = view();
  const AccuracyOfRuns o = last_outcome(v, 0);
  EXPECT_NEAR(o.mean, 92, 1e-9);
  EXPECT_NEAR(o.high - o.mean, 4.303 / std::sqrt(3.0), 1e-3) << "Student's t with two degrees of freedom";
  const std::vector<MeterRow> rows = meter_rows(v);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_NEAR(rows[0].smoothed_best, 96, 1e-9);
  EXPECT_NEAR(rows[0].best, 91, 1e-9);
  EXPECT_EQ(step_ms(v, 0), 10);
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

TEST(PerturbativeRecords, ComeBackAsTheyWereAndRefuseFoldersElsewhere) {
  PerturbativeRecord record;
  record.runs.push_back({.name = "a", .label = "A", .group = "published", .kind = "3×3", .seeds = {1, 2}});
  record.fit.points = {{9, 10, 0.5, 0.7}};
  Json j = fields_to_json(record);
  EXPECT_EQ(fields_to_json(record_from_json<PerturbativeRecord>(j, "it")), j);
  j["runs"][0]["name"] = "../../elsewhere";
  EXPECT_THROW_SAYING(record_from_json<PerturbativeRecord>(j, "it"), "does not lie beside it");
}

}  // namespace
}  // namespace convscope
