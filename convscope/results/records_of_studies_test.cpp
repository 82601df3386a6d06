#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/results/aliasing_curve.h"
#include "convscope/results/oscillations_record.h"
#include "convscope/results/perturbative_record.h"
#include "convscope/results/seeds_summary.h"
#include "convscope/results/training_summary.h"

namespace convscope {
namespace {

/** A kind of record: an example, and what reads and writes it again. */
struct RecordKind {
  const char* name;
  Json example;
  std::function<Json(const Json&)> again;
};
void PrintTo(const RecordKind& kind, std::ostream* out) { *out << kind.name; }

Json perturbative_example() {
  PerturbativeRecord record;
  PerturbativeRun run;
  run.name = "baseline";
  run.published = 0.918;
  run.seeds = {1, 2};
  record.runs = {run};
  record.trials = {SmoothingTrial{.accuracy = 0.86, .keep = 0.9}};
  record.fit = {.layer = "layer1.0.conv1", .network = "resnet18"};
  record.fit.points = {{1, 10, 0.25, 0.5}, {64, 100, 0.125, 0.75}};
  return fields_to_json(record);
}

Json oscillations_example() {
  OscillationsRecord record;
  record.illustration = "illustration.npy";
  OscillationNetwork n;
  n.arch = "resnet8_small_incr";
  n.parameters = 7;
  n.published = 0.99;
  record.networks = {n, n};
  return fields_to_json(record);
}

Json curve_example() {
  AliasingCurve curve;
  curve.network.name = "resnet20.onnx";
  curve.images = 100;
  curve.points = {{.epsilon = 0, .accuracy = 0.9, .median = 0.5, .high = 0.75},
                  {.epsilon = 0.01, .accuracy = 0.1, .median = 0.5, .high = 1}};
  return fields_to_json(curve);
}

template <typename T>
RecordKind summary(const char* name) {
  return {name, fields_to_json(T{}), [](const Json& j) { return fields_to_json(record_from_json<T>(j, "a file")); }};
}

class RecordsOfStudies : public testing::TestWithParam<RecordKind> {};

TEST_P(RecordsOfStudies, ComeBackAsTheyWereWritten) { EXPECT_EQ(GetParam().again(GetParam().example), GetParam().example); }

TEST_P(RecordsOfStudies, AreReadOrRefusedWhereverTheyAreCutOrDamaged) {
  const std::string text = GetParam().example.dump();
  const Reader read = [](std::string_view bytes) { (void)GetParam().again(parse_json(bytes, "a file")); };
  cut_everywhere(text, read);
  flip_bytes(text, read, 2000);
}

TEST_P(RecordsOfStudies, OfAnotherKindAreRefused) {
  for (const char* other : {"[]", "[1, 2]", "7", "null", "\"record\"", R"({"points": 3})", R"({"runs": [7], "trials": [], "fit": []})"})
    EXPECT_THROW((void)GetParam().again(parse_json(other, "a test")), Error) << other;
}

INSTANTIATE_TEST_SUITE_P(
    OfEveryKind, RecordsOfStudies,
    testing::Values(RecordKind{"perturbative", perturbative_example(),
                               [](const Json& j) { return fields_to_json(record_from_json<PerturbativeRecord>(j, "a file")); }},
                    RecordKind{"oscillations", oscillations_example(),
                               [](const Json& j) { return fields_to_json(record_from_json<OscillationsRecord>(j, "a file")); }},
                    RecordKind{"aliasing_curve", curve_example(),
                               [](const Json& j) { return fields_to_json(record_from_json<AliasingCurve>(j, "a file")); }},
                    summary<SeedsSummary>("seeds"), summary<TrainingSummary>("training")),
    [](const testing::TestParamInfo<RecordKind>& one) { return std::string(one.param.name); });

TEST(RecordOfAStudy, ThatLeadsElsewhereIsRefused) {
  Json run = perturbative_example();
  run["runs"][0]["name"] = "../../etc";
  EXPECT_THROW((void)record_from_json<PerturbativeRecord>(run, "a file"), Error);
  Json picture = oscillations_example();
  picture["illustration"] = "/etc/passwd";
  EXPECT_THROW((void)record_from_json<OscillationsRecord>(picture, "a file"), Error);
}

}  // namespace
}  // namespace convscope
