#include "convscope/results/antialiasing_comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/results/paired_difference.h"
#include "convscope/results/spread.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

using Row = AntialiasingRow;

Row row_of(const std::string& way, int64_t seed, double accuracy, double fog, double snow) {
  Row row;
  row.downsample = way;
  row.seed = seed;
  row.accuracy = accuracy;
  row.corruption_errors = {{"fog", fog}, {"snow", snow}};
  return row;
}

/** Three trainings of both, of which seeds matter much and ways little. */
AntialiasingRecord of_three_seeds() {
  AntialiasingRecord record;
  for (const auto& [way, seed, accuracy, fog, snow] : {std::tuple{"plain", 1, 0.70, 0.4, 0.2},
                                                       {"plain", 2, 0.80, 0.6, 0.2},
                                                       {"plain", 3, 0.90, 0.5, 0.2},
                                                       {"flc", 1, 0.72, 0.2, 0.1},
                                                       {"flc", 2, 0.83, 0.3, 0.1},
                                                       {"flc", 3, 0.92, 0.25, 0.1}})
    record.rows.push_back(row_of(way, seed, accuracy, fog, snow));
  return record;
}

TEST(DifferenceToPlain, OfSeveralSeedsIsStudentsOfTheirDifferences) {
  const AntialiasingRecord record = of_three_seeds();
  const DifferenceToPlain d = difference_to_plain(record, "flc", &Row::accuracy, {});
  const Spread spread = spread_of(std::vector<double>{0.02, 0.03, 0.02});
  EXPECT_EQ(d.trainings, 3);
  EXPECT_NEAR(d.value, spread.mean, 1e-12);
  EXPECT_NEAR(d.interval_95[0], spread.interval_95[0], 1e-12);
  EXPECT_NEAR(d.interval_95[1], spread.interval_95[1], 1e-12);
  EXPECT_GT(d.interval_95[0], 0) << "two intervals side by side, of 0.7 to 0.9 each, would not tell it";
  EXPECT_TRUE(std::isnan(difference_to_plain(record, "plain", &Row::accuracy, {}).value));
  EXPECT_TRUE(std::isnan(difference_to_plain(record, "aps", &Row::accuracy, {}).value));
}

/** A network of so many images, whose columns a function has. */
void add_images(AntialiasingRecord& record, Row row, const Path& folder, int64_t images,
                const std::function<void(int64_t, std::span<float>)>& fill, int64_t columns = Row::kColumns) {
  Tensor table({images, columns});
  for (int64_t n = 0; n < images; ++n) {
    table.row(n)[Row::kNumber] = static_cast<float>(n);
    fill(n, table.row(n));
  }
  row.per_image = fmt::format("{}-{}.npy", row.downsample, row.seed);
  write_npy(folder / row.per_image, table);
  record.rows.push_back(row);
}

TEST(DifferenceToPlain, OfOneSeedIsPairedByImages) {
  const TemporaryFolder folder;
  AntialiasingRecord record;
  constexpr int64_t kImages = 40;
  // Plain is wrong on the last ten; flc on the last four and on the first.
  add_images(record, row_of("plain", 1, 0.75, 0.4, 0.2), folder.path(), kImages, [](int64_t n, std::span<float> c) {
    c[Row::kFate] = n >= 30 ? Row::kWrong : Row::kRight;
    c[Row::kStays] = n % 2 == 0 ? 0.5f : 1.0f;
  });
  add_images(record, row_of("flc", 1, 0.875, 0.3, 0.1), folder.path(), kImages, [](int64_t n, std::span<float> c) {
    c[Row::kFate] = n >= 36 || n == 0 ? Row::kWrong : Row::kRight;
    c[Row::kStays] = n % 4 == 0 ? 0.75f : 1.0f;
  });
  for (Row& row : record.rows) row.circular = row.downsample == "plain" ? 0.75 : 0.9375;
  const PairedCounts counts{29, 6, 1, 4};
  const DifferenceToPlain accuracy = difference_to_plain(record, "flc", &Row::accuracy, folder.path());
  EXPECT_NEAR(accuracy.value, counts.difference(), 1e-12);
  EXPECT_NEAR(accuracy.interval_95[0], paired_interval(counts)[0], 1e-12);
  EXPECT_NEAR(accuracy.interval_95[1], paired_interval(counts)[1], 1e-12);
  EXPECT_NEAR(accuracy.p, mcnemar_p(counts), 1e-12);
  const DifferenceToPlain circular = difference_to_plain(record, "flc", &Row::circular, folder.path());
  std::vector<double> differences;
  for (int64_t n = 0; n < kImages; ++n) differences.push_back(n % 4 == 0 ? 0.25 : n % 2 == 0 ? 0.5 : 0);
  EXPECT_NEAR(circular.interval_95[0], spread_of(differences).interval_95[0], 1e-6);
  EXPECT_NEAR(circular.interval_95[1], spread_of(differences).interval_95[1], 1e-6);
  EXPECT_TRUE(std::isnan(circular.p)) << "a share of shifts is not yes or no";

  AntialiasingRecord before;  // arrays of a version that did not have all columns
  for (const char* way : {"plain", "flc"})
    add_images(
        before, row_of(way, 1, 0.5, 0, 0), folder.path(), kImages, [](int64_t, std::span<float>) {}, Row::kColumnsBefore);
  for (Row& row : before.rows) row.fgsm = row.accuracy = 0.5;
  EXPECT_TRUE(std::isnan(difference_to_plain(before, "flc", &Row::fgsm, folder.path()).interval_95[0]));
  EXPECT_LT(difference_to_plain(before, "flc", &Row::accuracy, folder.path()).interval_95[0], 0) << "forty images that agree are not all";
}

TEST(DifferenceToPlain, OfOtherImagesIsRefused) {
  const TemporaryFolder folder;
  AntialiasingRecord record;
  add_images(record, row_of("plain", 1, 0.5, 0, 0), folder.path(), 10, [](int64_t, std::span<float>) {});
  add_images(record, row_of("flc", 1, 0.5, 0, 0), folder.path(), 10,
             [](int64_t n, std::span<float> c) { c[Row::kNumber] = static_cast<float>(n + 1); });
  EXPECT_THROW_SAYING(difference_to_plain(record, "flc", &Row::accuracy, folder.path()), "the same were wanted");
}

TEST(MeanCorruptionError, IsTheMeanOverCorruptionsOfErrorsRelativeToThePlainNetworks) {
  AntialiasingRecord record = of_three_seeds();
  const AntialiasingNumber plain = mean_corruption_error(record, "plain", {});
  EXPECT_NEAR(plain.value, 1, 1e-12);
  EXPECT_NEAR(plain.interval_95[0], 1, 1e-12) << "relative to itself it cannot vary";
  EXPECT_NEAR(mean_corruption_error(record, "flc", {}).value, (0.25 / 0.5 + 0.1 / 0.2) / 2, 1e-12);
  std::erase_if(record.rows, [](const Row& row) { return row.downsample == "plain"; });
  EXPECT_TRUE(std::isnan(mean_corruption_error(record, "flc", {}).value)) << "there is nothing to be relative to";
}

TEST(MeanCorruptionError, OfSeveralSeedsHasTheIntervalOfARatio) {
  AntialiasingRecord record = of_three_seeds();
  // Half of plain's errors seed by seed: the ratio is known, though both spread.
  const AntialiasingNumber half = mean_corruption_error(record, "flc", {});
  EXPECT_NEAR(half.interval_95[0], 0.5, 1e-12);
  EXPECT_NEAR(half.interval_95[1], 0.5, 1e-12);
  // The same errors, but not with the same seeds.
  record.rows[3].corruption_errors[0].error = 0.3;
  record.rows[4].corruption_errors[0].error = 0.2;
  const AntialiasingNumber crossed = mean_corruption_error(record, "flc", {});
  // (E_k − CE E_k^plain) / E^plain of fog, halved for two corruptions: (0.3 − 0.2) / 0.5 / 2, (0.2 − 0.3) / 0.5 / 2, 0
  const double reach = t_quantile_975(2) * 0.1 / std::sqrt(3.0);
  EXPECT_NEAR(crossed.value, 0.5, 1e-12);
  EXPECT_NEAR(crossed.interval_95[1], 0.5 + reach, 1e-6);
}

TEST(MeanCorruptionError, OfOneSeedIsBootstrappedOverTheSameImages) {
  const TemporaryFolder folder;
  AntialiasingRecord record;
  constexpr int64_t kImages = 100;
  Tensor plain({kImages, 1}), half({kImages, 1}), other({kImages, 1});
  for (int64_t n = 0; n < kImages; ++n) {
    plain[n] = n < 50;
    half[n] = plain[n] / 2;
    other[n] = n >= 75;
  }
  for (const auto& [way, table] : {std::pair{"plain", &plain}, {"half", &half}, {"other", &other}}) {
    Row row;
    row.downsample = way;
    row.corruption_errors = {{"fog", std::string_view(way) == "plain" ? 0.5 : 0.25}};
    row.per_image_corrupted = fmt::format("{}.npy", way);
    write_npy(folder / row.per_image_corrupted, *table);
    record.rows.push_back(row);
  }
  const AntialiasingNumber paired = mean_corruption_error(record, "half", folder.path());
  EXPECT_NEAR(paired.interval_95[0], 0.5, 1e-6) << "half of plain's error on whatever images";
  EXPECT_NEAR(paired.interval_95[1], 0.5, 1e-6);
  // log ratio of two independent-looking shares, by the delta method: its variance is (1/p + 1/q) / n, for they are never wrong together.
  const AntialiasingNumber other_images = mean_corruption_error(record, "other", folder.path());
  const double error = 0.5 * std::sqrt((1 / 0.5 + 1 / 0.25) / kImages);
  EXPECT_NEAR(other_images.interval_95[0], 0.5 - 1.96 * error, 0.1);
  EXPECT_NEAR(other_images.interval_95[1], 0.5 + 1.96 * error, 0.1);
  EXPECT_TRUE(std::isnan(mean_corruption_error(record, "other", folder.path() / "elsewhere").interval_95[0]));
}

}  // namespace
}  // namespace convscope
