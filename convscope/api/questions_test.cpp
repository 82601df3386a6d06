/** Each question, asked of a small network with and without a folder. */

#include <algorithm>
#include <cmath>
#include <functional>

#include "convscope/api/alias.h"
#include "convscope/api/api_testing.h"
#include "convscope/api/attack.h"
#include "convscope/api/describe.h"
#include "convscope/api/evaluate.h"
#include "convscope/api/explain.h"
#include "convscope/api/inspect.h"
#include "convscope/api/predict.h"
#include "convscope/base/json_file.h"
#include "convscope/base/text.h"
#include "convscope/graph/builder.h"
#include "convscope/nn/linear.h"
#include "convscope/results/aliasing_curve.h"
#include "convscope/results/inspection.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"
#include "convscope/train/normalization.h"
#include "convscope/train/run_folder.h"

namespace convscope {
namespace {

class Questions : public ::testing::Test, protected SmallWorld {
 protected:
  bool there(const Path& file) const { return std::filesystem::exists(folder / "out" / file); }
  Path out() const { return folder / "out"; }

  TemporaryFolder folder;
};

TEST_F(Questions, EvaluationCountsEveryPictureOnceAndLeavesASheet) {
  const Evaluation all = evaluate(network, pictures(), out());
  EXPECT_EQ(all.total, kCount);
  EXPECT_EQ(all.correct, 25) << "every sixth has another label";
  EXPECT_EQ(evaluate(network, pictures(), {}, {}, {.batch = 7}).correct, 25);
  EXPECT_EQ(evaluate(network, pictures().first(6)).correct, 5);
  EXPECT_TRUE(there(kEvaluation) && there(Path(kPredictions) / kSheetFile) && there("figures/confusion-matrix.svg"));
  EXPECT_THROW_SAYING(evaluate(network, pictures(), {}, {}, {.batch = 0}), "`batch` 0");
}

TEST_F(Questions, EvaluationTellsOfANetworkThatHasOneAnswerForAll) {
  std::string told;
  Setting setting;
  setting.say = [&](std::string_view line) { told += line; };
  (void)evaluate(network, pictures().first(1), {}, setting);
  EXPECT_EQ(told, "") << "one image has one answer";
  Network dull = network;
  for (auto& [name, t] : dull.tensors)
    if (t.shape() == Shape{7}) t[3] = 1e6f;  // the last bias
  (void)evaluate(dull, pictures(), {}, setting);
  EXPECT_NE(told.find("ONE ANSWER: the network takes all 30 images for 'd'"), std::string::npos) << told;
  told.clear();
  (void)evaluate(dull, pictures().first(29), {}, setting);
  (void)evaluate(dull, pictures().said_as({.name = "noise", .images = "predicted=d"}), {}, setting);
  EXPECT_EQ(told, "") << "few images, or chosen ones, may well be alike";
}

TEST_F(Questions, EvaluationTellsAWrongLayerBeforeAnythingIsReplaced) {
  (void)evaluate(network, pictures().first(3), out());
  const std::string before = read_file(out() / kPredictions / kAnswersFile);
  EXPECT_THROW_SAYING(evaluate(network, pictures(), out(), {}, {.save_features = "nowhere"}), "nowhere");
  EXPECT_EQ(read_file(out() / kPredictions / kAnswersFile), before);
}

TEST_F(Questions, EvaluationsOfTheSameNamesAreToldApartByTheirFiles) {
  Network one = network, other = network;
  one.file = "/one.pth";
  other.file = "/other.pth";
  (void)evaluate(one, pictures(), out());
  EXPECT_THROW_SAYING(evaluate(other, pictures(), out()), "(/one.pth) on noise, test, and would be replaced by one of ");
  EXPECT_THROW_SAYING(evaluate(other, pictures(), out()), "(/other.pth) on noise, test; ");
  EXPECT_THROW_SAYING(evaluate(network, pictures(), out()), " without a file on noise, test; ");
  (void)evaluate(one, pictures().said_as({.name = "pets", .folder = "/pets"}), out() / "pets");
  EXPECT_THROW_SAYING(evaluate(one, pictures().said_as({.name = "pets", .folder = "/other/pets"}), out() / "pets"),
                      "on pets (/pets), and would be replaced by one of ");
}

TEST_F(Questions, EvaluationIsNotReplacedByOneOfAnotherPrecision) {
  (void)evaluate(network, pictures(), out());
  write_json(out() / kEvaluation, [&] {
    Json told = read_json(out() / kEvaluation);
    told["options"]["precision"] = "bf16";
    return told;
  }());
  EXPECT_THROW_SAYING(evaluate(network, pictures(), out()), "it was computed in bf16, and would be replaced by one in fp32");
  Setting setting;
  setting.force = true;
  EXPECT_NO_THROW(evaluate(network, pictures(), out(), setting));
}

TEST_F(Questions, MapsOfTheSameQuestionWithAnotherScaleStandBesideEachOther) {
  const Pictures some = pictures().first(1);
  const AttributionRecord own = explain(network, {"gradient"}, some).record,
                          shared = explain(network, {"gradient"}, some, {.colour_scale = "shared"}).record;
  EXPECT_EQ(attribution_folder(out(), own), out() / kAttributions / "gradient");
  EXPECT_EQ(attribution_folder(out(), shared), out() / kAttributions / "gradient-scale-shared");
}

TEST_F(Questions, EvaluationKeepsLogitsAndFeaturesOfEveryPictureInItsOrder) {
  const Pictures some(data, {17, 4, 9}, "noise");
  const std::string node = std::string(network.graph.name(network.graph.output));
  (void)evaluate(network, some, out(), {}, {.batch = 2, .save_logits = true, .save_features = node});
  const Tensor logits = read_npy(out() / kPredictions / kLogitsFile), features = read_npy(out() / kPredictions / kFeaturesFile);
  NetworkSubject subject = subject_of(network, {});
  const Tensor wanted = subject.logits(some.pixels());
  ASSERT_EQ(logits.shape(), (Shape{3, 7}));
  ASSERT_EQ(features.shape(), (Shape{3, 7}));
  for (int64_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(logits[i], wanted[i], 1e-4);
    EXPECT_NEAR(features[i], wanted[i], 1e-4);
  }
  const Tensor labels = read_npy(out() / kPredictions / kLabelsFile), indices = read_npy(out() / kPredictions / kIndicesFile);
  EXPECT_EQ(indices[0], 17);
  EXPECT_EQ(labels[1], static_cast<float>(data->label(4)));
  EXPECT_THROW_SAYING(evaluate(network, some, {}, {}, {.save_logits = true}), "`out` is missing");
}

TEST_F(Questions, EvaluationIsNotReplacedByOneOfFewerPicturesOrOtherData) {
  (void)evaluate(network, pictures(), out());
  EXPECT_THROW_SAYING(evaluate(network, pictures().first(3), out()), "it is of 30 images, and would be replaced by one of 3");
  EXPECT_THROW_SAYING(evaluate(network, Pictures(data, "others"), out()), "would be replaced by one of");
  Setting setting;
  setting.force = true;
  EXPECT_EQ(evaluate(network, pictures().first(3), out(), setting).total, 3);
}

/**
 * Grey pictures of 3×32×32, one for each of the levels 0 to 249, of which each 25 are a class; and a network that names them
 * rightly when its pixels are normalised as it wants. It takes the class k with the centre c_k that is nearest to the mean m of its
 * input, as a linear layer: argmin_k (m − c_k)² = argmax_k (2 c_k m − c_k²).
 */
struct GreyWorld {
  static constexpr int64_t kClasses = 10, kOfClass = 25, kLevels = kClasses * kOfClass;

  explicit GreyWorld(const Normalization& wanted) {
    for (int64_t k = 0; k < kClasses; ++k) centres.push_back(mean_of(static_cast<double>(k * kOfClass + kOfClass / 2) / 255, wanted));
  }

  /** Of a normalised picture all of whose pixels are `grey`. */
  static double mean_of(double grey, const Normalization& by) {
    if (by.mean.empty()) return grey;
    double sum = 0;
    for (size_t c = 0; c < 3; ++c) sum += (grey - by.mean[c]) / by.std[c];
    return sum / 3;
  }

  static int64_t label_of(int64_t level) { return level / kOfClass; }

  /** By the definition of the network, which is not run: the share of pictures that it names rightly. */
  double accuracy(const Normalization& by) const {
    int64_t right = 0;
    for (int64_t level = 0; level < kLevels; ++level) {
      const double m = mean_of(static_cast<double>(level) / 255, by);
      const auto nearest =
          std::min_element(centres.begin(), centres.end(), [m](double a, double b) { return std::abs(m - a) < std::abs(m - b); });
      right += nearest - centres.begin() == label_of(level) ? 1 : 0;
    }
    return static_cast<double>(right) / kLevels;
  }

  Network network() const {
    Builder builder({3, 32, 32});
    const Value logits = Linear({.features = kClasses}).build(builder, "linear", builder.pixels());
    Network made{.graph = std::move(builder).finish(logits), .tensors = {}, .classes = pictures().classes(), .name = "nearest centre"};
    Tensor weight({kClasses, 3 * 32 * 32}), bias({kClasses});
    for (int64_t k = 0; k < kClasses; ++k) {
      const double c = centres[static_cast<size_t>(k)];
      for (int64_t i = 0; i < 3 * 32 * 32; ++i) weight[k * 3 * 32 * 32 + i] = static_cast<float>(2 * c / (3 * 32 * 32));
      bias[k] = static_cast<float>(-c * c);
    }
    made.tensors.emplace("linear.weight", std::move(weight));
    made.tensors.emplace("linear.bias", std::move(bias));
    return made;
  }

  static Pictures pictures() {
    std::vector<uint8_t> levels;
    std::vector<int32_t> labels;
    for (int64_t level = 0; level < kLevels; ++level) {
      levels.insert(levels.end(), 3 * 32 * 32, static_cast<uint8_t>(level));
      labels.push_back(static_cast<int32_t>(label_of(level)));
    }
    const std::vector<std::string> classes{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    return {std::make_shared<Images8>(Shape{kLevels, 3, 32, 32}, levels, labels, classes), "greys"};
  }

  std::vector<double> centres;  // [Y] means of normalised pictures
};

/** What an evaluation tells people. */
std::string told_by_evaluation(const Network& network, const Pictures& pictures) {
  std::string told;
  Setting setting;
  setting.say = [&](std::string_view line) { told += line; };
  (void)evaluate(network, pictures, {}, setting);
  return told;
}

TEST(TheEvaluationOfAForeignNetwork, TellsTheBestOfSeveralNormalisationsThatHelp) {
  for (const auto& [wanted, other] : {std::pair{"cifar10", "imagenet"}, std::pair{"imagenet", "cifar10"}}) {
    const GreyWorld world(parse_normalization(wanted));
    const double plain = world.accuracy({}), half_right = world.accuracy(parse_normalization(other));
    ASSERT_EQ(world.accuracy(parse_normalization(wanted)), 1);
    ASSERT_GT(half_right, plain + 0.2) << "the other one helps as well";
    ASSERT_LT(half_right, 0.9);
    Network foreign = world.network();
    foreign.file = "/elsewhere.pth";
    EXPECT_EQ(told_by_evaluation(foreign, world.pictures()),
              fmt::format("NORMALISATION: of the first 250 images {} are right as they are, {} with `normalize` {}", percent(plain),
                          percent(1.0), wanted));
  }
}

TEST(TheEvaluationOfAForeignNetwork, TellsOfPixelsUpTo255) {
  const GreyWorld world({.mean = {0, 0, 0}, .std = {1.0 / 255, 1.0 / 255, 1.0 / 255}});
  Network foreign = world.network();
  foreign.file = "/elsewhere.pth";
  const std::string told = told_by_evaluation(foreign, world.pictures());
  EXPECT_TRUE(told.ends_with(fmt::format("{} with `scale255`", percent(1.0)))) << told;
}

TEST(TheEvaluationOfAForeignNetwork, TellsNothingWhereItsPixelsAreRightOrItsOwn) {
  const GreyWorld as_they_are({}), normalised(parse_normalization("cifar10"));
  Network foreign = as_they_are.network();
  foreign.file = "/elsewhere.pth";
  EXPECT_EQ(told_by_evaluation(foreign, as_they_are.pictures()), "") << "no normalisation helps it";
  Network made = normalised.network();
  EXPECT_EQ(told_by_evaluation(made, normalised.pictures()), "") << "a model by name is nobody's network";
  made.file = "/ours.safetensors";
  made.trained_on = "cifar10";
  EXPECT_EQ(told_by_evaluation(made, normalised.pictures()), "") << "a network of ours has its own";
}

TEST_F(Questions, PicturesOfOtherClassesAreLookedAtButNotJudged) {
  std::vector<uint8_t> levels(4 * 28 * 28);
  for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(i / (28 * 28) % 2 * 200);
  const Pictures other(
      std::make_shared<Images8>(Shape{4, 1, 28, 28}, levels, std::vector<int32_t>{0, 1, 0, 1}, std::vector<std::string>{"x", "y"}),
      "others");
  const auto found = inspect_clusters(network, other, {.clusters = 2}, {}).record;
  EXPECT_EQ(found.classes, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(found.purity, 1.0) << "two pictures, each twice";
  EXPECT_THROW_SAYING(evaluate(network, other), "tells 7 classes apart");
}

TEST_F(Questions, EvaluationCallsThePicturesOfItsSheetByTheirNumbers) {
  (void)evaluate(network, Pictures(data, {17, 4}, "noise"), out());
  const Path file = out() / kPredictions / kSheetFile;
  const auto sheet = record_from_json<PredictionSheet>(read_json(file), file.string());
  ASSERT_EQ(sheet.first.size(), 2u);
  EXPECT_EQ(sheet.first[0].index, 17);
  EXPECT_EQ(to_tensor(read_image(out() / kPredictions / sheet.first[0].picture)).shape(), (Shape{1, 1, 28, 28}));
  EXPECT_EQ(read_image(out() / kPredictions / sheet.first[1].picture), pictures().visible(4));
}

TEST_F(Questions, PredictionNamesGoodFilesBesideBrokenOnes) {
  make_folder(out());
  write_png(out() / "a.png", pictures().visible(3));
  write_file(out() / "b.png", "no picture");
  const std::vector<std::string> files{(out() / "b.png").string(), (out() / "a.png").string()};
  const Predictions found = predict(network, files);
  ASSERT_EQ(found.predictions.size(), 1u);
  EXPECT_EQ(found.predictions.front().file, files[1]);
  EXPECT_EQ(found.predictions.front().top.front().index, data->label(3));
  ASSERT_EQ(found.errors.size(), 1u);
  EXPECT_EQ(found.errors.front().file, files[0]);
  EXPECT_TRUE(predict(network, {}).predictions.empty());
}

TEST_F(Questions, ExplanationsAreTheSameInMemoryAndInAFolder) {
  const Pictures some = pictures().first(2);
  const Explanation loose = explain(network, {"gradient-x-input"}, some);
  const Explanation kept = explain(network, {"gradient-x-input"}, some, {}, out());
  EXPECT_EQ(loose.maps.shape(), (Shape{2, 1, 28, 28}));
  EXPECT_EQ(max_difference(loose.maps, kept.maps), 0);
  EXPECT_TRUE(loose.record.maps.front().npy.empty());
  const AttributionMap& map = kept.record.maps.back();
  const Tensor written = read_npy(attribution_folder(out(), kept.record) / map.npy);
  EXPECT_EQ(max_difference(written.reshaped({1, 28, 28}), Tensor({1, 28, 28}, kept.maps.row(1))), 0);
  EXPECT_EQ(map.index, data->label(1));
  EXPECT_EQ(map.name, network.classes[static_cast<size_t>(map.index)]);
  EXPECT_NEAR(map.high, max_abs(kept.maps.row(1)), 1e-6);
}

TEST_F(Questions, EvaluationWantsToKnowWhatThePicturesShow) {
  const Tensor x = pictures().first(2).pixels();
  EXPECT_THROW_SAYING(evaluate(network, Pictures(x, {}, network.classes, "files")), "labels of all of them were wanted");
  EXPECT_THROW_SAYING(evaluate(network, Pictures(x, {-1, 0}, network.classes, "files")), "labels of all of them were wanted");
}

TEST_F(Questions, ExplanationsRefuseWhatAMethodDoesNotHave) {
  const Pictures some = pictures().first(1);
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, some, {.of = "logit"}), "`of`: no 'logit'");
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, some, {.tolerance = "1%"}), "`tolerance` is for integrated-gradients");
  EXPECT_THROW_SAYING(explain(network, {"loss-gradient"}, some, {.target = "a"}), "has no `target` 'a'");
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, some, {.target = "conv1:99"}), "conv1");
  const Pictures unknown(some.pixels(), {}, network.classes, "files");
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, unknown, {.target = "true"}), "nobody knows");
}

TEST_F(Questions, ExplanationsSayWhatTheyAreOf) {
  const Pictures some = pictures().first(2);
  const auto record_of = [&](const char* method, const ExplainOptions& options = {}) {
    return explain(network, parse_choice(method), some, options).record;
  };
  const AttributionRecord loss = record_of("loss-gradient"), noise = record_of("random"), all = record_of("occlusion");
  EXPECT_EQ(loss.explains, "the loss of the true class");
  EXPECT_EQ(loss.of, "loss");
  EXPECT_EQ(said_of_map(loss, loss.maps.front()).substr(0, 8), "loss of ");
  EXPECT_EQ(noise.explains, "nothing: noise");
  EXPECT_EQ(noise.maps.front().target, "none");
  EXPECT_EQ(all.explains, "the logits of all classes at once");
  EXPECT_EQ(all.maps.front().target, "all");
  for (const AttributionRecord& record : {loss, noise, all}) EXPECT_GT(record.maps.front().confidence, 0) << record.method;
  EXPECT_EQ(record_of("gradient", {.of = "softmax"}).explains, "the softmax of the target");
  EXPECT_EQ(record_of("occlusion", {.of = "softmax"}).explains, "the softmax of all classes at once");
}

TEST(TheGradientImageOfANetworkInColour, IsInColour) {
  const TemporaryFolder folder;
  Network network = open_or_make_network("medium", {.task = {.image = "3,28,28", .classes = 7}}, 1);
  network.classes = {"a", "b", "c", "d", "e", "f", "g"};
  Tensor x({1, 3, 28, 28});
  const RandomStream random(6, "pictures in colour");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
  const Pictures pictures(x, {2}, network.classes, "made");
  const Explanation found = explain(network, parse_choice("gradient-image,gain=4"), pictures, {}, folder.path());
  const Path place = attribution_folder(folder.path(), found.record);
  const Image picture = read_image(place / found.record.maps[0].png);
  ASSERT_EQ(picture.channels, 3);
  for (int64_t i = 0; i < x.size(); ++i)
    ASSERT_NEAR(picture.pixels[static_cast<size_t>(i)], 255 * std::clamp(4 * found.maps[i], 0.0f, 1.0f), 1) << i;
  EXPECT_EQ(found.record.channels, "colours");
  // A heat map of slopes has at each pixel the channel's that is farthest from 0, with its sign.
  const Explanation slope = explain(network, {"gradient"}, pictures, {}, folder.path());
  EXPECT_EQ(slope.record.channels, "farthest");
  EXPECT_FLOAT_EQ(static_cast<float>(slope.record.maps[0].high), max_abs(slope.maps.span()));
  EXPECT_EQ(explain(network, {"gradient-x-input"}, pictures).record.channels, "added");
  EXPECT_EQ(explain(network, {"occlusion"}, pictures).record.channels, "") << "it has one";
}

TEST_F(Questions, OcclusionMeasuresTheTargetThatIsAskedFor) {
  const Pictures some = pictures().first(1);
  const Explanation of_a = explain(network, {"occlusion"}, some, {.target = "a"}),
                    of_b = explain(network, {"occlusion"}, some, {.target = "b"});
  EXPECT_GT(max_difference(of_a.maps, of_b.maps), 0);
  EXPECT_EQ(of_a.record.method, "occlusion,measure=target");
  EXPECT_EQ(explain(network, {"occlusion"}, some, {.of = "loss"}).record.explains, "the loss of the target");
  EXPECT_THROW_SAYING(explain(network, parse_choice("occlusion,measure=all"), some, {.target = "a"}), "has no `target` 'a'");
  EXPECT_THROW_SAYING(explain(network, parse_choice("occlusion,measure=all"), some, {.of = "loss"}), "a loss is of one class");
}

TEST_F(Questions, ExplanationsRefuseWhatTheirMethodIsNotOf) {
  const Pictures some = pictures().first(1);
  for (const char* method : {"loss-gradient", "gradient-image", "training-path"})
    EXPECT_THROW_SAYING(explain(network, {method}, some, {.target = "a"}), "it is of the true class's loss, so it has no `target` 'a'");
  EXPECT_THROW_SAYING(explain(network, {"loss-gradient-x-input"}, some, {.of = "softmax"}), "it is not `of` softmax");
  EXPECT_THROW_SAYING(explain(network, {"random"}, some, {.target = "a"}), "asks nothing of the network");
  EXPECT_THROW_SAYING(explain(network, {"random"}, some, {.of = "softmax"}), "asks nothing of the network");
}

TEST_F(Questions, LooksInsideLeaveWhatTheirRecordsName) {
  const auto weights = inspect_weights(network, {.count = 2}, out());
  EXPECT_EQ(weights.record.filters.size(), 2u);
  EXPECT_TRUE(std::filesystem::exists(weights.folder / weights.record.tiles));
  EXPECT_TRUE(std::filesystem::exists(inspection_file(weights.folder, WeightsRecord::kKind)));

  const auto answers = inspect_activations(network, pictures().first(1), {.channel = "1"}, out());
  ASSERT_EQ(answers.record.images.size(), 1u);
  EXPECT_EQ(answers.record.images.front().channels.front().channel, 1);
  EXPECT_TRUE(std::filesystem::exists(answers.folder / answers.record.images.front().tiles));

  const auto neurons = inspect_neurons(network, pictures(), {.channel = "0", .count = 3}, out());
  ASSERT_EQ(neurons.record.neurons.size(), 1u);
  EXPECT_EQ(neurons.record.neurons.front().top.size(), 3u);
  EXPECT_TRUE(std::filesystem::exists(neurons.folder / "neurons.csv"));

  const auto clusters = inspect_clusters(network, pictures(), {.clusters = 3}, out());
  int64_t members = 0;
  for (const ClusterRecord& c : clusters.record.clusters) members += c.size;
  EXPECT_EQ(members, kCount);
  EXPECT_TRUE(std::filesystem::exists(clusters.folder / "map.svg"));
  EXPECT_THROW_SAYING(inspect_clusters(network, pictures(), {.clusters = 31}), "`clusters` 31 of 30 images");
  EXPECT_EQ(inspect_clusters(network, pictures(), {.clusters = 3}).record.purity, clusters.record.purity);
}

TEST_F(Questions, AliasingIsCountedWithAndWithoutAFolder) {
  const Aliased loose = alias(network, pictures().first(4)), kept = alias(network, pictures().first(4), {.save = "channelwise"}, out());
  ASSERT_FALSE(kept.record.signals.empty());
  EXPECT_EQ(loose.record.mean.published.tangled, kept.record.mean.published.tangled);
  EXPECT_TRUE(loose.record.per_image.empty());
  EXPECT_TRUE(there("aliasing-save-channelwise/aliasing.json") && there("aliasing-save-channelwise/per-image.npy") &&
              there("aliasing-save-channelwise/channelwise-00.npy"));
  EXPECT_THROW_SAYING(alias(network, pictures(), {.save = "all"}), "`save`: no 'all'");
  EXPECT_THROW_SAYING(alias(network, pictures(), {.map_channels = "5000"}), "no signal has that channel");
  EXPECT_THROW_SAYING(alias_signal(Tensor({2, 2}), "x.npy", {2, 2}), "[channels, rows, columns] was wanted");
}

TEST_F(Questions, AliasingThatFailsLeavesTheEarlierAnswer) {
  (void)alias(network, pictures().first(4), {}, out());
  const std::string before = read_file(out() / kAliasing / kAliasingFile);
  EXPECT_THROW_SAYING(alias(network, pictures(), {.map_channels = "5000"}, out()), "no signal has that channel");
  Setting stopped;
  stopped.progress = [](int64_t, int64_t) { fail("stopped"); };
  EXPECT_THROW_SAYING(alias(network, pictures(), {}, out(), stopped), "stopped");
  EXPECT_EQ(read_file(out() / kAliasing / kAliasingFile), before);
  EXPECT_TRUE(there("aliasing/per-image.npy"));
  for (const auto& entry : std::filesystem::directory_iterator(out()))
    EXPECT_EQ(entry.path().string().find(".part"), std::string::npos) << entry.path();
}

TEST_F(Questions, AliasingReplacesItsAnswerButNotTheCurveOfAStudy) {
  (void)alias(network, pictures().first(4), {}, out());
  write_file(out() / kAliasing / "map-of-before.npy", "");
  write_json(out() / kAliasing / kAliasingCurveFile, fields_to_json(AliasingCurve()));
  (void)alias(network, pictures(), {}, out());
  EXPECT_TRUE(there("aliasing/curve.json") && there("aliasing/per-image.npy"));
  EXPECT_FALSE(there("aliasing/map-of-before.npy"));
}

TEST_F(Questions, AliasingOfASignalCallsItByItsNameButAFullDiskByItsOwn) {
  const Tensor x({1, 4, 4});
  EXPECT_THROW_SAYING(alias_signal(x, "x.npy", {5, 5}), "x.npy: ");
  write_file(folder / "file", "no folder");
  try {
    (void)alias_signal(x, "x.npy", {2, 2}, {.save = "folds"}, folder / "file");
    FAIL() << "a file is no folder";
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()).find("x.npy"), std::string::npos) << e.what();
  }
  EXPECT_THROW_SAYING(check_aliasing({.map_channels = "a"}), "`map_channels` 'a'");
  EXPECT_THROW_SAYING(check_aliasing({.batch = -1}), "`batch` -1");
}

TEST_F(Questions, RefusePicturesThatTheNetworkCannotTake) {
  const Pictures large(Tensor({2, 1, 32, 32}), {0, 1}, network.classes, "made"),
      others(pictures().first(2).pixels(), {0, 1}, {"x", "y"}, "made"),
      outside(pictures().first(2).pixels(), {0, 7}, network.classes, "made");
  const std::vector<std::function<void(const Pictures&)>> questions{
      [&](const Pictures& p) { (void)alias(network, p); },
      [&](const Pictures& p) { (void)attack(network, {"fgsm"}, p, {.epsilon = {0.1}}); },
      [&](const Pictures& p) { (void)evaluate(network, p); },
      [&](const Pictures& p) { (void)explain(network, {"gradient"}, p); },
      [&](const Pictures& p) { (void)inspect_activations(network, p); },
  };
  const std::vector<std::function<void(const Pictures&)>> looks{
      [&](const Pictures& p) { (void)inspect_neurons(network, p); },
      [&](const Pictures& p) { (void)inspect_clusters(network, p, {.clusters = 1}); },
  };
  for (const auto& ask : questions) {
    EXPECT_THROW_SAYING(ask(large), "the network takes pictures of [1, 28, 28], those of made are of [1, 32, 32]");
    EXPECT_THROW_SAYING(ask(others), "tells 7 classes apart, the pictures of made have 2");
    EXPECT_THROW_SAYING(ask(outside), "is of class 7: the network has classes 0 to 6");
  }
  for (const auto& look : looks) {
    EXPECT_THROW_SAYING(look(large), "the network takes pictures of [1, 28, 28], those of made are of [1, 32, 32]");
    EXPECT_NO_THROW(look(others)) << "whatever they show";
    EXPECT_THROW_SAYING(look(outside), "is of class 7: the network has classes 0 to 6");
  }
}

TEST_F(Questions, TellAWrongTargetBeforeAnyPictureIsRead) {
  /** Pictures that nobody may read yet. */
  class Unread : public Dataset {
   public:
    explicit Unread(std::vector<std::string> classes) : classes_(std::move(classes)) {}
    int64_t size() const override { return 1; }
    Shape image_shape() const override { return {1, 28, 28}; }
    const std::vector<std::string>& classes() const override { return classes_; }
    int64_t label(int64_t) const override { return 0; }
    int64_t number(int64_t index) const override { return index; }
    void pixels(int64_t, uint64_t, std::span<float>) const override { fail("a picture was read"); }

   private:
    std::vector<std::string> classes_;
  };
  const Pictures unread(std::make_shared<Unread>(network.classes), {0}, "unread");
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, unread, {.target = "aa"}), "no class 'aa'");
  EXPECT_THROW_SAYING(explain(network, {"gradient"}, unread, {.target = "conv1:99"}), "is outside");
}

TEST_F(Questions, DescriptionsAddUp) {
  const Description d = describe(network, 4);
  EXPECT_EQ(d.classes, 7);
  EXPECT_EQ(d.parameters, parameter_count(network.graph));
  EXPECT_EQ(d.batch, 4);
}

}  // namespace
}  // namespace convscope
