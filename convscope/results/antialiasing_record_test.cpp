#include "convscope/results/antialiasing_record.h"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(Relations, OfAHandfulOfImagesAreNotFound) {
  std::vector<double> energy(40), one(40), none_but_one(40, 1), half(40);
  for (size_t n = 0; n < energy.size(); ++n) energy[n] = static_cast<double>(n), half[n] = n >= 20;
  one.back() = 1;  // the one that is so folds most
  none_but_one.front() = 0;
  for (const std::vector<double>& few : {one, none_but_one}) {
    const ImageRelation r = relation_of("fooled", energy, few);
    EXPECT_GT(r.correlation, 0.2);
    EXPECT_FALSE(r.found()) << "of draws with one image the bootstrap sees that image alone";
    EXPECT_TRUE(std::isnan(r.interval_95[0]));
  }
  EXPECT_TRUE(relation_of("fooled", energy, half).found());
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
  record.rows[0].relations.assign(20, relation("wrong", 0.4, kUnknown, kUnknown));
  EXPECT_EQ(relation_findings(record).size(), 1u) << "no interval, nothing by chance";
  EXPECT_EQ(relation_findings(record)[0].substr(0, 14), "No relation be");
}

/** Two trainings of plain, one of another way. */
AntialiasingRecord trained() {
  AntialiasingRecord record;
  for (const auto& [way, seed, accuracy] : {std::tuple{"plain", 1, 0.84}, {"plain", 2, 0.86}, {"flc", 1, 0.7}}) {
    AntialiasingRow row;
    row.downsample = way;
    row.seed = seed;
    row.accuracy = accuracy;
    row.accuracy_interval_95 = {0.5, 0.95};
    record.rows.push_back(row);
  }
  return record;
}

TEST(AntialiasingNumbers, AreMeansOfTrainingsWithStudentsInterval) {
  const AntialiasingRecord record = trained();
  EXPECT_EQ(record.ways(), (std::vector<std::string>{"plain", "flc"}));
  const AntialiasingNumber plain = number_of(record, "plain", &AntialiasingRow::accuracy, &AntialiasingRow::accuracy_interval_95);
  EXPECT_EQ(plain.trainings, 2);
  EXPECT_NEAR(plain.value, 0.85, 1e-12);
  EXPECT_NEAR(plain.interval_95[1] - plain.value, 12.706 * 0.01, 1e-4) << "t of one degree of freedom, times the standard error";
  AntialiasingRecord sure = record;
  for (AntialiasingRow& row : sure.rows) row.accuracy += 0.1;
  EXPECT_EQ(number_of(sure, "plain", &AntialiasingRow::accuracy, nullptr).interval_95[1], 1) << "it is a share";
  const AntialiasingNumber flc = number_of(record, "flc", &AntialiasingRow::accuracy, &AntialiasingRow::accuracy_interval_95);
  EXPECT_EQ(flc.interval_95, (std::array<double, 2>{0.5, 0.95})) << "of one training that over images";
}

TEST(RelationFindings, TellTheSeedWhereThereAreSeveral) {
  AntialiasingRecord record = trained();
  for (AntialiasingRow& row : record.rows) row.relations = {relation("wrong", 0.3, 0.1, 0.5)};
  EXPECT_EQ(relation_findings(record).front(),
            "Images whose signals fold more are wrong more often in plain (seed 1) +0.30, plain (seed 2) +0.30, flc +0.30.");
  EXPECT_NEAR(correlation_of(record, "plain", "wrong").value, 0.3, 1e-12);
  for (AntialiasingRow& row : record.rows) row.relations = {relation("wrong", 0.9, kUnknown, kUnknown)};
  EXPECT_TRUE(std::isnan(correlation_of(record, "plain", "wrong").value)) << "too few were wrong to tell";
}

TEST(AnAntialiasingRecord, ThatLeadsElsewhereIsRefused) {
  AntialiasingRecord record = trained();
  record.rows[0].per_image = "../images.npy";
  EXPECT_THROW((void)record_from_json<AntialiasingRecord>(fields_to_json(record), "a file"), Error);
}

}  // namespace
}  // namespace convscope
