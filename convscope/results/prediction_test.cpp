#include "convscope/results/prediction.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

const std::vector<std::string> kNames{"cat", "dog", "eel"};

TEST(Prediction, RanksClassesByConfidenceAndOfEqualsTheFirst) {
  const std::vector<float> confidences{0.2f, 0.6f, 0.2f};
  const auto top = ranked(confidences, kNames, 5);
  ASSERT_EQ(top.size(), 3u);
  EXPECT_EQ(top[0].name, "dog");
  EXPECT_EQ(top[1].name, "cat");
  EXPECT_EQ(top[2].index, 2);
}

TEST(Prediction, HasTheKeysThatTheReferenceNames) {
  const Json j = fields_to_json(Prediction("a.png", ranked(std::vector<float>{0.25f, 0.75f, 0.0f}, kNames, 2)));
  EXPECT_EQ(j.dump(), R"({"file":"a.png","class":"dog","index":1,"confidence":0.75,)"
                      R"("top":[{"class":"dog","index":1,"confidence":0.75},{"class":"cat","index":0,"confidence":0.25}]})");
}

}  // namespace
}  // namespace convscope
