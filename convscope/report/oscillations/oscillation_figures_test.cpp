#include "convscope/report/oscillations/oscillation_figures.h"

#include "convscope/base/base_testing.h"
#include "convscope/report/draw/figure_testing.h"

namespace convscope {
namespace {

TEST(OscillationPerformance, ShowsPanelsForEachNoiseAndStaysOnItsPage) {
  OscillationsRecord record;
  for (const double noise : {1.0, 2.0, 4.0, 8.0})
    for (const char* family : {"fc-1h", "fc-2h", "resnet-c", "resnet-w", "resnet-d"})
      for (const int64_t parameters : {75'020, 4'426'832}) {
        OscillationNetwork n;
        n.arch = family;
        n.family = family;
        n.noise = noise;
        n.parameters = parameters;
        n.published = 0.0039;
        n.accuracy = noise == 1 ? 1 : kUnknown;
        record.networks.push_back(n);
      }
  EXPECT_EQ(misplaced(oscillation_performance(record)), "");
  const Json j = fields_to_json(record);
  EXPECT_EQ(fields_to_json(record_from_json<OscillationsRecord>(j, "oscillations.json")), j);
  std::erase_if(record.networks, [](const OscillationNetwork& n) { return n.noise > 1; });
  EXPECT_EQ(misplaced(oscillation_performance(record)), "");
}

}  // namespace
}  // namespace convscope
