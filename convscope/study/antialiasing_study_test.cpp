#include "convscope/study/antialiasing_study.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/data/locate.h"
#include "convscope/models/checkpoint.h"
#include "convscope/report/page/page.h"
#include "convscope/results/antialiasing_comparison.h"
#include "convscope/results/fourier_record.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/study_results.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"
#include "convscope/train/train_testing.h"

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
  EXPECT_NEAR(mean_corruption_error(record, "plain", context.folder).value, 1, 1e-9);
  for (const AntialiasingRow& row : record.rows) {
    EXPECT_EQ(row.corruption_errors.size(), 15u) << "those that benchmarks count";
    EXPECT_LE(row.autoattack, row.accuracy);
    EXPECT_LE(row.pgd, row.accuracy);
    const Tensor images = read_npy(context.folder / row.per_image);
    ASSERT_EQ(images.shape(), (Shape{kImages, AntialiasingRow::kColumns}));
    int64_t wrong = 0, fooled = 0;
    double crops_agree = 0, right_under_fgsm = 0, right_under_autoattack = 0;
    double right_when_corrupted = 0;
    for (int64_t n = 0; n < kImages; ++n) {
      fooled += images.row(n)[4] == 1;
      wrong += images.row(n)[4] == 2;
      right_when_corrupted += images.row(n)[3] / kImages;
      crops_agree += images.row(n)[5] / kImages;
      right_under_fgsm += images.row(n)[6] / kImages;
      right_under_autoattack += images.row(n)[7] / kImages;
    }
    EXPECT_NEAR(row.accuracy, 1 - static_cast<double>(wrong) / kImages, 1e-9);
    EXPECT_NEAR(row.pgd, 1 - static_cast<double>(wrong + fooled) / kImages, 1e-9);
    EXPECT_NEAR(row.corrupted, right_when_corrupted, 1e-6);
    EXPECT_NEAR(row.crop, crops_agree, 1e-6);
    EXPECT_NEAR(row.fgsm, right_under_fgsm, 1e-6);
    EXPECT_NEAR(row.autoattack, right_under_autoattack, 1e-6);
    const Tensor corrupted = read_npy(context.folder / row.per_image_corrupted);
    ASSERT_EQ(corrupted.shape(), (Shape{kImages, 15}));
    for (size_t c = 0; c < 15; ++c) {
      double error = 0;
      for (int64_t n = 0; n < kImages; ++n) error += corrupted.row(n)[c] / kImages;
      EXPECT_NEAR(row.corruption_errors[c].error, error, 1e-6) << row.corruption_errors[c].name;
    }
  }
  const auto found = record_from_json<StudyResults>(read_json(context.folder / kResultsFile), "results.json");
  const auto has_row = [&](std::string_view what) {
    return std::any_of(found.rows.begin(), found.rows.end(), [&](const StudyFigure& f) { return f.what == what && std::isfinite(f.low); });
  };
  EXPECT_TRUE(has_row("blur:3: right under PGD, less plain's"));
  EXPECT_TRUE(has_row("blur:3: mean corruption error"));
  EXPECT_FALSE(has_row("plain: right under PGD, less plain's"));
  const std::string page = read_file(context.folder / kReportFile);
  for (const char* words : {"mCE", "Beside the plain network", "Image by image", "blur:3: right under corruptions over energy that folds"})
    EXPECT_NE(page.find(words), std::string::npos) << words;
}

/** A folder of small pictures of stripes, and trainings of one epoch on them. */
class SmallTrainings : public AntialiasingStudy {
 public:
  explicit SmallTrainings(const Path& pictures) : AntialiasingStudy({}), pictures_(pictures) {
    for (const auto& [split, count] : {std::pair{"train", 24}, {"test", 16}}) {
      const auto data = stripes(count, 5);
      for (int64_t n = 0; n < count; ++n) {
        const Path place = pictures / split / data->classes()[static_cast<size_t>(data->label(n))];
        std::filesystem::create_directories(place);
        std::vector<float> pixels(28 * 28);
        data->pixels(n, 0, pixels);
        Image image{1, 28, 28, {}};
        for (const float v : pixels) image.pixels.push_back(static_cast<uint8_t>(std::lround(255 * v)));
        write_png(place / fmt::format("{}.png", n), image);
      }
    }
  }
  Part part(std::string_view name) const {
    for (const Part& part : parts(Scale::medium))
      if (part.name == name) return part;
    throw Error("there is no such part");
  }

 protected:
  Json recipe(Scale, const std::string& downsample, int64_t seed) const override {
    return {{"preset", "none"},
            {"model", "medium,downsample=" + downsample},
            {"data", fmt::format("folder,path={},size=16,grey=true", pictures_.string())},
            {"augment", "flip"},
            {"epochs", 1},
            {"batch", 8},
            {"seed", seed}};
  }

 private:
  Path pictures_;
};

TEST(AnAntialiasingStudy, TrainsThreeSeedsAndMeasuresThoseThatAreOpen) {
  const TemporaryFolder folder;
  const SmallTrainings study(folder / "pictures");
  StudyContext context{.folder = folder / "study", .scale = Scale::medium, .limit = 2};
  std::filesystem::create_directories(context.folder);
  AntialiasingRecord before;
  before.images = context.limit;
  before.epsilon = 1.0 / 255;
  for (const auto& [seed, accuracy] : {std::pair{3, 0.25}, {1, 0.75}}) {
    AntialiasingRow& row = before.rows.emplace_back();
    row.downsample = "plain";
    row.seed = seed;
    row.accuracy = accuracy;
    row.shares.non_aliased = 1;
  }
  write_json(context.folder / kAntialiasingFile, fields_to_json(before));
  const std::vector<StudyFigure> figures = study.part("plain").run(context);
  for (const char* seed : {"seed-1", "seed-2", "seed-3"}) EXPECT_TRUE(std::filesystem::exists(context.folder / "plain" / seed)) << seed;
  const auto record = record_from_json<AntialiasingRecord>(read_json(context.folder / kAntialiasingFile), "antialiasing.json");
  ASSERT_EQ(record.rows.size(), 3u);
  for (size_t k = 0; k < 3; ++k) EXPECT_EQ(record.rows[k].seed, static_cast<int64_t>(k + 1)) << "in the order of the seeds";
  EXPECT_EQ(record.rows[0].accuracy, 0.75) << "what was known is not measured again";
  EXPECT_EQ(record.rows[2].accuracy, 0.25);
  EXPECT_EQ(figures[0].what, "plain: accuracy");
  EXPECT_NEAR(figures[0].ours, 100 * (0.75 + record.rows[1].accuracy + 0.25) / 3, 1e-9);
  EXPECT_LE(0, figures[0].low);
  EXPECT_LE(figures[0].high, 100);
  EXPECT_NE(figures[0].note.find("Means of 3 seeds"), std::string::npos) << figures[0].note;

  StudyContext other = context;  // rows of other images or another ε do not come beside those that are there
  other.limit = 3;
  EXPECT_THROW_SAYING(study.part("plain").run(other), "holds figures of 2 images");
  other = context;
  other.epsilons = {2.0 / 255};
  EXPECT_THROW_SAYING(study.part("plain").run(other), "another `run`");
}

TEST(AnAntialiasingStudy, SetsTheFourierMapOfATrainingWithNoiseBesideThatWithout) {
  const TemporaryFolder folder;
  const SmallTrainings study(folder / "pictures");
  const StudyContext context{.folder = folder / "study", .scale = Scale::medium, .limit = 2};
  std::filesystem::create_directories(context.folder);
  const std::vector<StudyFigure> figures = study.part("noise").run(context);
  ASSERT_EQ(figures.size(), 2u);
  for (const auto& [figure, run] : {std::pair{figures[0], "plain/seed-1"}, {figures[1], "noise"}}) {
    const auto map = record_from_json<FourierRecord>(read_json(context.folder / run / kFourier), "fourier.json").fourier;
    EXPECT_EQ(map.images, 2);
    EXPECT_EQ(map.done, map.total);
    EXPECT_NEAR(figure.ours, 100 * high_frequency_error(map), 1e-9) << run;
    const std::string augment = read_json(context.folder / run / kRunFile)["options"]["augment"];
    EXPECT_EQ(augment.find("gaussian_noise,severity=5,share=1") != std::string::npos, std::string_view(run) == "noise") << augment;
  }
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
