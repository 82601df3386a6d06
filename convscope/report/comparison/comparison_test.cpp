#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/report/page/page.h"
#include "convscope/report/page/page_testing.h"
#include "convscope/results/aliasing_record.h"
#include "convscope/results/answers.h"
#include "convscope/results/attack_record.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

std::string record_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/** A run that was asked about four images of two classes; `said` is what it took them for. */
void write_answers(const Path& folder, const std::vector<int64_t>& said, const std::string& data = "pets, test",
                   const std::string& name = "dog") {
  make_folder(folder / kPredictions);
  std::vector<Answer> answers;
  std::vector<std::vector<int64_t>> confusion(2, std::vector<int64_t>(2));
  for (size_t i = 0; i < said.size(); ++i) {
    const auto label = static_cast<int64_t>(i % 2);
    answers.push_back({static_cast<int64_t>(i), label, said[i], 0.75});
    ++confusion[static_cast<size_t>(label)][static_cast<size_t>(said[i])];
  }
  write_file(folder / kEvaluation, record_text(fields_to_json(evaluation_of(confusion, {"cat", name}))));
  PredictionSheet sheet;
  sheet.network.name = "deep";
  sheet.data.name = data;
  sheet.classes = {"cat", name};
  sheet.first = {{1, 1, 1, 0.75, {}, "00001.png"}};
  write_png(folder / kPredictions / "00001.png", Image{3, 2, 2, std::vector<uint8_t>(12, 100)});
  write_file(folder / kPredictions / kSheetFile, record_text(fields_to_json(sheet)));
  write_file(folder / kPredictions / kAnswersFile, answers_csv(answers));
}

void write_attack(const Path& folder, double accuracy, const std::string& attack = "fgsm", const std::string& images = "",
                  int64_t seed = 1) {
  AttackRecord r;
  r.attack = attack;
  r.network.name = "deep";
  r.data.name = "pets, test";
  r.data.images = images;
  r.seed = seed;
  r.goal = "untargeted";
  r.norm = "linf";
  r.total = 50;
  r.clean_accuracy = accuracy + 0.2;
  for (const double epsilon : {1.0 / 255, 8.0 / 255}) {
    AttackPoint& p = r.curve.emplace_back();
    p.epsilon = epsilon;
    p.accuracy = p.accuracy_8bit = accuracy;
  }
  make_folder(folder / kAttacks / attack);
  write_file(folder / kAttacks / attack / kAttackFile, record_text(fields_to_json(r)));
}

void write_maps(const Path& folder, const std::vector<int64_t>& images) {
  AttributionRecord r;
  r.method = "occlusion";
  r.network.name = "deep";
  r.data.name = "pets, test";
  r.of = "logits";
  for (const int64_t image : images) {
    AttributionMap& map = r.maps.emplace_back();
    map.image = image;
    map.target = "predicted";
    map.name = map.label = "cat";
    map.confidence = 0.5;
    map.input = map.png = "a.png";
  }
  make_folder(folder / kAttributions / "occlusion");
  write_png(folder / kAttributions / "occlusion" / "a.png", Image{3, 2, 2, std::vector<uint8_t>(12, 100)});
  write_file(folder / kAttributions / "occlusion" / kAttributionFile, record_text(fields_to_json(r)));
}

/** Of as many images as there are energies, a signal that folds so much of each. */
void write_aliasing(const Path& folder, const std::vector<float>& energy) {
  AliasingRecord r;
  r.network.name = "deep";
  r.data.name = "pets, test";
  r.images = std::ssize(energy);
  r.per_image = "per-image.npy";
  r.image_table = "images.npy";
  r.per_image_energy = "energy.npy";
  AliasingSignal& signal = r.signals.emplace_back();
  signal.name = "pool";
  signal.channels = signal.rows = signal.columns = 4;
  signal.shares.published = signal.shares.contribution = r.mean.published = r.mean.contribution = {0.5, 0.25, 0.125, 0.125};
  signal.folded_energy = 0;
  for (const float e : energy) signal.folded_energy += e / static_cast<double>(energy.size());
  signal.folded_energy_interval_95 = {0.1, 0.2};
  make_folder(folder / kAliasing);
  Tensor table({r.images, 4});
  for (int64_t n = 0; n < r.images; ++n) table[4 * n] = static_cast<float>(n);
  write_npy(folder / kAliasing / r.image_table, table);
  write_npy(folder / kAliasing / r.per_image, Tensor({r.images, 1, 4, 2}));
  write_npy(folder / kAliasing / r.per_image_energy, Tensor({r.images, 1}, energy));
  write_file(folder / kAliasing / kAliasingFile, record_text(fields_to_json(r)));
}

std::string page_of_runs(const std::vector<Path>& folders) { return report_page(folders).html; }

/** What stands between the comparison's heading and the next section. */
std::string comparison_in(const std::string& page) {
  const size_t begin = page.find("<section id=\"comparison\">");
  return begin == std::string::npos ? "" : page.substr(begin, page.find("</section>", begin) - begin);
}

TEST(Comparison, IsOfAtLeastTwoRuns) {
  const TemporaryFolder folder;
  write_answers(folder / "a", {0, 1, 0, 1});
  EXPECT_EQ(comparison_in(page_of_runs({folder / "a"})), "");
  write_answers(folder / "b", {0, 0, 0, 1});
  EXPECT_NE(comparison_in(page_of_runs({folder / "a", folder / "b"})), "");
}

TEST(Comparison, TellsAccuraciesAndDifferencesOnTheSameImages) {
  const TemporaryFolder folder;
  write_answers(folder / "a", {0, 1, 0, 1});
  write_answers(folder / "b", {1, 0, 0, 1});
  const std::string text = comparison_in(page_of_runs({folder / "a", folder / "b"}));
  for (const char* words : {"100.00 %", "50.00 %", "51.01 to 100.00", "4 of 4", "pets, test", "+50.00", "0.5000", "disagree on 2",
                            "are all 2", "data:image/png;base64,", "no picture"})
    EXPECT_NE(text.find(words), std::string::npos) << words;
  EXPECT_EQ(count(text, "<li class=\"dispute\">"), 2u);
}

TEST(Comparison, SaysOfWhichRunsNothingIsKnownImageByImage) {
  const TemporaryFolder folder;
  write_answers(folder / "a", {0, 1, 0, 1});
  write_answers(folder / "b", {1, 0, 0, 1});
  write_answers(folder / "c", {1, 0, 0, 1}, "toys, test");
  std::filesystem::remove(folder / "b" / kPredictions / kAnswersFile);
  const std::string text = comparison_in(page_of_runs({folder / "a", folder / "b", folder / "c"}));
  EXPECT_NE(text.find("No answers image by image, so no differences: b."), std::string::npos);
  EXPECT_NE(text.find("no other run was asked about: a, c."), std::string::npos);
  EXPECT_EQ(text.find("McNemar"), std::string::npos);
}

TEST(Comparison, DrawsTheSameAttackOnAllNetworksInOneFigure) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"}) write_attack(folder / name, name[0] == 'a' ? 0.5 : 0.25);
  write_attack(folder / "a", 0.125, "pgd");  // of one network alone
  const std::string page = page_of_runs({folder / "a", folder / "b"}), text = comparison_in(page);
  EXPECT_EQ(count(text, "data-plot=\"comparison:"), 1u);
  for (const char* words : {"fgsm: Accuracy under attack", ">4/255</text>", "50.00 %", "25.00 %", "a: 50, b: 50"})
    EXPECT_NE(text.find(words), std::string::npos) << words;
  EXPECT_NE(page.find("[0.03137254901960784,\"8/255\"]"), std::string::npos);
}

TEST(Comparison, DrawsNoAttacksOnOtherImagesAsOneQuestion) {
  const TemporaryFolder folder;
  write_attack(folder / "a", 0.5, "fgsm", "mistakes");
  write_attack(folder / "b", 0.25, "fgsm", "right");
  EXPECT_EQ(comparison_in(page_of_runs({folder / "a", folder / "b"})).find("data-plot=\"comparison:"), std::string::npos);
  write_attack(folder / "b", 0.25, "fgsm", "mistakes");
  EXPECT_NE(comparison_in(page_of_runs({folder / "a", folder / "b"})).find("pets, test, images mistakes"), std::string::npos);
}

TEST(Comparison, DrawsNoAttacksOnImagesOfAnotherDrawAsOneQuestion) {
  const TemporaryFolder folder;
  write_attack(folder / "a", 0.5, "fgsm", "random:20", 1);
  write_attack(folder / "b", 0.25, "fgsm", "random:20", 2);
  EXPECT_EQ(comparison_in(page_of_runs({folder / "a", folder / "b"})).find("Under the same attack"), std::string::npos);
  write_attack(folder / "c", 0.25, "fgsm", "random:20", 2);
  const std::string text = comparison_in(page_of_runs({folder / "b", folder / "c"}));
  EXPECT_NE(text.find("images random:20 by seed 2"), std::string::npos);
}

TEST(Comparison, PutsMapsOfTheSameImageSideBySide) {
  const TemporaryFolder folder;
  write_maps(folder / "a", {0, 1, 2, 3, 4, 5, 6, 7, 8});
  write_maps(folder / "b", {8, 7, 6, 5, 4, 3, 2, 1});
  const std::string text = comparison_in(page_of_runs({folder / "a", folder / "b"}));
  EXPECT_EQ(count(text, "<tr><th scope=\"row\">"), 8u);  // without image 0
  EXPECT_NE(text.find("occlusion of logits, predicted"), std::string::npos);
  EXPECT_NE(text.find("2 more images"), std::string::npos);
}

TEST(Comparison, LetsNoNameBecomeMarkup) {
  const TemporaryFolder plain, hostile;
  for (const char* run : {"a", "b"}) {
    write_answers(plain / run, {0, run[0] == 'a' ? 1 : 0, 0, 1});
    write_answers(hostile / run, {0, run[0] == 'a' ? 1 : 0, 0, 1}, kHostile, kHostile);
  }
  const std::string page = page_of_runs({hostile / "a", hostile / "b"}), harmless = page_of_runs({plain / "a", plain / "b"});
  for (const char* tag : {"<script", "</script", "<b>", "</b>", "<!--", "<td"}) EXPECT_EQ(count(page, tag), count(harmless, tag)) << tag;
}

TEST(Comparison, LaysWhatFoldsSideBySide) {
  const TemporaryFolder folder;
  write_aliasing(folder / "plain", {0.30f, 0.32f, 0.34f, 0.36f});
  write_aliasing(folder / "blurred", {0.10f, 0.12f, 0.14f, 0.16f});
  write_aliasing(folder / "elsewhere", {0.10f, 0.12f});
  const std::string page = page_of_runs({folder / "plain", folder / "blurred", folder / "elsewhere"});
  EXPECT_NE(page.find("33.0 %"), std::string::npos);
  EXPECT_NE(page.find("13.0 %"), std::string::npos);
  EXPECT_NE(page.find("37.5 %"), std::string::npos);  // aliased or tangled
  EXPECT_NE(page.find("blurred against plain: -20.00 points"), std::string::npos);
  EXPECT_NE(page.find("less</li>"), std::string::npos);
  EXPECT_EQ(page.find("elsewhere against"), std::string::npos) << "other images";
}

}  // namespace
}  // namespace convscope
