#include <gtest/gtest.h>

#include "convscope/results/activations_record.h"
#include "convscope/results/aliasing_curve.h"
#include "convscope/results/aliasing_record.h"
#include "convscope/results/attack_record.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/benchmark.h"
#include "convscope/results/clusters_record.h"
#include "convscope/results/concepts_record.h"
#include "convscope/results/craft_record.h"
#include "convscope/results/description.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/features_record.h"
#include "convscope/results/neurons_record.h"
#include "convscope/results/oscillations_record.h"
#include "convscope/results/perturbative_record.h"
#include "convscope/results/prediction.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/results/seeds_summary.h"
#include "convscope/results/study_record.h"
#include "convscope/results/training_summary.h"
#include "convscope/results/watch_record.h"
#include "convscope/results/weights_record.h"

namespace convscope {
namespace {

/** Gives each list of structs an item and each unknown number a value, so that every key is in the JSON. */
struct Fill {
  template <typename T>
  void operator()(std::string_view, T& value, std::string_view) const {
    fill(value);
  }
  template <typename T>
  void fill(T& value) const {
    if constexpr (HasFields<T>) {
      value.fields(*this);
    } else if constexpr (std::floating_point<T>) {
      if (std::isnan(value)) value = 0.5;
    }
  }
  template <HasFields T>
  void fill(std::vector<T>& list) const {
    fill(list.emplace_back());
  }
  template <typename T>
  void fill(std::optional<T>& one) const {
    if constexpr (HasFields<T> || requires { requires HasFields<typename T::value_type>; }) fill(one.emplace());
  }
};

// What a record's laws want beyond that.
template <typename T>
void keep_laws(T&) {}
void keep_laws(ActivationsRecord& r) { r.shape = {8, 5, 5}; }
void keep_laws(AttackRecord& r) {
  r.classes[0].accuracy = r.classes[0].success_rate = {0.5};
  r.classes[0].accuracy_interval_95 = {{0.25, 0.75}};
}
void keep_laws(OscillationsRecord& r) { r.networks[0].parameters = 1; }
void keep_laws(PerturbativeRecord& r) { r.runs[0].name = "baseline"; }
void keep_laws(PredictionSheet& r) { r.classes = {"cat"}; }
void keep_laws(WeightsRecord& r) { r.shape = {8, 3, 3, 3}; }
void keep_laws(WatchRecord& r) {
  r.rows = r.columns = 1;
  r.classes = {"cat"};
}
void keep_laws(AliasingRecord& r) {
  r.images = 1;
  AliasingSignal& signal = r.signals[0];
  signal.channels = signal.rows = signal.columns = 1;
  for (ScaledShares* shares : {&r.mean, &signal.shares}) shares->published.no_pass = shares->contribution.no_pass = 1;
}

template <HasFields T>
T filled() {
  T record;
  record.fields(Fill());
  keep_laws(record);
  return record;
}

/** Names of all keys, as the help writes them: "maps[].image". */
void add_names(std::vector<std::string>& names, const Json& j, const std::string& before) {
  for (const auto& [key, value] : j.items()) {
    names.push_back(before + key);
    if (value.is_object()) add_names(names, value, names.back() + ".");
    if (value.is_array() && !value.empty() && value[0].is_object()) add_names(names, value[0], names.back() + "[].");
  }
}

template <typename T>
class EveryRecord : public testing::Test {};

using Records = testing::Types<ActivationsRecord, AliasingCurve, AliasingRecord, AttackRecord, AttributionRecord, Benchmark, ClusterPoints,
                               ClustersRecord, ConceptsRecord, CraftRecord, Description, EpochMetrics, Evaluation, FeaturesRecord,
                               NeuronsRecord, OscillationsRecord, PerturbativeRecord, PredictionSheet, Predictions, SeedsSummary,
                               StudyRecord, TrainingSummary, WatchRecord, WeightsRecord>;
TYPED_TEST_SUITE(EveryRecord, Records);

TYPED_TEST(EveryRecord, ComesBackFromItsJson) {
  const Json j = fields_to_json(filled<TypeParam>());
  EXPECT_EQ(fields_to_json(record_from_json<TypeParam>(j, "a file")), j);
}

TYPED_TEST(EveryRecord, SaysWhatEachOfItsKeysIs) {
  std::vector<std::string> names;
  for (const FieldHelp& field : help<TypeParam>()) {
    names.push_back(field.name);
    EXPECT_FALSE(field.text.empty()) << field.name;
  }
  std::vector<std::string> keys;
  add_names(keys, fields_to_json(filled<TypeParam>()), "");
  EXPECT_EQ(keys, names);
}

TYPED_TEST(EveryRecord, OfAnotherKindIsRefused) {
  for (const char* other : {"[]", "[1, 2]", "7", "null", "\"record\"", R"({"nonsense": 3})"})
    EXPECT_THROW((void)record_from_json<TypeParam>(parse_json(other, "a test"), "a file"), Error) << other;
}

}  // namespace
}  // namespace convscope
