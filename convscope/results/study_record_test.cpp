#include "convscope/results/study_record.h"

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

TEST(StudyRecords, ComeBackAndLeaveOutWhatNobodyKnows) {
  StudyRecord record;
  record.study = "from-scratch";
  record.title = "A CNN from scratch";
  record.scale = "quick";
  record.parts = {{"train", "trains", "train", "done", 3.5}};
  StudyFigure figure;
  figure.what = "test accuracy";
  figure.published = 72;
  record.figures = {figure};
  const Json j = fields_to_json(record);
  EXPECT_FALSE(j["figures"][0].contains("ours"));
  EXPECT_EQ(fields_to_json(record_from_json<StudyRecord>(j, "here")), j);
}

TEST(StudyRecords, ThatAreDamagedAreAnError) {
  EXPECT_THROW_SAYING(record_from_json<StudyRecord>(json_object(), "here"), "is not there");
  EXPECT_THROW_SAYING(record_from_json<StudyRecord>(Json(3), "here"), "here: a JSON object was wanted, got 3");
}

}  // namespace
}  // namespace convscope
