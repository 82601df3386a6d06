#include <gtest/gtest.h>

#include <algorithm>

#include "convscope/base/base_testing.h"
#include "convscope/report/attack/attack_curve.h"
#include "convscope/report/attack/attack_pairs.h"
#include "convscope/report/attack/attack_sheet.h"
#include "convscope/report/draw/figure_testing.h"
#include "convscope/report/page/page.h"
#include "convscope/report/page/page_testing.h"
#include "convscope/results/run_folder.h"

namespace convscope {
namespace {

AttackPoint point(double epsilon, double accuracy) {
  AttackPoint p;
  p.epsilon = epsilon;
  p.accuracy = p.accuracy_8bit = accuracy;
  p.top5_accuracy = std::min(1.0, accuracy + 0.1);
  p.success_rate = p.success_rate_8bit = 1 - accuracy;
  p.flip_rate = 1 - accuracy;
  p.linf_max = epsilon;
  return p;
}

/** As `attack` leaves it: two images with pictures, one without. */
AttackRecord record(const std::string& attack = "pgd,steps=10", const std::string& name = "dog") {
  AttackRecord r;
  r.attack = attack;
  r.network.name = "resnet20 " + name;
  r.data.name = "cifar10, test";
  r.goal = "untargeted";
  r.norm = "linf";
  r.total = r.examined = 60;
  r.attacked = 55;
  r.clean_accuracy = 55.0 / 60;
  r.gain = 10;
  r.curve = {point(1.0 / 255, 0.4), point(2.0 / 255, 0.1)};
  AttackClass cat, other;
  cat.name = "cat";
  other.name = name;
  for (AttackClass* c : {&cat, &other}) {
    c->total = c->correct = 30;
    c->clean_accuracy = 0.9;
    c->accuracy = {0.4, 0.1};
    c->accuracy_interval_95 = {{0.2, 0.6}, {0, 0.3}};
    c->success_rate = {0.6, 0.9};
    r.classes.push_back(*c);
  }
  r.pairs = {{"cat", name, 30, 27, 0.9, 3, 0.004, 0.1}, {name, "cat", 30, 24, 0.8, 3, 0.004, 0.1}};
  for (int64_t n = 0; n < 3; ++n) {
    AttackImage i;
    i.index = n;
    i.from = "cat";
    i.from_confidence = 0.98785;
    i.to = i.to_8bit = name;
    i.confidence = 0.98369;
    i.success = true;
    if (n < 2) {
      i.clean = "clean.png";
      i.noise = "noise.png";
      i.result = "result.png";
    }
    r.images.push_back(i);
  }
  return r;
}

void write(const Path& folder, const std::string& name, const AttackRecord& r) {
  make_folder(folder / kAttacks / name);
  write_file(folder / kAttacks / name / kAttackFile, fields_to_json(r).dump(-1, ' ', false, Json::error_handler_t::replace));
  for (const char* file : {"clean.png", "noise.png", "result.png"})
    write_png(folder / kAttacks / name / file, Image{3, 2, 2, std::vector<uint8_t>(12, 100)});
}

TEST(AttackSheet, SaysWhatTheNetworkTookAnImageForAndWhatItIs) {
  const AttackRecord r;
  AttackImage i;
  i.from = i.taken_for = "cat";
  i.from_confidence = 0.75;
  EXPECT_EQ(caption_before(r, i).text(), "cat 0.75000");
  i.taken_for = "dog";
  EXPECT_EQ(caption_before(r, i).text(), "dog 0.75000, is cat");
}

TEST(AttackSheet, CallsThePictureThatIsMadeFromBlackNoDifference) {
  AttackRecord r = record();
  EXPECT_EQ(gain_text(r), "0.5 + 10 × difference");
  r.from_black = true;
  EXPECT_EQ(gain_text(r), "0.5 + 10 × picture");
}

TEST(AttackCurve, ShowsOneAttackWithItsRoundedPicturesAndTheTopFive) {
  const AttackRecord r = record();
  const Figure figure = attack_curve(std::span(&r, 1));
  sound(figure);
  for (const char* words : {"top 1 10.00 %", "top 5 20.00 %", "as 8 bits 10.00 %", "clean 91.67 %", "epsilon, L∞, of pixels in [0, 1]"})
    EXPECT_TRUE(says(figure, words)) << words;
}

TEST(AttackCurve, IsLogarithmicWhereEpsilonsSpanDecades) {
  AttackRecord r = record();
  r.curve = {point(0, 0.9), point(0.0001, 0.8), point(0.001, 0.5), point(0.05, 0)};
  for (AttackClass& c : r.classes) {
    c.accuracy = c.success_rate = {0, 0, 0, 0};
    c.accuracy_interval_95.assign(4, {0, 1});
  }
  const auto panels = attack_panels(std::span(&r, 1));
  ASSERT_EQ(panels.size(), 1u);
  EXPECT_TRUE(panels[0].epsilons.is_logarithmic());
  EXPECT_EQ(panels[0].panel.lines.back().values.size(), 3u);  // without zero
  EXPECT_FALSE(attack_panels(std::span(&r, 1), EpsilonScale::linear)[0].epsilons.is_logarithmic());
  sound(attack_curve(std::span(&r, 1)));
}

TEST(AttackCurve, PutsNormsAndAimsIntoPanelsOfTheirOwn) {
  std::vector<AttackRecord> all{record(), record("fgsm"), record("pgd,norm=l2"), record("descent"), record("noise")};
  all[2].norm = "l2";
  all[3].goal = "cat";
  all[4].bounded = false;  // no curve
  const auto panels = attack_panels(all);
  ASSERT_EQ(panels.size(), 3u);
  EXPECT_EQ(panels[0].panel.lines.back().name, "fgsm");
  EXPECT_EQ(panels[2].panel.heading, "Success, %");
  sound(attack_curve(all));
  EXPECT_EQ(attack_panels(std::span(all).subspan(4)).size(), 0u);
  const std::string csv = attack_curve_csv(all);
  EXPECT_EQ(count(csv, "\n"), 1 + 2 * all.size());
  EXPECT_EQ(count(csv.substr(0, csv.find('\n')), ",") + 1, count(csv.substr(csv.rfind("noise")), ",") + 1);
}

TEST(AttackCurve, OfSeveralHasTheirIntervals) {
  std::vector<AttackRecord> all{record(), record("fgsm")};
  all[1].curve[0].accuracy_interval_95 = {0.3, 0.5};
  const std::vector<PlotLine> lines = attack_panels(all)[0].panel.lines;
  const auto upright = [](const PlotLine& line) { return line.values.size() == 2 && line.values[0].x == line.values[1].x; };
  ASSERT_EQ(std::count_if(lines.begin(), lines.end(), upright), 1) << "of those that are told";
  const PlotLine& stroke = *std::find_if(lines.begin(), lines.end(), upright);
  EXPECT_EQ(stroke.values[0].y, 30);
  EXPECT_EQ(stroke.values[1].y, 50);
  EXPECT_TRUE(stroke.end_label.empty());
  sound(attack_curve(all));
}

TEST(AttackCurve, OfAnAttackThatIsUnfinishedOrFoundNothingIsStillAFigure) {
  AttackRecord r = record();
  r.curve = {point(0, 0.9)};
  sound(attack_curve(std::span(&r, 1)));
  r.curve[0].success_rate = r.curve[0].success_rate_8bit = kUnknown;
  r.goal = "cat";
  sound(attack_curve(std::span(&r, 1)));
  r.curve.clear();
  EXPECT_TRUE(attack_panels(std::span(&r, 1)).empty());
}

TEST(AttackSheet, SaysClassesConfidencesAndWhatTheChangeIsMultipliedBy) {
  AttackRecord r = record();
  r.images[1].to_8bit = "cat";
  r.images[1].confidence_8bit = 0.5;
  const Image picture{3, 4, 8, std::vector<uint8_t>(96, 90)};
  const Figure figure = attack_sheet(r, std::vector<AttackedPicture>(2, {picture, picture, picture}));
  sound(figure);
  for (const char* words : {"cat 0.98785", "0.5 + 10 × difference", "dog 0.98369", "cat 0.50000 as 8 bits", "within 2/255"})
    EXPECT_TRUE(says(figure, words)) << words;
}

TEST(AttackSheet, SaysPercentAndTheTrueClassWhereTheRecordAsksForIt) {
  AttackRecord r = record();
  r.options = {{"captions", "percent"}};
  r.images[0].taken_for = r.images[0].from;
  EXPECT_EQ(caption_before(r, r.images[0]).text(), fmt::format("99% {0}, {0}", r.images[0].from));
  EXPECT_EQ(caption_after(r, r.images[0]).text(), fmt::format("{:.0f}% {}", 100 * r.images[0].confidence, r.images[0].to));
}

TEST(AttackSheet, SaysWhichImagesWereWrongBefore) {
  AttackRecord r = record();
  r.images[0].taken_for = "frog";
  r.images[0].outcome = "wrong before";
  const Image picture{3, 4, 8, std::vector<uint8_t>(96, 90)};
  const Figure figure = attack_sheet(r, std::vector<AttackedPicture>(2, {picture, picture, picture}));
  EXPECT_TRUE(says(figure, "#0, wrong before"));
  EXPECT_TRUE(says(figure, "frog 0.98785, is cat"));
  EXPECT_FALSE(says(figure, "#1, wrong before"));
}

TEST(AttackPairTable, HasARowForEachClassThatImagesWereOf) {
  const AttackRecord r = record();
  const auto figure = attack_pairs(r);
  ASSERT_TRUE(figure);
  sound(*figure);
  EXPECT_TRUE(says(*figure, "90"));
  EXPECT_TRUE(says(*figure, "taken for"));
  AttackRecord none = r;
  none.pairs.clear();
  EXPECT_FALSE(attack_pairs(none));
  AttackRecord many = r;
  for (int i = 0; i < 41; ++i) many.pairs.push_back({"cat", std::to_string(i), 1, 1, 1, 1, 1, 1});
  EXPECT_FALSE(attack_pairs(many));
}

TEST(AttackOnThePage, ShowCurvesTablesPairsAndPictures) {
  const TemporaryFolder folder;
  write(folder.path(), "pgd", record());
  write(folder.path(), "fgsm", record("fgsm"));
  AttackRecord descent = record("descent");
  descent.goal = "each";
  descent.bounded = false;
  descent.curve.resize(1);
  for (AttackClass& c : descent.classes) {
    c.accuracy = c.success_rate = {0.5};
    c.accuracy_interval_95 = {{0.1, 0.9}};
  }
  write(folder.path(), "descent", descent);
  const ReportPage page = report_page(std::vector<Path>{folder.path()});
  EXPECT_EQ(page.sections, std::vector<std::string>{"attack"});
  EXPECT_NE(page.html.find("20.0 to 60.0"), std::string::npos) << "classes have intervals";
  for (const char* words : {"resnet20 dog on cifar10, test", "pgd,steps=10", "fgsm", "descent to each", "0.98785", "0.5 + 10 × difference",
                            "91.67 %", "1/255", "aimed at", "taken for", "Class by class"})
    EXPECT_NE(page.html.find(words), std::string::npos) << words;
  EXPECT_EQ(count(page.html, "<li class=\"turned"), 6u);
  EXPECT_EQ(count(page.html, "://"), count(page.html, "http://www.w3.org/2000/svg"));
}

TEST(AttackOnThePage, AreShownWithoutTheirPictures) {
  const TemporaryFolder folder;
  write(folder.path(), "pgd", record());
  std::filesystem::remove(folder.path() / kAttacks / "pgd" / "noise.png");
  make_folder(folder.path() / kAttacks / "one that is not finished");
  EXPECT_NE(report_page(std::vector<Path>{folder.path()}).html.find("no picture"), std::string::npos);
  AttackRecord bare = record();
  bare.curve.clear();
  bare.classes.clear();
  bare.pairs.clear();
  bare.images.clear();
  write(folder.path(), "bare", bare);
  EXPECT_NO_THROW(report_page(std::vector<Path>{folder.path()}));
}

TEST(AttackOnThePage, LetNoNameBecomeMarkup) {
  const TemporaryFolder plain, hostile;
  write(plain.path(), "a", record("pgd", "dog"));
  write(hostile.path(), "a", record("pgd", kHostile));
  const std::string page = report_page(std::vector<Path>{hostile.path()}).html,
                    harmless = report_page(std::vector<Path>{plain.path()}).html;
  for (const char* tag : {"<script", "</script", "<b>", "</b>", "<!--", "<td", "<li"})
    EXPECT_EQ(count(page, tag), count(harmless, tag)) << tag;
}

TEST(AttackOnThePage, OfADamagedRecordAreAnErrorThatNamesTheFile) {
  for (const char* text :
       {"{", "[]", "{\"curve\": 1}", "{\"curve\": [], \"classes\": [], \"pairs\": [], \"images\": [], \"pictures\": \"../x\"}"}) {
    const TemporaryFolder folder;
    make_folder(folder.path() / kAttacks / "pgd");
    write_file(folder.path() / kAttacks / "pgd" / kAttackFile, text);
    EXPECT_THROW_SAYING(report_page(std::vector<Path>{folder.path()}), "attack.json");
  }
}

}  // namespace
}  // namespace convscope
