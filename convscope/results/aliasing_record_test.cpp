#include "convscope/results/aliasing_record.h"

#include <gtest/gtest.h>

#include "convscope/base/hostile_testing.h"

namespace convscope {
namespace {

AliasingRecord some_record() {
  const ScaledShares shares{{0.25, 0.125, 0.5, 0.125}, {0.5, 0.25, 0.125, 0.125}};
  AliasingRecord record;
  record.network.name = "resnet20.th";
  record.data.name = "cifar10, test";
  record.images = 5;
  record.labelled = 5;
  record.correct = 4;
  record.threshold = "mean";
  record.passing_db = 12;
  record.accounting = "legacy";
  record.per_image = "per-image.npy";
  record.image_table = "images.npy";
  record.saved = "pixelwise";
  record.mean = shares;
  record.signals = {{"layer2.0.conv1", "1", 32, 32, 32, 2, shares, {{7, 3, "map-00-00007-003.npy"}}},
                    {"layer2.0.downsample.subsample", "*1", 16, 32, 32, 2, shares, {}}};
  return record;
}

TEST(AliasingRecords, ComeBackAsTheyWereWritten) {
  const Json j = fields_to_json(some_record());
  EXPECT_EQ(fields_to_json(record_from_json<AliasingRecord>(j, "a file")), j);
  EXPECT_DOUBLE_EQ(j["signals"][1]["published"]["tangled"], 0.5);
  EXPECT_DOUBLE_EQ(j["mean"]["contribution"]["non_aliased"], 0.5);
}

TEST(AliasingRecords, ThatDoNotAddUpOrLeadElsewhereAreRefused) {
  const auto broken = [](auto&& change) {
    Json j = fields_to_json(some_record());
    change(j);
    EXPECT_THROW((void)record_from_json<AliasingRecord>(j, "a file"), Error);
  };
  broken([](Json& j) { j["mean"]["published"]["tangled"] = 0.6; });
  broken([](Json& j) { j["signals"][0].erase("contribution"); });
  broken([](Json& j) { j["signals"][0]["rows"] = 0; });
  broken([](Json& j) { j["signals"] = json_list(); });
  broken([](Json& j) { j["per_image"] = "../x.npy"; });
  broken([](Json& j) { j["signals"][0]["maps"][0]["npy"] = "/etc/passwd"; });
  broken([](Json& j) { j.erase("mean"); });
}

TEST(AliasingRecords, ReadDamagedFilesOrRefuseThem) {
  const std::string text = fields_to_json(some_record()).dump();
  const Reader read = [](std::string_view bytes) { (void)record_from_json<AliasingRecord>(parse_json(bytes, "a file"), "a file"); };
  cut_everywhere(text, read);
  flip_bytes(text, read, 2000);
}

}  // namespace
}  // namespace convscope
