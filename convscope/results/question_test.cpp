#include "convscope/results/question.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"

namespace convscope {
namespace {

Provenance asked(const std::string& network, const std::string& data, int64_t count) {
  Provenance p;
  p.network.file = network;
  p.data.name = data;
  p.data.split = "test";
  p.data.count = count;
  return p;
}

TEST(NamesOfQuestions, SayWhatWasAsked) {
  Provenance some;
  some.data.split = "test";
  EXPECT_EQ(QuestionName("pgd,steps=10").with("", "linf").with("", "1/255,2/255").of(some).text(), "pgd-steps-10-linf-1_255+2_255");
  some.data.split = "train";
  some.data.images = "0-7";
  EXPECT_EQ(QuestionName("integrated-gradients").with("target", "3").with("of", "").of(some).text(),
            "integrated-gradients-target-3-train-images-0-7");
  some.data.images = "0,7";
  EXPECT_EQ(QuestionName("gradient").of(some).text(), "gradient-train-images-0+7");
}

TEST(NamesOfQuestions, TellDrawnImagesApartByTheirSeed) {
  Provenance drawn;
  drawn.data.images = "class=cat+random:20";
  drawn.seed = 7;
  EXPECT_EQ(QuestionName("gradient").of(drawn).text(), "gradient-images-class-cat+random-20-seed-7");
}

TEST(NamesOfQuestions, TellAPrecisionThatIsNotTheUsualOne) {
  Provenance some;
  some.options["precision"] = "fp32";
  EXPECT_EQ(QuestionName("gradient").of(some).text(), "gradient");
  some.options["precision"] = "bf16";
  EXPECT_EQ(QuestionName("gradient").of(some).text(), "gradient-bf16");
}

TEST(NamesOfQuestions, TellWhatAFileOfNumbersHeld) {
  const TemporaryFolder folder;
  Provenance some;
  some.data.split = "test";
  some.data.images = (folder / "n").string();
  some.data.digest = "0123456789abcdef";
  EXPECT_EQ(QuestionName("gradient").of(some).text().find("01234567"), std::string::npos) << "no file";
  write_file(folder / "n", "1 2 3");
  EXPECT_TRUE(QuestionName("gradient").of(some).text().ends_with("-01234567"));
}

TEST(NamesOfQuestions, TellOtherAlphabetsAndLongNamesApart) {
  EXPECT_NE(QuestionName("gradient").with("target", "猫").text(), QuestionName("gradient").with("target", "犬").text());
  EXPECT_NE(QuestionName("fgsm-to-猫").text(), QuestionName("fgsm-to-犬").text());
  const std::string many(120, 'x');
  EXPECT_NE(QuestionName("neurons-" + many + "1").text(), QuestionName("neurons-" + many + "2").text());
}

TEST(NamesOfQuestions, StayShortAndApart) {
  const std::string many(300, '1');
  const QuestionName one = QuestionName("gradient").with("images", many + "2"), other = QuestionName("gradient").with("images", many + "3");
  EXPECT_EQ(one.text().size(), 100u);
  EXPECT_NE(one.text(), other.text());
}

TEST(QuestionFolders, HoldOneNetworksAnswer) {
  const TemporaryFolder folder;
  const QuestionName name("gradient");
  const Provenance a = asked("/a", "cifar10", 8), b = asked("/b", "cifar10", 8), other_data = asked("/a", "svhn", 8);
  const Path place = question_folder(folder.path(), name, "x.json", a);
  EXPECT_EQ(place, folder / "gradient");
  make_folder(place);
  write_json(place / "x.json", fields_to_json(a));
  EXPECT_EQ(question_folder(folder.path(), name, "x.json", a), place);
  EXPECT_NE(question_folder(folder.path(), name, "x.json", b), place);
  EXPECT_NE(question_folder(folder.path(), name, "x.json", other_data), place);
  EXPECT_NE(question_folder(folder.path(), name, "x.json", other_data), question_folder(folder.path(), name, "x.json", b));
  Provenance moved = b;
  moved.network.sha256 = "1";
  Provenance same = a;
  same.network.sha256 = "1";
  EXPECT_TRUE(same_origin(moved, same));
}

TEST(QuestionFolders, KeepATrainedNetworksAnswerFromAnUntrainedOnes) {
  const TemporaryFolder folder;
  Provenance trained = asked("/x.pth", "cifar10", 8), fresh = asked("", "cifar10", 8);
  trained.network.name = fresh.network.name = "resnet34";
  EXPECT_TRUE(same_origin(trained, fresh)) << "an earlier version did not tell the file";
  trained.version = fresh.version = "0.2";
  EXPECT_FALSE(same_origin(trained, fresh));
  make_folder(folder / "gradient");
  write_json(folder / "gradient" / "x.json", fields_to_json(trained));
  const QuestionName name("gradient");
  EXPECT_EQ(question_folder(folder.path(), name, "x.json", trained), folder / "gradient");
  EXPECT_NE(question_folder(folder.path(), name, "x.json", fresh), folder / "gradient");
}

TEST(Answers, AreNotReplacedByThoseOfFewerImages) {
  const TemporaryFolder folder;
  const Path file = folder / "x.json";
  EXPECT_NO_THROW(require_no_loss(file, asked("/a", "cifar10", 1), false));
  write_json(file, fields_to_json(asked("/a", "cifar10", 1000)));
  EXPECT_NO_THROW(require_no_loss(file, asked("/a", "cifar10", 1000), false));
  EXPECT_THROW_SAYING(require_no_loss(file, asked("/a", "cifar10", 10), false), "it is of 1000 images, and would be replaced by one of 10");
  write_json(file, {{"total", 20}});  // of an earlier version
  EXPECT_THROW_SAYING(require_no_loss(file, asked("/a", "cifar10", 10), false), "of 20 images");
  EXPECT_NO_THROW(require_no_loss(file, asked("/a", "cifar10", 10), true));
  Provenance before = asked("/a", "cifar10", 1000), further = asked("/a", "cifar10", 10);
  before.network.sha256 = further.network.sha256 = "1";
  write_json(file, fields_to_json(before));
  EXPECT_THROW_SAYING(require_no_loss(file, further, false), "of 1000 images");
  further.network.sha256 = "2";
  EXPECT_NO_THROW(require_no_loss(file, further, false)) << "it was trained further since";
  write_file(file, "damaged");
  EXPECT_NO_THROW(require_no_loss(file, asked("/a", "cifar10", 10), false));
}

TEST(Answers, GoAwayWithoutWhatIsNotTheirs) {
  const TemporaryFolder folder;
  make_folder(folder / "signals");
  for (const char* file : {"x.json", "00001.npy", "sheet.svg", "notes.txt", "curve.json", "signals/1.npy"}) write_file(folder / file, "x");
  const std::string_view folders[] = {"signals"}, others[] = {"curve.json"};
  remove_answer(folder.path(), "y.json", folders, others);
  EXPECT_TRUE(std::filesystem::exists(folder / "00001.npy"));
  remove_answer(folder.path(), "x.json", folders, others);
  EXPECT_TRUE(std::filesystem::exists(folder / "notes.txt"));
  EXPECT_TRUE(std::filesystem::exists(folder / "curve.json")) << "it is of another question";
  for (const char* file : {"x.json", "00001.npy", "sheet.svg", "signals/1.npy"})
    EXPECT_FALSE(std::filesystem::exists(folder / file)) << file;
}

/** Folders of answers that are not whole. */
int64_t parts_in(const Path& folder) {
  int64_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().find(".part") != std::string::npos) ++count;
  return count;
}

TEST(Answers, OnTheirWayTouchNothingUntilTheyAreWhole) {
  const TemporaryFolder folder;
  const Path place = folder / "aliasing";
  make_folder(place);
  write_file(place / "x.json", "before");
  {
    const StagedAnswer stopped(place);
    write_file(stopped.folder() / "x.json", "half");
  }
  EXPECT_EQ(read_file(place / "x.json"), "before");
  EXPECT_EQ(parts_in(folder.path()), 0);
  {
    StagedAnswer whole(place);
    make_folder(whole.folder() / "signals");
    write_file(whole.folder() / "signals" / "1.npy", "now");
    write_file(whole.folder() / "x.json", "now");
    whole.finish();
  }
  EXPECT_EQ(read_file(place / "x.json"), "now");
  EXPECT_EQ(read_file(place / "signals" / "1.npy"), "now");
  EXPECT_EQ(parts_in(folder.path()), 0);
}

TEST(Answers, OfTwoProcessesToTheSameQuestionDoNotMix) {
  const TemporaryFolder folder;
  const Path place = folder / "aliasing";
  make_folder(folder / "aliasing.part-1-1");  // left by one that died
  std::optional<StagedAnswer> one(std::in_place, place);
  write_file(one->folder() / "x.json", "one");
  {
    StagedAnswer other(place);
    EXPECT_NE(other.folder(), one->folder());
    EXPECT_EQ(parts_in(folder.path()), 2) << "what nobody works in is gone, what somebody works in is not";
    write_file(other.folder() / "x.json", "other");
    other.finish();
  }
  EXPECT_EQ(read_file(place / "x.json"), "other");
  EXPECT_EQ(read_file(one->folder() / "x.json"), "one");
  one->finish();
  one.reset();
  EXPECT_EQ(read_file(place / "x.json"), "one");
  EXPECT_EQ(parts_in(folder.path()), 0);
}

}  // namespace
}  // namespace convscope
