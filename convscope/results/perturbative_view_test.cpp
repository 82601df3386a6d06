#include "convscope/results/perturbative_view.h"

#include <cmath>

#include "convscope/results/perturbative_testing.h"

namespace convscope {
namespace {

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
  EXPECT_EQ(mean_course(v, 0).size(), 2u) << "but it tells how far they are";
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
  EXPECT_NEAR(rows[0].train_best, 50, 1e-9);
  EXPECT_NEAR(rows[0].train_smoothed_best, 75, 1e-9);
  EXPECT_EQ(rows[0].test_loss_best, 1);
  EXPECT_EQ(rows[0].test_loss_smoothed_best, 0.5) << "of losses the lowest is best";
  EXPECT_TRUE(std::isnan(rows[0].train_loss_smoothed_best)) << "an earlier version did not log it";
  EXPECT_EQ(step_ms(v, 0), 10);
}

TEST_F(MadeUpStudy, HasAMeanCourseOfTheEpochsThatAllTrainingsHave) {
  add("a", "baseline", {91.0, 92.0});
  PerturbativeView v = view();
  v.metrics[0][1].pop_back();
  const std::vector<EpochMean> means = mean_course(v, 0);
  ASSERT_EQ(means.size(), 2u);
  EXPECT_EQ(means[1].epoch, 2);
  EXPECT_NEAR(means[1].accuracy, 90.5, 1e-9);
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
