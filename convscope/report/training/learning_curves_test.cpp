#include "convscope/report/training/learning_curves.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/report/draw/figure_testing.h"

namespace convscope {
namespace {

/** Falls and rises as trainings do, with some noise. */
std::vector<EpochMetrics> training(int64_t epochs, uint64_t seed = 1) {
  const RandomStream noise(seed, "learning curves");
  std::vector<EpochMetrics> all;
  for (int64_t e = 1; e <= epochs; ++e) {
    const double t = static_cast<double>(e) / static_cast<double>(std::max<int64_t>(epochs, 8));
    EpochMetrics m;
    m.epoch = e;
    m.train_loss = 0.05 + 2 * std::exp(-5 * t);
    m.train_accuracy = 1 - 0.38 * m.train_loss;
    m.test_loss = 0.35 + 1.7 * std::exp(-5 * t) + 0.03 * noise.uniform(static_cast<uint64_t>(e));
    m.test_accuracy = 1 - 0.3 * m.test_loss;
    all.push_back(m);
  }
  return all;
}

TEST(LearningCurves, NeverLetWordsStandOnWords) {
  for (const int64_t epochs : {1, 2, 3, 10, 20, 37, 100, 160, 200, 1000}) {
    for (const uint64_t seed : {1, 2, 3}) {
      const Figure figure = learning_curves(training(epochs, seed), "resnet20 on cifar10", "batch 128");
      EXPECT_EQ(misplaced(figure), "") << epochs << " epochs, seed " << seed;
    }
  }
  std::vector<EpochMetrics> equal = training(9);
  for (EpochMetrics& m : equal) m.train_loss = m.test_loss = 2.3026, m.train_accuracy = m.test_accuracy = 0.1;
  EXPECT_EQ(misplaced(learning_curves(equal, "never learns", "")), "");
  EXPECT_EQ(misplaced(learning_curves(training(50), std::string(300, 'W'), std::string(300, 'w'))), "");
}

TEST(LearningCurves, TellTheLastValuesAndTheBestByNumber) {
  std::vector<EpochMetrics> all = training(20);
  all[13].test_accuracy = 0.98765;
  const Figure figure = learning_curves(all, "resnet20", "cifar10");
  EXPECT_TRUE(says(figure, fmt::format("test {:.2f} %", 100 * all.back().test_accuracy)));
  EXPECT_TRUE(says(figure, fmt::format("train {:.2f} %", 100 * all.back().train_accuracy)));
  EXPECT_TRUE(says(figure, "best on test 98.76 %, epoch 14") || says(figure, "best on test 98.77 %, epoch 14"));
  all.back().test_accuracy = 0.99;
  EXPECT_TRUE(says(learning_curves(all, "resnet20", "cifar10"), "test 99.00 %, best"));
}

TEST(LearningCurves, UseALogarithmWhereLossesSpanMoreThanTwoDecades) {
  std::vector<EpochMetrics> all = training(20);
  EXPECT_FALSE(says(learning_curves(all, "", ""), "logarithmic"));
  EXPECT_TRUE(says(learning_curves(all, "", "", {.loss_scale = LearningCurvesOptions::LossScale::logarithmic}), "logarithmic"));
  all.back().train_loss = 1e-4;
  EXPECT_TRUE(says(learning_curves(all, "", ""), "logarithmic"));
  EXPECT_FALSE(says(learning_curves(all, "", "", {.loss_scale = LearningCurvesOptions::LossScale::linear}), "logarithmic"));
  all[4].train_loss = 0;  // has no logarithm
  EXPECT_EQ(misplaced(learning_curves(all, "", "")), "");
}

TEST(LearningCurves, NameTheLossWhereItIsKnown) {
  EXPECT_TRUE(says(learning_curves(training(20), "", "", {.loss = "cross-entropy,smoothing=0.1"}), "Loss, cross-entropy,smoothing=0.1"));
  EXPECT_EQ(misplaced(learning_curves(training(20), "", "", {.loss = std::string(300, 'w')})), "");
}

TEST(LearningCurves, LeaveAGapWhereNumbersAreMissing) {
  std::vector<EpochMetrics> all = training(30);
  for (size_t i = 10; i < 14; ++i) all[i].train_loss = NAN;
  all[20].test_loss = INFINITY;
  all[29].train_loss = -INFINITY;
  const Figure figure = learning_curves(all, "gaps", "");
  EXPECT_EQ(misplaced(figure), "");
  EXPECT_TRUE(well_formed(figure.svg()));
  EXPECT_EQ(figure.svg().find("nan"), std::string::npos);
  EXPECT_EQ(figure.svg().find("inf"), std::string::npos);

  for (EpochMetrics& m : all) m.train_loss = m.test_loss = m.train_accuracy = m.test_accuracy = NAN;
  EXPECT_TRUE(says(learning_curves(all, "nothing", ""), "no numbers"));
}

TEST(LearningCurves, DoWithoutATest) {
  std::vector<EpochMetrics> all = training(10);
  for (EpochMetrics& m : all) m.test_loss = m.test_accuracy = kUnknown;
  const Figure figure = learning_curves(all, "resnet20", "");
  EXPECT_TRUE(says(figure, "train"));
  EXPECT_FALSE(says(figure, "test"));
}

TEST(LearningCurves, KeepLabelsBesideThePlotWhereALineEndedEarly) {
  PlotLine early{"early", kBlue, 2, {{1, 10}, {2, 20}, {3, 50}}}, late{"late", kOrange, 2, {{1, 20}, {10, 50.5}}};
  const Plot plot(percent_panel("Shares", {early, late}), Axis::counting(1, 10, 8), {4, 48, 500, 200});
  const Figure figure(520, 300, "runs", [&](Canvas& canvas) { plot.draw(canvas); });
  EXPECT_EQ(misplaced(figure), "");
  for (const Label& label : figure.labels()) EXPECT_TRUE(!label.text.ends_with(" %") || label.box.x > plot.area().right()) << label.text;
}

TEST(LearningCurves, OfNoEpochsOrDisorderedOnesAreAnError) {
  EXPECT_THROW(learning_curves({}, "", ""), Error);
  std::vector<EpochMetrics> all = training(3);
  std::swap(all[0], all[2]);
  EXPECT_THROW(learning_curves(all, "", ""), Error);
}

TEST(LearningCurves, AreWrittenAsSvgPngAndCsv) {
  const TemporaryFolder run;
  const Path folder = run / "figures";
  const std::vector<EpochMetrics> all = training(12);
  write_learning_curves(folder, all, "resnet20 <x> & y", "cifar10");

  const std::string svg = read_file(folder / "learning-curves.svg");
  EXPECT_TRUE(well_formed(svg));
  EXPECT_NE(svg.find("resnet20 &lt;x&gt; &amp; y"), std::string::npos);
  EXPECT_NE(svg.find("Accuracy, %"), std::string::npos);
  const Image png = read_image(folder / "learning-curves.png");
  EXPECT_EQ(png.columns, 2 * 960);
  EXPECT_EQ(png.rows, 2 * 380);
  EXPECT_EQ(read_file(folder / "learning-curves.csv"), metrics_csv(all));
}

}  // namespace
}  // namespace convscope
