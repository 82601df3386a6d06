#include "convscope/api/map_check.h"

#include "convscope/api/api_testing.h"
#include "convscope/api/redrawn_network.h"
#include "convscope/base/json_file.h"

namespace convscope {
namespace {

class MapCheck : public ::testing::Test, protected SmallWorld {
 protected:
  TemporaryFolder folder;
};

TEST_F(MapCheck, LeavesQualityBesideControlsInTheRecord) {
  const ExplainOptions options{.check = true, .check_steps = 4, .check_draws = 2};
  const AttributionRecord record = explain(network, {"gradient-x-input"}, pictures().first(4), options, folder.path()).record;
  ASSERT_TRUE(record.quality && record.cost);
  EXPECT_EQ(record.cost->backward, 1);
  for (const MapQuality& q : *record.quality) {
    EXPECT_TRUE(std::isfinite(q.value) && std::isfinite(q.controls.random) && std::isfinite(q.controls.random_network)) << q.metric;
    EXPECT_EQ(q.interval.size(), 2u) << q.metric;
  }
  const Json written = read_json(attribution_folder(folder.path(), record) / kAttributionFile);
  EXPECT_EQ(written["quality"].size(), record.quality->size());
  EXPECT_TRUE(written["quality"][0]["controls"].contains("random_network"));
  EXPECT_FALSE(explain(network, {"gradient-x-input"}, pictures().first(1)).record.quality.has_value());
}

TEST_F(MapCheck, RefusesWhatItCannotMeasure) {
  const Pictures some = pictures().first(2);
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, some, {.target = "conv1:0", .check = true}), "the probability of a class");
  EXPECT_THROW_SAYING(explain(network, {"training-path"}, some, {.check = true}), "reads what was recorded");
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, some, {.check = true, .check_draws = 0}), "`check_draws` 0");
}

TEST_F(MapCheck, DrawsTheLastLayersFirst) {
  const Tensor x = pictures().first(3).pixels();
  NetworkSubject own = subject_of(network, {}), drawn = subject_of(randomised(network, 5), {});
  RedrawnNetwork redrawn(network, {}, 5, 4);
  ASSERT_GT(redrawn.stages(), 1);
  redrawn.set_state(0);
  EXPECT_LT(max_difference(redrawn.subject().logits(x), own.logits(x)), 1e-5);
  redrawn.set_state(redrawn.stages());
  EXPECT_LT(max_difference(redrawn.subject().logits(x), drawn.logits(x)), 1e-5);
  redrawn.set_state(1);
  const std::string first = "conv1";
  EXPECT_LT(max_difference(redrawn.subject().activation(x, first), own.activation(x, first)), 1e-5) << "the first layer is drawn last";
  EXPECT_GT(max_difference(redrawn.subject().logits(x), own.logits(x)), 1e-3);
}

TEST_F(MapCheck, DrawsNetworksOfFilesThatDoNotTellHowTheyBegan) {
  Json graph = to_json(network.graph);
  const auto forget = [](auto&& self, Json& j) -> void {
    if (j.is_object() && j.contains("init")) j["init"] = "zeros";
    if (j.is_structured())
      for (Json& inner : j) self(self, inner);
  };
  forget(forget, graph);
  network.graph = graph_from_json(graph, "here");
  for (const auto& [name, tensor] : randomised(network, 3).tensors) {
    EXPECT_GT(max_abs(tensor.span()) + (tensor.shape().rank() < 2), 0) << name;
    EXPECT_TRUE(all_finite(tensor.span()));
  }
}

}  // namespace
}  // namespace convscope
