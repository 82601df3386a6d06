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
  DataOrigin some;
  some.split = "test";
  EXPECT_EQ(QuestionName("pgd,steps=10").with("", "linf").with("", "1/255,2/255").of(some).text(), "pgd-steps-10-linf-1_255+2_255");
  some.split = "train";
  some.images = "0-7";
  EXPECT_EQ(QuestionName("integrated-gradients").with("target", "3").with("of", "").of(some).text(),
            "integrated-gradients-target-3-train-images-0-7");
  some.images = "0,7";
  EXPECT_EQ(QuestionName("gradient").of(some).text(), "gradient-train-images-0+7");
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

TEST(Answers, AreNotReplacedByThoseOfFewerImages) {
  const TemporaryFolder folder;
  const Path file = folder / "x.json";
  EXPECT_NO_THROW(require_no_loss(file, 1, false));
  write_json(file, fields_to_json(asked("/a", "cifar10", 1000)));
  EXPECT_NO_THROW(require_no_loss(file, 1000, false));
  EXPECT_THROW_SAYING(require_no_loss(file, 10, false), "it is of 1000 images, and would be replaced by one of 10");
  write_json(file, {{"total", 20}});  // of an earlier version
  EXPECT_THROW_SAYING(require_no_loss(file, 10, false), "of 20 images");
  EXPECT_NO_THROW(require_no_loss(file, 10, true));
  write_file(file, "damaged");
  EXPECT_NO_THROW(require_no_loss(file, 10, false));
}

TEST(Answers, GoAwayWithoutWhatIsNotTheirs) {
  const TemporaryFolder folder;
  make_folder(folder / "signals");
  for (const char* file : {"x.json", "00001.npy", "sheet.svg", "notes.txt", "signals/1.npy"}) write_file(folder / file, "x");
  const std::string_view kept[] = {"signals"};
  remove_answer(folder.path(), "y.json", kept);
  EXPECT_TRUE(std::filesystem::exists(folder / "00001.npy"));
  remove_answer(folder.path(), "x.json", kept);
  EXPECT_TRUE(std::filesystem::exists(folder / "notes.txt"));
  for (const char* file : {"x.json", "00001.npy", "sheet.svg", "signals/1.npy"})
    EXPECT_FALSE(std::filesystem::exists(folder / file)) << file;
}

}  // namespace
}  // namespace convscope
