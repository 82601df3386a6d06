#include "convscope/results/epoch_metrics.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

EpochMetrics epoch(int64_t number, double test_accuracy = kUnknown) {
  EpochMetrics m;
  m.epoch = number;
  m.lr = 0.1;
  m.train_loss = 1.0 / static_cast<double>(number);
  m.train_accuracy = 0.5;
  m.test_accuracy = test_accuracy;
  return m;
}

TEST(EpochMetrics, HaveTheKeysThatScriptsRelyOn) {
  EpochMetrics m = epoch(3, 0.5);
  m.test_loss = 2;
  std::vector<std::string> keys;
  const Json line = parse_json(metrics_line(m), "a test");  // `items` holds a reference
  for (const auto& item : line.items()) keys.push_back(item.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"epoch", "lr", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds",
                                            "images_per_second", "data_wait"}));
}

TEST(EpochMetrics, ComeBackBitForBit) {
  EpochMetrics m = epoch(7, 1.0 / 3);
  m.test_loss = 0.1 + 0.2;
  const EpochMetrics back = parse_metrics_line(metrics_line(m), "x");
  EXPECT_EQ(back.epoch, 7);
  EXPECT_EQ(back.test_accuracy, 1.0 / 3);
  EXPECT_EQ(back.test_loss, 0.1 + 0.2);
  EXPECT_EQ(back.train_loss, m.train_loss);
}

TEST(EpochMetrics, TellAnUnmeasuredTestFromATrainingThatDiverged) {
  EpochMetrics m = epoch(1);
  m.train_loss = INFINITY;
  const Json j = parse_json(metrics_line(m), "a test");
  EXPECT_FALSE(j.contains("test_loss"));
  EXPECT_TRUE(j.at("train_loss").is_null());
  const EpochMetrics back = parse_metrics_line(metrics_line(m), "x");
  EXPECT_TRUE(std::isnan(back.train_loss));
  EXPECT_FALSE(was_tested(back));
}

TEST(MetricsFile, IgnoresALastLineThatIsHalfWritten) {
  const std::string two = metrics_line(epoch(1)) + "\n" + metrics_line(epoch(2)) + "\n";
  const std::string third = metrics_line(epoch(3));
  for (size_t size = 0; size < third.size(); ++size) ASSERT_EQ(parse_metrics(two + third.substr(0, size), "m").size(), 2u) << size;
  EXPECT_EQ(parse_metrics(two + third, "m").size(), 3u);
  EXPECT_EQ(parse_metrics("", "m").size(), 0u);
}

TEST(MetricsFile, NamesTheLineThatIsDamaged) {
  const std::string good = metrics_line(epoch(1)) + "\n";
  EXPECT_THROW_SAYING(parse_metrics(good + "{\"epoch\": 2, \"lr\n" + good, "m.jsonl"), "m.jsonl, line 2: ");
  EXPECT_THROW_SAYING(parse_metrics(good + good + "{}\n", "m.jsonl"), "m.jsonl, line 3: ");
  EXPECT_THROW_SAYING(parse_metrics("{\"epoch\": \"two\"}\n", "m.jsonl"),
                      "m.jsonl, line 1: field 'epoch' takes a whole number, got \"two\"");
  EXPECT_THROW_SAYING(parse_metrics("{\"epoch\": 1, \"tset_loss\": 2}\n", "m.jsonl"),
                      "m.jsonl, line 1: no field 'tset_loss'; did you mean 'test_loss'?");
  EXPECT_THROW_SAYING(parse_metrics(std::string(1'000'000, '[') + "\n", "m.jsonl"), "m.jsonl, line 1: ");
}

TEST(MetricsFile, TakesTheLaterOfTwoRunsOfAnEpoch) {
  std::string text;
  for (const auto& [number, accuracy] : std::vector<std::pair<int64_t, double>>{{1, 0.1}, {2, 0.2}, {3, 0.3}, {2, 0.8}})
    text += metrics_line(epoch(number, accuracy)) + "\n";
  const std::vector<EpochMetrics> all = parse_metrics(text, "m");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].test_accuracy, 0.8);
}

TEST(MetricsFile, IsWrittenWholeAndThenGrows) {
  const TemporaryFolder folder;
  const Path path = folder / "metrics.jsonl";
  write_metrics(path, std::vector<EpochMetrics>{epoch(1), epoch(2)});
  append_metrics(path, epoch(3));
  EXPECT_EQ(read_metrics(path).size(), 3u);
}

TEST(MetricsFile, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  const std::string text = metrics_line(epoch(1)) + "\n" + metrics_line(epoch(2, 0.75)) + "\n";
  const Reader read = [](std::string_view damaged) { parse_metrics(damaged, "metrics.jsonl"); };
  cut_everywhere(text, read);
  flip_bytes(text, read);
}

TEST(BestEpoch, IsTheFirstOfTheHighest) {
  const std::vector<EpochMetrics> all{epoch(1), epoch(2, 0.5), epoch(3, 0.9), epoch(4), epoch(5, 0.9)};
  EXPECT_EQ(best_epoch(all), &all[2]);
  EXPECT_EQ(best_epoch(std::span(all).first(1)), nullptr);
}

TEST(MetricsCsv, HasAHeadingAndLeavesUnknownNumbersEmpty) {
  const std::vector<EpochMetrics> all{epoch(1), epoch(2, 0.5)};
  EXPECT_EQ(metrics_csv(all),
            "epoch,lr,train_loss,train_accuracy,test_loss,test_accuracy,validation_loss,validation_accuracy,robust_accuracy,robust_"
            "validation_accuracy,robust_train_accuracy,aliased,seconds,images_per_second,"
            "data_wait,test_accuracy_smoothed,test_accuracy_batch_mean,test_loss_smoothed,train_accuracy_smoothed,train_loss_smoothed\n"
            "1,0.1,1,0.5,,,,,,,,,0,0,0,,,,,\n"
            "2,0.1,0.5,0.5,,0.5,,,,,,,0,0,0,,,,,\n");
}

TEST(EpochMetrics, SumUpToTimeAndSpeedAndKnowTheirLastTest) {
  EpochMetrics a, b;
  a.seconds = 1, a.images_per_second = 100, a.test_loss = 0.5;
  b.seconds = 3, b.images_per_second = 200;
  const std::vector<EpochMetrics> both{a, b};
  EXPECT_EQ(seconds_of(both), 4);
  EXPECT_EQ(images_per_second_of(both), 175);
  EXPECT_EQ(last_tested(both), &both[0]);
  EXPECT_EQ(last_tested({}), nullptr);
}

}  // namespace
}  // namespace convscope
