#include "convscope/report/page/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/report/draw/figure_testing.h"
#include "convscope/report/page/page_testing.h"
#include "convscope/report/page/section.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/seeds_summary.h"

namespace convscope {
namespace {

/** A run folder as a training leaves it; `name` is the name of class 1. */
void write_run(const Path& folder, int64_t epochs, const std::string& name = "dog", double validation = 0) {
  make_folder(folder / kPredictions);
  const Json run = {{"options", {{"model", "deep"}, {"data", "pets " + name}, {"epochs", 20}, {"validation", validation}, {"lr", 0.1}}},
                    {"version", "1.2.3"},
                    {"machine", {{"processor", name}, {"threads", 2}}}};
  write_file(folder / "run.json", run.dump(2, ' ', false, Json::error_handler_t::ignore));
  std::vector<EpochMetrics> metrics;
  for (int64_t e = 1; e <= epochs; ++e) {
    EpochMetrics m;
    m.epoch = e;
    m.lr = 0.1;
    m.train_loss = 2.0 / static_cast<double>(e);
    m.train_accuracy = 0.9;
    m.test_loss = 2.1 / static_cast<double>(e);
    m.test_accuracy = e == 2 ? 0.875 : 0.75;
    m.seconds = 3;
    m.images_per_second = 1000;
    metrics.push_back(m);
  }
  write_metrics(folder / "metrics.jsonl", metrics);
}

void write_evaluation(const Path& folder, const std::string& name = "dog") {
  make_folder(folder / kPredictions);
  const auto dump = [](const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); };
  write_file(folder / "evaluation.json", dump(fields_to_json(evaluation_of({{3, 1}, {2, 4}}, {"cat", name}))));
  SheetPicker picker({"cat", name}, {0, 1}, 2);
  for (const int64_t i : {0, 1, 2}) picker.see(i, 0, std::vector<float>{0, static_cast<float>(i) - 0.5f});
  PredictionSheet sheet = picker.sheet();
  sheet.network.name = sheet.data.name = name;
  sheet.first[0].picture = "0.png";
  write_png(folder / kPredictions / "0.png", Image{3, 2, 2, std::vector<uint8_t>(12, 100)});
  write_file(folder / kPredictions / kSheetFile, dump(fields_to_json(sheet)));
}

std::string page_of(std::vector<Path> folders) { return report_page(folders).html; }

Json data_of(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const size_t begin = page.find(open) + open.size();
  return parse_json(page.substr(begin, page.find("</script>", begin) - begin), "the page's data");
}

TEST(ReportPage, ShowsWhatAFinishedRunHas) {
  const TemporaryFolder folder;
  write_run(folder.path(), 20);
  write_evaluation(folder.path());
  const ReportPage page = report_page(std::vector<Path>{folder.path()});
  EXPECT_EQ(page.sections, (std::vector<std::string>{"training", "confusion", "predictions"}));
  for (const char* words : {"deep on pets dog", "75.00 %", "87.50 %", "epoch 2, chosen on the test set", "20 epochs, finished",
                            "Most confused", "src=\"data:image/png;base64,"})
    EXPECT_NE(page.html.find(words), std::string::npos) << words;
  EXPECT_EQ(page.html, report_page(std::vector<Path>{folder.path()}).html);
  const Json data = data_of(page.html);
  EXPECT_EQ(data["sections"]["training"]["runs"][0]["metrics"].size(), 20u);
  EXPECT_EQ(data["sections"]["predictions"]["sheets"][0]["first"].size(), 2u);
}

TEST(ReportPage, ShowsARunThatIsNotFinished) {
  const TemporaryFolder folder;
  write_run(folder.path(), 3);
  const std::string metrics = read_file(folder / "metrics.jsonl");
  write_file(folder / "metrics.jsonl", metrics + "{\"epoch\":4,\"lr\"");  // being written
  const std::string page = page_of({folder.path()});
  EXPECT_NE(page.find("3 of 20 epochs so far"), std::string::npos);
  EXPECT_EQ(page.find("<h2>Confusion</h2>"), std::string::npos);

  std::filesystem::remove(folder / "metrics.jsonl");
  EXPECT_NE(page_of({folder.path()}).find("No epoch is done yet"), std::string::npos);
}

/** Guesses alone: ten epochs at 50 % of 600 samples of two classes, and all 100 test samples taken for a cat. */
void write_run_that_learnt_nothing(const Path& folder) {
  write_run(folder, 10);
  Json run = read_json(folder / "run.json");
  run["data"] = {{"count", 600}};
  write_file(folder / "run.json", run.dump());
  std::vector<EpochMetrics> metrics = read_metrics(folder / "metrics.jsonl");
  for (EpochMetrics& m : metrics) m.train_accuracy = m.test_accuracy = 0.5;
  write_metrics(folder / "metrics.jsonl", metrics);
  Evaluation e = evaluation_of({{50, 0}, {50, 0}}, {"cat", "dog"});
  e.data.name = "pets dog";
  write_file(folder / "evaluation.json", fields_to_json(e).dump());
}

TEST(ReportPage, SaysThatNothingWasLearnt) {
  constexpr const char* kTold =
      "Nothing was learnt</b> by epoch 10: 50.00 % of 100 samples are right, and by chance 50.00 %; all 100 are taken";
  const TemporaryFolder folder;
  write_run_that_learnt_nothing(folder / "a");
  EXPECT_NE(page_of({folder / "a"}).find(kTold), std::string::npos);
  write_run(folder / "b", 20);
  write_evaluation(folder / "b");
  const std::string both = page_of({folder / "a", folder / "b"});
  EXPECT_EQ(count(both, "class=\"warning\""), 1u);
  EXPECT_NE(both.find(std::string("a: ") + kTold), std::string::npos);

  Json chosen = read_json(folder / "a/evaluation.json");
  chosen["data"]["images"] = "class=cat";
  write_file(folder / "a/evaluation.json", chosen.dump());
  EXPECT_EQ(page_of({folder / "a"}).find("Nothing was learnt"), std::string::npos) << "chosen images may well be alike";
}

TEST(ReportPage, SaysWhatTheBestEpochWasChosenOn) {
  const TemporaryFolder folder;
  write_run(folder.path(), 20, "dog", 0.1);
  const std::string page = page_of({folder.path()});
  EXPECT_NE(page.find("chosen on held-out training samples"), std::string::npos);
  EXPECT_EQ(page.find("chosen on the test set"), std::string::npos);
}

TEST(ReportPage, ComparesSeveralRuns) {
  const TemporaryFolder folder;
  write_run(folder / "a/run", 3);
  write_run(folder / "b/run", 20, "bird");
  write_evaluation(folder / "b/run", "bird");
  const std::string page = page_of({folder / "a/run", folder / "b/run"});
  for (const char* words : {"<title>2 runs</title>", "a/run", "<h3>b/run</h3>", "What differs", "The same in all", "3 of 20 epochs so far"})
    EXPECT_NE(page.find(words), std::string::npos) << words;
  EXPECT_EQ(data_of(page)["sections"]["training"]["plots"][0]["lines"].size(), 2u);
  // A folder of runs is all of them.
  std::filesystem::copy(folder / "a/run", folder / "b/other", std::filesystem::copy_options::recursive);
  EXPECT_EQ(page_of({folder / "b"}), page_of({folder / "b/other", folder / "b/run"}));
}

TEST(ReportPage, SumsUpATrainingWithSeveralSeeds) {
  const TemporaryFolder folder;
  SeedsSummary all;
  all.seeds = {1, 2, 3};
  all.accuracies = {0.5, 0.625};
  all.best_chosen_on = "validation";
  summarise(all);
  const auto series = [&](const char* name) {
    for (const int64_t seed : {1, 2}) write_run(folder / name / seed_folder_name(seed), 3);
    write_file(folder / name / kSeedsFile, fields_to_json(all).dump());
    return folder / name;
  };
  const Path a = series("a"), b = series("b");
  const std::string one = page_of({a}), both = page_of({a, b});
  EXPECT_NE(one.find("<h1>deep on pets dog, 3 seeds</h1>"), std::string::npos);
  for (const char* text : {"2 of 3 trainings", "56.25 %", "held-out training samples", "seed-1", "seed-2"})
    EXPECT_NE(one.find(text), std::string::npos) << text;
  EXPECT_EQ(both.find("<h1>deep on pets dog, 3 seeds</h1>"), std::string::npos);
  EXPECT_EQ(count(both, "2 of 3 trainings"), 2u);
}

TEST(ReportPage, GivesEachOfManyRunsAColourOfItsOwn) {
  const TemporaryFolder folder;
  constexpr size_t kRuns = 14;
  for (size_t i = 0; i < kRuns; ++i) write_run(folder / fmt::format("run-{:02}", i), 3);
  const std::string page = page_of({folder.path()});
  std::set<std::string> colours;
  const Json data = data_of(page);
  for (const Json& line : data["sections"]["training"]["plots"][0]["lines"]) colours.insert(line["colour"]);
  EXPECT_EQ(colours.size(), kRuns);
  EXPECT_NE(page.find("<ul class=\"legend\">"), std::string::npos);
}

TEST(ReportPage, FoldsWhatIsLong) {
  const TemporaryFolder folder;
  write_run(folder / "a", 3);
  write_run(folder / "b", 3);
  for (const char* name : {"a", "b"}) write_evaluation(folder / name);
  const std::string one = page_of({folder / "a"}), both = page_of({folder / "a", folder / "b"});
  EXPECT_NE(one.find("<details class=\"fold\" open><summary><h2>Confusion</h2></summary>"), std::string::npos);
  EXPECT_EQ(one.find("<summary><h3>a</h3>"), std::string::npos);
  EXPECT_NE(both.find("<details class=\"fold\"><summary><h3>a</h3></summary>"), std::string::npos);
  EXPECT_EQ(count(one, "<details"), count(one, "</details>"));
}

TEST(ReportPage, AsksNobodyForAnything) {
  const TemporaryFolder folder;
  write_run(folder.path(), 20);
  write_evaluation(folder.path());
  const std::string page = page_of({folder.path()});
  EXPECT_EQ(count(page, "://"), count(page, "http://www.w3.org/2000/svg"));
  for (const char* asking : {"<link", "@import", "url(", "fetch(", "XMLHttpRequest", "<iframe", "innerHTML"})
    EXPECT_EQ(page.find(asking), std::string::npos) << asking;
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(ReportPage, LetsNoNameBecomeMarkup) {
  const TemporaryFolder plain, hostile;
  for (const auto& [folder, name] : {std::pair(&plain, std::string("dog")), std::pair(&hostile, kHostile)}) {
    write_run(*folder / name.substr(0, 3), 5, name);  // "</s" as a folder's name: two folders
    write_evaluation(*folder / name.substr(0, 3), name);
  }
  const std::string page = page_of({hostile / kHostile.substr(0, 3)}), harmless = page_of({plain / "dog"});
  for (const char* tag : {"<script", "</script", "<b>", "</b>", "<!--", "<option", "<td"})
    EXPECT_EQ(count(page, tag), count(harmless, tag)) << tag;
  EXPECT_EQ(page, printable(page).size() == page.size() ? page : "text that is not UTF-8");
  EXPECT_NE(page.find("&lt;/script&gt;&lt;b&gt;"), std::string::npos);
  EXPECT_NE(data_of(page)["sections"]["confusion"]["matrices"][0]["classes"][1].get<std::string>().find("</script><b>"), std::string::npos);
}

TEST(ReportPage, KeepsItsFiguresSmall) {
  const TemporaryFolder folder;
  write_run(folder.path(), 200);
  std::vector<std::vector<int64_t>> confusion(30, std::vector<int64_t>(30, 123));
  write_file(folder / "evaluation.json", fields_to_json(evaluation_of(confusion, std::vector<std::string>(30, "a class"))).dump());
  const std::string page = page_of({folder.path()});
  constexpr size_t kMost = 60'000;
  for (size_t at = page.find("<svg "); at != std::string::npos; at = page.find("<svg ", at + 1)) {
    const size_t size = page.find("</svg>", at) - at;
    EXPECT_LT(size, kMost) << page.substr(at, 120);
    EXPECT_TRUE(well_formed(page.substr(at, size + 6)));
  }
}

TEST(ReportPage, OfNoRunIsAnErrorThatNamesTheFolder) {
  const TemporaryFolder folder;
  const auto message = [&](const Path& path) {
    try {
      report_page(std::vector<Path>{path});
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(message(folder.path()).find(folder.path().string() + ": nothing to report"), std::string::npos);
  EXPECT_NE(message(folder / "none").find("no such folder"), std::string::npos);
  for (const auto& [file, text] : std::initializer_list<std::pair<const char*, const char*>>{{"run.json", "{"},
                                                                                             {"run.json", "[]"},
                                                                                             {"run.json", R"({"options": 1})"},
                                                                                             {"metrics.jsonl", "what\n"},
                                                                                             {"evaluation.json", "{\"total\": 1}"},
                                                                                             {"evaluation.json", "{}"},
                                                                                             {"predictions/predictions.json", "[]"},
                                                                                             {"seeds.json", "[]"},
                                                                                             {"seeds.json", R"({"accuracies": [0.5]})"}}) {
    const TemporaryFolder run;
    make_folder(run / kPredictions);
    write_file(run / file, text);
    EXPECT_NE(message(run.path()).find(file), std::string::npos) << file << ": " << text << ": " << message(run.path());
  }
}

TEST(EverySection, HasAHeadingAndAppliesToNoEmptyFolder) {
  const TemporaryFolder folder;
  for (const auto& row : sections().rows()) {
    const auto section = row.make({});
    EXPECT_FALSE(section->heading().empty()) << row.name;
    EXPECT_FALSE(section->applies(folder.path())) << row.name;
  }
}

}  // namespace
}  // namespace convscope
