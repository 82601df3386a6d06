#include "convscope/results/antialiasing_record.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

ImageRelation relation(const std::string& what, double correlation, double low, double high) {
  ImageRelation r;
  r.what = what;
  r.images = 40;
  r.cases = 3;
  r.correlation = correlation;
  r.interval_95 = {low, high};
  return r;
}

TEST(RelationFindings, TellWhatIsMoreWhatIsLessAndWhatCannotBeTold) {
  AntialiasingRecord record;
  for (const auto& [downsample, r] : {std::pair{"plain", relation("wrong", 0.3, 0.1, 0.5)},
                                      {"blur:4", relation("wrong", -0.25, -0.4, -0.1)},
                                      {"flc", relation("wrong", 0.05, -0.1, 0.2)},
                                      {"aps", relation("wrong", kUnknown, kUnknown, kUnknown)}}) {
    AntialiasingRow& row = record.rows.emplace_back();
    row.downsample = downsample;
    row.relations.push_back(r);
  }
  EXPECT_EQ(relation_findings(record),
            (std::vector<std::string>{"Images whose signals fold more are wrong more often in plain +0.30; images whose signals fold more "
                                      "are wrong less often in blur:4 -0.25; no relation between what folds and being wrong can be told in "
                                      "flc +0.05, aps (3 of 40 images)."}));
}

TEST(RelationFindings, OfManySayHowManyChanceAloneWouldFind) {
  AntialiasingRecord record;
  record.rows.resize(1);
  record.rows[0].relations.assign(20, relation("wrong", 0, -0.1, 0.1));
  EXPECT_EQ(relation_findings(record).back(), "These are 20 intervals at 95 %: about 1 of them would leave 0 out by chance alone.");
  record.rows[0].relations.resize(5);
  EXPECT_EQ(relation_findings(record).size(), 1u);
}

}  // namespace
}  // namespace convscope
