#include "convscope/study/study.h"

#include <algorithm>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/models/checkpoint.h"
#include "convscope/report/page/page.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/study_results.h"

namespace convscope {
namespace {

/** Two parts; the second does what it is told to. */
class Rehearsal : public Study {
 public:
  std::string title() const override { return "A rehearsal"; }
  std::vector<Part> parts(Scale) const override {
    const auto figure = [](const char* what, double ours) {
      StudyFigure f;
      f.what = what;
      f.published = 70;
      f.ours = ours;
      return std::vector<StudyFigure>{f};
    };
    return {{"first", "counts", "", [this, figure](const StudyContext&) { return ++first, figure("of the first", 71); }},
            {"second", "counts, or not", "",
             [this, figure](const StudyContext&) -> std::vector<StudyFigure> {
               ++second;
               if (wants_to_stop) throw Stopped("stopped");
               if (lacks_data) fail("no such data set");
               return figure("of the second", 72);
             }},
            {"own", "of its own network", "", [](const StudyContext&) { return std::vector<StudyFigure>(); }, true}};
  }
  mutable int first = 0, second = 0;
  bool takes_network() const override { return true; }
  bool wants_to_stop = false, lacks_data = false;
};

class Studies : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  Rehearsal study;
  std::vector<std::string> said;
  StudyContext context{.folder = folder.path() / "study",
                       .scale = Scale::quick,
                       .setting = {.data_roots = {}, .say = [this](std::string_view line) { said.emplace_back(line); }}};
  StudyRecord record() const {
    const Path file = context.folder / kStudyFile;
    return record_from_json<StudyRecord>(read_json(file), file.string());
  }
};

TEST_F(Studies, DoEachPartOnceAndShowPublishedFiguresBesideOurs) {
  EXPECT_TRUE(run_study("rehearsal", study, context));
  EXPECT_TRUE(run_study("rehearsal", study, context));
  EXPECT_EQ(study.first, 1);
  EXPECT_EQ(study.second, 1);
  const StudyRecord r = record();
  ASSERT_EQ(r.figures.size(), 2u);
  EXPECT_EQ(r.figures[1].part, "second");
  EXPECT_EQ(r.parts[0].state, "done");
  const std::string page = read_file(context.folder / kReportFile);
  EXPECT_NE(page.find("A rehearsal"), std::string::npos);
  EXPECT_NE(page.find("72.0 %"), std::string::npos);
  EXPECT_NE(page.find("+2.0"), std::string::npos);
}

TEST_F(Studies, GoOnWhereTheyWereStopped) {
  study.wants_to_stop = true;
  EXPECT_THROW(run_study("rehearsal", study, context), Stopped);
  EXPECT_EQ(record().parts[1].state, "begun");
  EXPECT_EQ(record().figures.size(), 1u);
  study.wants_to_stop = false;
  EXPECT_TRUE(run_study("rehearsal", study, context));
  EXPECT_EQ(study.first, 1);
  EXPECT_EQ(study.second, 2);
}

TEST_F(Studies, LeaveAPartOpenThatLacksItsDataAndSaySo) {
  study.lacks_data = true;
  EXPECT_FALSE(run_study("rehearsal", study, context));
  EXPECT_EQ(record().parts[1].state, "open");
  EXPECT_TRUE(std::any_of(said.begin(), said.end(), [](const std::string& line) { return line.find("no such data set") != line.npos; }));
}

TEST_F(Studies, KeepWhatTheyFoundInASmallFileWithItsCommandVersionAndDay) {
  study.wants_to_stop = true;
  context.command = "convscope study rehearsal --run today";
  EXPECT_THROW(run_study("rehearsal", study, context), Stopped);
  study.wants_to_stop = false;
  context.command = "convscope study rehearsal --run today --limit 7";
  EXPECT_TRUE(run_study("rehearsal", study, context));
  const Path file = context.folder / kResultsFile;
  const auto kept = record_from_json<StudyResults>(read_json(file), file.string());
  ASSERT_EQ(kept.rows.size(), 2u);
  EXPECT_EQ(kept.rows[1].published, 70);
  EXPECT_EQ(kept.rows[1].ours, 72);
  EXPECT_EQ(kept.parts[0].command, "convscope study rehearsal --run today");
  EXPECT_EQ(kept.parts[1].command, context.command) << "each part is of the command that did it";
  EXPECT_EQ(kept.parts[1].date.size(), std::string_view("2026-11-27").size());
  EXPECT_FALSE(kept.parts[1].version.empty());
  EXPECT_NE(read_file(context.folder / kReportFile).find(context.command), std::string::npos) << "the page tells it too";
  EXPECT_EQ(read_file(file).find(folder.path().string()), std::string::npos) << "where the folder lay is of this machine alone";
}

TEST_F(Studies, DoNotMixScalesOrSeeds) {
  EXPECT_TRUE(run_study("rehearsal", study, context));
  context.scale = Scale::full;
  EXPECT_THROW_SAYING(run_study("rehearsal", study, context), "quick scale already");
  context.scale = Scale::quick;
  context.setting.seed = 2;
  EXPECT_THROW_SAYING(run_study("rehearsal", study, context), "`seed` 1");
}

TEST_F(Studies, TellThatPartsThatAreDoneKeepTheirImages) {
  context.limit = 6;
  EXPECT_TRUE(run_study("rehearsal", study, context));
  std::string told;
  context.setting.say = [&](std::string_view line) { told += line; };
  context.limit = 10;
  EXPECT_TRUE(run_study("rehearsal", study, context));
  EXPECT_NE(told.find("`limit` 10 is for those that are open"), std::string::npos) << told;
}

TEST_F(Studies, TellWhatANetworkCallsItselfAndWhereItLies) {
  const Network brought = open_or_make_network("medium", {.task = {.image = "1,28,28", .classes = 7}}, 1);
  const Path file = std::filesystem::canonical(folder.path()) / "brought.safetensors";
  save_checkpoint(file, {brought.graph, brought.classes, brought.name, json_object(), brought.tensors, {}});
  context.network = file.string();
  EXPECT_TRUE(run_study("rehearsal", study, context));
  EXPECT_EQ(record().parts.size(), 2u) << "a part of its own network alone is left out";
  EXPECT_TRUE(run_study("rehearsal", study, context)) << "it is the same network";
  EXPECT_EQ(record().network.name, "medium");
  EXPECT_EQ(record().network.file, file.string());
  EXPECT_FALSE(record().network.sha256.empty());
  context.network.clear();
  EXPECT_THROW_SAYING(run_study("rehearsal", study, context), "the study was begun with `net` ");
}

TEST(StudyTable, HasTitlesPartsAndAnErrorForUnknownNames) {
  for (const std::string& name : studies().names())
    for (const Scale scale : {Scale::quick, Scale::medium, Scale::full}) {
      const auto study = studies().make(name);
      EXPECT_FALSE(study->title().empty());
      EXPECT_FALSE(study->parts(scale).empty());
    }
  EXPECT_THROW_SAYING(studies().make("atribution"), "attribution");
}

TEST(Scales, HaveNamesAndAnErrorForUnknownOnes) {
  for (const Scale scale : {Scale::quick, Scale::medium, Scale::full}) EXPECT_EQ(scale_named(name_of(scale)), scale);
  EXPECT_THROW_SAYING(scale_named("medum"), "medium");
}

}  // namespace
}  // namespace convscope
