#include "convscope/results/study_record.h"

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

TEST(StudyRecords, ComeBackAndLeaveOutWhatNobodyKnows) {
  StudyRecord record{"from-scratch", "A CNN from scratch", "quick", "fp32", 1, {{"train", "trains", "train", "done", 3.5}}, {}};
  StudyFigure figure;
  figure.what = "test accuracy";
  figure.published = 72;
  record.figures = {figure};
  const Json j = study_to_json(record);
  EXPECT_FALSE(j["figures"][0].contains("ours"));
  EXPECT_EQ(study_to_json(study_from_json(j, "here")), j);
}

TEST(StudyRecords, ThatAreDamagedAreAnError) {
  EXPECT_THROW_SAYING(study_from_json(Json::object(), "here"), "list 'parts'");
  EXPECT_THROW_SAYING(study_from_json(Json(3), "here"), "JSON object");
}

}  // namespace
}  // namespace convscope
