#include "convscope/api/corruptions.h"

#include <algorithm>

#include "convscope/api/api_testing.h"
#include "convscope/api/evaluate.h"
#include "convscope/base/json_file.h"
#include "convscope/data/corrupted.h"
#include "convscope/report/page/page.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

class CorruptedPictures : public ::testing::Test, protected SmallWorld {
 protected:
  TemporaryFolder folder;
};

TEST_F(CorruptedPictures, AreEachEvaluatedAsTheyWouldBeAlone) {
  const CorruptionsRecord r = evaluate_corrupted(network, pictures(), {.corruptions = "fog+gaussian_noise+saturate", .severities = "1,4"});
  EXPECT_EQ(r.images, kCount);
  EXPECT_EQ(r.clean_accuracy, 25.0 / 30);
  ASSERT_EQ(r.corruptions.size(), 6u);
  for (const CorruptionPoint& p : r.corruptions) {
    const Pictures alone(std::make_shared<Corrupted>(data, p.name, p.severity, 1), "alone");
    EXPECT_EQ(p.correct, evaluate(network, alone).correct) << p.name << " " << p.severity;
    EXPECT_EQ(p.accuracy_interval_95, wilson_interval(p.correct, kCount));
  }
  double counted = 0;
  for (const CorruptionPoint& p : r.corruptions) counted += p.kind == "extra" ? 0 : p.accuracy / 4;
  EXPECT_NEAR(r.mean_accuracy, counted, 1e-12) << "saturate does not count";
  EXPECT_EQ(r.mean_over, "2 corruptions, severities 1, 4");
  ASSERT_EQ(r.means.size(), 3u);
  EXPECT_EQ(r.means[1].name, "fog");
  EXPECT_NEAR(r.means[1].accuracy, (r.corruptions[2].accuracy + r.corruptions[3].accuracy) / 2, 1e-12);
  EXPECT_LE(r.mean_interval_95[0], r.mean_accuracy);
  EXPECT_GE(r.mean_interval_95[1], r.mean_accuracy);
}

TEST_F(CorruptedPictures, LeaveRecordFigureTableAndASectionOfThePage) {
  const CorruptionOptions options{.corruptions = "brightness+contrast", .severities = "1,5"};
  const CorruptionsRecord r = evaluate_corrupted(network, pictures(), options, folder.path());
  const Path file = folder / kCorruptionsFile;
  EXPECT_EQ(fields_to_json(record_from_json<CorruptionsRecord>(read_json(file), file.string())), fields_to_json(r));
  for (const char* figure : {"figures/corruptions.svg", "figures/corruptions.png", "figures/corruptions.csv"})
    EXPECT_TRUE(std::filesystem::exists(folder / figure)) << figure;
  write_report(folder.path());
  EXPECT_NE(read_file(folder / kReportFile).find("corrupted, mean"), std::string::npos);
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures(), {.corruptions = "fog", .severities = "1"}, folder.path()),
                      "it is of 4 corruptions and severities, and would be replaced by one of 1");
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures().first(3), options, folder.path()), "`force` replaces");
}

TEST_F(CorruptedPictures, AreRefusedWhereTheQuestionMakesNoSense) {
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures(), {}), "`corruptions` is missing");
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures(), {.corruptions = "fogg"}), "did you mean 'fog'?");
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures(), {.corruptions = "fog", .severities = "6"}),
                      "`severities` 6: 6; 1 to 5 were wanted");
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures(), {.corruptions = "fog", .severities = "0-2"}), "`severities` 0-2: 0");
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures(), {.corruptions = "fog", .severities = "2,2"}), "2 stands there twice");
  EXPECT_THROW_SAYING(evaluate_corrupted(network, pictures(), {.cifar_c = "/nowhere"}), "/nowhere/labels.npy");
}

}  // namespace
}  // namespace convscope
