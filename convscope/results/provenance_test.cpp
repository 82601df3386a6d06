#include "convscope/results/provenance.h"

#include "convscope/base/base_testing.h"
#include "convscope/results/attack_record.h"
#include "convscope/results/evaluation.h"

namespace convscope {
namespace {

TEST(Provenances, TellDataAsPeopleDo) {
  DataOrigin data;
  data.name = "cifar10";
  EXPECT_EQ(data.text(), "cifar10");
  data.split = "test";
  EXPECT_EQ(data.text(), "cifar10, test");
}

TEST(Provenances, OpenEveryRecordUnderTheirContractsNames) {
  const Json j = fields_to_json(Evaluation());
  for (const char* key : {"network", "data", "options", "seed", "version", "processor"}) EXPECT_TRUE(j.contains(key)) << key;
  for (const char* key : {"file", "sha256", "preprocessing", "parameters", "name"}) EXPECT_TRUE(j["network"].contains(key)) << key;
  for (const char* key : {"name", "split", "limit", "digest"}) EXPECT_TRUE(j["data"].contains(key)) << key;
}

TEST(Provenances, OfEarlierVersionsAreTheirNames) {
  const Json before = parse_json(R"({"attack": "pgd", "network": "resnet20", "data": "cifar10, test", "seed": 7, "curve": [], "classes": [],
                                     "pairs": [], "images": []})",
                                 "a test");
  EXPECT_THROW((void)record_from_json<AttackRecord>(before, "here"), Error);
  const auto record = provided_record<AttackRecord>(before, "here");
  EXPECT_EQ(record.network.name, "resnet20");
  EXPECT_EQ(record.data.text(), "cifar10, test");
  EXPECT_EQ(record.seed, 7);
  EXPECT_THROW_SAYING((void)provided_record<AttackRecord>(parse_json("[1]", "a test"), "here"), "here");
}

}  // namespace
}  // namespace convscope
