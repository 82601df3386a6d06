#include "convscope/study/aliasing_study.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/data/locate.h"
#include "convscope/models/checkpoint.h"
#include "convscope/models/model.h"

namespace convscope {
namespace {

Graph built(const char* model, const Shape& image, int64_t classes) { return models().make(parse_choice(model))->build(image, classes); }

TEST(ThePublishedAliasingNetwork, IsKnownByItsLayersWhateverTheyAreCalled) {
  EXPECT_TRUE(is_resnet34_for_imagenet(built("resnet34", {3, 224, 224}, 1000)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet34", {3, 224, 224}, 100)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet34", {3, 192, 192}, 1000)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet34,width=32", {3, 224, 224}, 1000)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet18", {3, 224, 224}, 1000)));
}

TEST(ThePublishedAliasingNetwork, OfOtherWeightsIsKnownByWhatItNamesRight) {
  EXPECT_TRUE(has_published_accuracy(733, 1000));
  EXPECT_TRUE(has_published_accuracy(72, 100));
  EXPECT_FALSE(has_published_accuracy(1, 1000)) << "of random weights";
  EXPECT_FALSE(has_published_accuracy(810, 1000)) << "of a later recipe";
  EXPECT_FALSE(has_published_accuracy(0, 0));
}

TEST(AnAliasingStudy, OfABroughtNetworkTellsIntervalsMapsAndTheEpsilonsAskedFor) {
  const TemporaryFolder folder;
  StudyContext context{.folder = folder.path() / "study", .data = "fashion-mnist", .limit = 6, .epsilons = {0, 0.1}};
  try {
    locate_data(*data_sources().make("fashion-mnist"), Split::test, context.setting.data_roots);
  } catch (const Error& e) {
    GTEST_SKIP() << e.what();
  }
  const Network brought = open_or_make_network("lenet,width=4", {.task = {.image = "1,28,28", .classes = 10}}, 1);
  const Path file = folder / "brought.safetensors";
  save_checkpoint(file, {brought.graph, brought.classes, brought.name, json_object(), brought.tensors, {}});
  context.network = file.string();
  EXPECT_TRUE(run_study("aliasing", AliasingStudy({}), context));
  const auto record = record_from_json<StudyRecord>(read_json(context.folder / kStudyFile), "study.json");
  std::vector<std::string> parts;
  for (const StudyPart& p : record.parts) parts.push_back(p.name);
  EXPECT_EQ(parts, (std::vector<std::string>{"network", "maps", "attacked"})) << "the toy network is the study's own";

  const auto figure = [&](std::string_view what) {
    for (const StudyFigure& f : record.figures)
      if (f.what == what) return f;
    throw Error(fmt::format("no figure '{}'", what));
  };
  for (const StudyFigure& f : record.figures) EXPECT_TRUE(std::isnan(f.published)) << f.what << ": it is not the published network";
  const auto of_maps = std::count_if(record.figures.begin(), record.figures.end(), [](const StudyFigure& f) { return f.part == "maps"; });
  EXPECT_EQ(of_maps, 8) << "four shares of each of two maps";
  const StudyFigure median = figure("median of images named wrong: no pass");
  EXPECT_LT(median.low, median.ours);
  EXPECT_LT(median.ours, median.high);
  for (const char* what : {"ε = 0: top-1 accuracy", "ε = 0.1: top-5 accuracy"}) {
    const StudyFigure f = figure(what);
    EXPECT_LE(f.low, f.ours);
    EXPECT_GT(f.high, f.low);
  }
  EXPECT_NE(figure("ε = 0.1: aliased or tangled, median").note.find("1st to the 99th percentile"), std::string::npos);
}

}  // namespace
}  // namespace convscope
