#include "convscope/study/antialiasing_study.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/data/locate.h"
#include "convscope/models/checkpoint.h"
#include "convscope/report/page/page.h"
#include "convscope/results/antialiasing_record.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

/** The first ways alone, so that a test is short. */
class FirstWays : public AntialiasingStudy {
 public:
  FirstWays() : AntialiasingStudy({}) {}
  std::vector<Part> parts(Scale scale) const override {
    std::vector<Part> all = AntialiasingStudy::parts(scale);
    all.resize(2);
    return all;
  }
};

TEST(AnAntialiasingStudy, OfABroughtNetworkMeasuresTheSameImagesInEachAndLinksThemOnThePage) {
  const TemporaryFolder folder;
  constexpr int64_t kImages = 10;
  std::string said;
  StudyContext context{.folder = folder.path() / "study",
                       .setting = {.say = [&](std::string_view line) { said += fmt::format("{}\n", line); }},
                       .data = "fashion-mnist",
                       .limit = kImages};
  try {
    locate_data(*data_sources().make("fashion-mnist"), Split::test, context.setting.data_roots);
  } catch (const Error& e) {
    GTEST_SKIP() << e.what();
  }
  const Network brought = open_or_make_network("medium", {.task = {.image = "1,28,28", .classes = 10}}, 1);
  const Path file = folder / "brought.safetensors";
  save_checkpoint(file, {brought.graph, brought.classes, brought.name, json_object(), brought.tensors, {}});
  context.network = file.string();
  ASSERT_TRUE(run_study("antialiasing", FirstWays(), context)) << said;
  StudyContext other = context;  // rows of other pictures do not come beside those that are there
  other.data = "fashion-mnist,sample=10";
  EXPECT_THROW_SAYING(run_study("antialiasing", FirstWays(), other), "the study was begun with `data`");
  other = context;  // nor of another network that has its name by now
  Network changed = brought;
  changed.tensors.begin()->second[0] += 1;
  save_checkpoint(file, {changed.graph, changed.classes, changed.name, json_object(), changed.tensors, {}});
  EXPECT_THROW_SAYING(run_study("antialiasing", FirstWays(), other), "is another file than when the study was begun");

  const auto record = record_from_json<AntialiasingRecord>(read_json(context.folder / kAntialiasingFile), "antialiasing.json");
  EXPECT_EQ(record.ways(), (std::vector<std::string>{"plain", "blur:3"}));
  EXPECT_NEAR(mean_corruption_error(record, "plain").value, 1, 1e-9);
  for (const AntialiasingRow& row : record.rows) {
    EXPECT_EQ(row.corruption_errors.size(), 15u) << "those that benchmarks count";
    EXPECT_LE(row.autoattack, row.accuracy);
    EXPECT_LE(row.pgd, row.accuracy);
    const Tensor images = read_npy(context.folder / row.per_image);
    ASSERT_EQ(images.shape(), (Shape{kImages, 5}));
    int64_t wrong = 0, fooled = 0;
    double right_when_corrupted = 0;
    for (int64_t n = 0; n < kImages; ++n) {
      fooled += images.row(n)[4] == 1;
      wrong += images.row(n)[4] == 2;
      right_when_corrupted += images.row(n)[3] / kImages;
    }
    EXPECT_NEAR(row.accuracy, 1 - static_cast<double>(wrong) / kImages, 1e-9);
    EXPECT_NEAR(row.pgd, 1 - static_cast<double>(wrong + fooled) / kImages, 1e-9);
    EXPECT_NEAR(row.corrupted, right_when_corrupted, 1e-6);
  }
  const std::string page = read_file(context.folder / kReportFile);
  for (const char* words : {"mCE", "Image by image", "blur:3: right under corruptions over energy that folds"})
    EXPECT_NE(page.find(words), std::string::npos) << words;
}

TEST(AnAntialiasingStudy, TrainsNetworksOfItsOwnAndOneWithNoise) {
  const std::vector<Part> parts = AntialiasingStudy({}).parts(Scale::medium);
  const auto has = [&](std::string_view name) {
    return std::any_of(parts.begin(), parts.end(), [&](const Part& p) { return p.name == name; });
  };
  for (const char* way : {"plain", "blur:3", "blur:5", "flc", "asap", "aps"}) EXPECT_TRUE(has(way)) << way;
  EXPECT_EQ(parts.front().name, "plain") << "what mean corruption errors are relative to comes first";
  EXPECT_EQ(parts.back().name, "noise");
  EXPECT_TRUE(parts.back().of_own_network);
}

}  // namespace
}  // namespace convscope
