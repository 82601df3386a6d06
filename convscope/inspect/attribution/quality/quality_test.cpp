#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/inspect/attribution/made_pictures.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/inspect/attribution/quality/check_maps.h"
#include "convscope/inspect/attribution/quality/evidence.h"
#include "convscope/inspect/attribution/quality/planted_testing.h"
#include "convscope/inspect/attribution/quality/removal.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;
using testing_subject::PlantedSubject;

/** The planted network is checked; the others depend on no pixel, and on others. */
struct Planted {
  PlantedSubject own, redrawn;
  LinearSubject random{{1, 16, 16}, 2, 9};
  Tensor x = PlantedSubject::pictures(8);
  Question question{{}, std::vector<int64_t>(8, 1), std::vector<int64_t>(8, 1), 1, {}};
  LinearSubject other{{1, 16, 16}, 2, 10};

  std::vector<MapQuality> check(const std::string& method) {
    const auto made = attributions().make(parse_choice(method));
    const Tensor maps = made->explain(own, x, question).values;
    return check_maps(*made, {own, random, other, 3, [](int64_t) {}}, x, question, maps, {});
  }
};

const MapQuality& of(const std::vector<MapQuality>& all, std::string_view metric) {
  return *std::find_if(all.begin(), all.end(), [&](const MapQuality& q) { return q.metric == metric; });
}

TEST(QualityOfMaps, KnowsAMethodThatFindsThePlantedPatch) {
  Planted planted;
  for (const char* method : {"gradient-x-input", "integrated-gradients", "gradient"}) {
    const std::vector<MapQuality> all = planted.check(method);
    EXPECT_LE(of(all, "deletion").value, 0.15) << method;
    EXPECT_GE(of(all, "insertion").value, 0.85) << method;
    EXPECT_NEAR(of(all, "deletion").controls.random, 0.5, 0.15);
    EXPECT_NEAR(of(all, "insertion").controls.random, 0.5, 0.15);
    for (const char* metric : {"deletion", "insertion", "road", "infidelity", "faithfulness-correlation"}) {
      EXPECT_EQ(of(all, metric).verdict, "better than all controls") << method << " " << metric;
      EXPECT_EQ(of(all, metric).interval.size(), 2u);
      EXPECT_GT(of(all, metric).passes, 0);
    }
    // Times the picture, a part of the likeness is the picture's.
    const char* changed = std::string_view(method) == "gradient" ? "changes with the weights" : "partly changes with the weights";
    EXPECT_EQ(of(all, "model-randomisation").verdict, changed) << method;
    EXPECT_EQ(of(all, "model-randomisation").curve.size(), 3u);
    EXPECT_EQ(of(all, "sensitivity-max").verdict, "");
  }
}

/** The planted network as a graph: relevance goes through layers. Its weights may be another draw's. */
NetworkSubject planted_graph(uint64_t seed, bool planted) {
  testing_network::Net net({1, 16, 16}, seed);
  const Value seen = net.relu("relu", net.conv("conv", net.pixels(), 1, 1, {}));
  NetworkSubject drawn = net.subject(net.dense("fc", net.op<FlattenOp>("flat", {seen}), 2), 32);
  std::map<std::string, Tensor> tensors = drawn.weights()->tensors();
  if (planted) {
    tensors.at("conv.weight")[0] = 1;
    fill(tensors.at("fc.weight"), 0.0f);
    PlantedSubject::each_planted([&](int64_t i) { tensors.at("fc.weight").row(1)[static_cast<size_t>(i)] = 30.0f / 16; });
    tensors.at("fc.bias")[0] = 0;
    tensors.at("fc.bias")[1] = -30 * 0.65f;
  }
  return {drawn.graph(), std::make_shared<Weights>(drawn.graph(), tensors), {.batch = 32}};
}

TEST(QualityOfMaps, KnowsThatRelevanceFindsThePlantedPatch) {
  const Planted planted;
  NetworkSubject own = planted_graph(1, true), random = planted_graph(2, false), redrawn = planted_graph(3, false);
  for (const char* method : {"lrp", "lrp,composite=epsilon", "deeplift"}) {
    const auto made = attributions().make(parse_choice(method));
    const Tensor maps = made->explain(own, planted.x, planted.question).values;
    const std::vector<MapQuality> all =
        check_maps(*made, {own, random, redrawn, 1, [](int64_t) {}}, planted.x, planted.question, maps, {.draws = 2});
    EXPECT_LE(of(all, "deletion").value, 0.15) << method;
    EXPECT_GE(of(all, "insertion").value, 0.85) << method;
    for (const char* metric : {"deletion", "insertion", "road"})
      EXPECT_EQ(of(all, metric).verdict, "better than all controls") << method << " " << metric;
  }
}

TEST(QualityOfMaps, PlaysThePointingGameWhereBoxesAreKnown) {
  Planted planted;
  for (const MapQuality& q : planted.check("gradient")) EXPECT_NE(q.metric, "pointing-game") << "nobody knows a box";
  constexpr int64_t kFirst = PlantedSubject::kFirst, kEnd = kFirst + PlantedSubject::kPatch;
  const auto played = [&](const char* method, const PixelBox& box) {
    const auto made = attributions().make(parse_choice(method));
    const QualityOptions options{.boxes = std::vector(8, std::vector<PixelBox>{{0, 0, 1, 1}, box})};
    const std::vector<MapQuality> all =
        check_maps(*made, {planted.own, planted.random, planted.other, 3, [](int64_t) {}}, planted.x, planted.question,
                   made->explain(planted.own, planted.x, planted.question).values, options);
    return of(all, "pointing-game");
  };
  const MapQuality right = played("gradient-x-input", {kFirst, kFirst, kEnd, kEnd});
  EXPECT_EQ(right.value, 1);
  EXPECT_LE(right.controls.random, 0.5);
  EXPECT_EQ(right.controls.centre, 0) << "the middle is pixel 8 at most";
  EXPECT_EQ(played("gradient-x-input", {kEnd, kFirst, 16, kEnd}).value, 0) << "beside the patch";
}

TEST(QualityOfMaps, SaysOfNoiseThatItIsNoBetter) {
  Planted planted;
  const std::vector<MapQuality> all = planted.check("random");
  for (const char* metric : {"deletion", "insertion", "road", "infidelity", "faithfulness-correlation"})
    EXPECT_TRUE(of(all, metric).verdict.starts_with("no better than noise")) << metric << ": " << of(all, metric).verdict;
  EXPECT_EQ(of(all, "model-randomisation").verdict, "hardly changes with the weights");
  EXPECT_NE(quality_text(all).find("no better than noise"), std::string::npos);
}

TEST(QualityOfMaps, HasTheCentreAsAControlThatKnowsNothingOfWeights) {
  Planted planted;
  const std::vector<MapQuality> all = planted.check("gradient-x-input");
  EXPECT_EQ(of(all, "model-randomisation").controls.centre, 1);
  EXPECT_NEAR(of(all, "model-randomisation").controls.random, 0, 0.1);
  EXPECT_EQ(of(all, "sensitivity-max").controls.centre, 0);
}

/** Of a linear network, the share of each pixel in what goes to the mean colour foretells everything. */
TEST(Faithfulness, OfWeightTimesTheWayToTheMeanColourIsPerfectOnALinearNetwork) {
  LinearSubject subject({1, 8, 8}, 3, 4);
  Tensor x({2, 1, 8, 8});
  const RandomStream random(8, "pictures");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
  const Question question{{}, {0, 2}, {}, 1, {}};
  Mapmaker maker{Tensor({2, 1, 8, 8})};
  for (int64_t n = 0; n < 2; ++n)
    for (size_t i = 0; i < 64; ++i)
      maker.evidence.row(n)[i] =
          5 * subject.weight().row(question.targets[static_cast<size_t>(n)])[i] * (x.row(n)[i] - mean_colour(x.row(n), 1)[0]);
  const CheckedQuestion asked{subject, x, question, {}, 0};
  for (const double v : map_metrics().make("infidelity")->measure(asked, maker)) EXPECT_NEAR(v, 0, 1e-5);
  for (const double v : map_metrics().make("faithfulness-correlation")->measure(asked, maker)) EXPECT_NEAR(v, 1, 1e-5);
  for (float& v : maker.evidence.span()) v = -v;
  for (const double v : map_metrics().make("infidelity")->measure(asked, maker)) EXPECT_EQ(v, 1) << "against the network";
  for (const double v : map_metrics().make("faithfulness-correlation")->measure(asked, maker)) EXPECT_NEAR(v, -1, 1e-5);
}

TEST(ShapesOfMaps, HaveTheirDefinitionsEnds) {
  LinearSubject subject({1, 4, 4}, 2);
  const Tensor x({2, 1, 4, 4});
  const Question question{{}, {0, 0}, {}, 1, {}};
  Mapmaker maker{Tensor({2, 1, 4, 4})};
  maker.evidence.row(0)[5] = -3;
  std::fill(maker.evidence.row(1).begin(), maker.evidence.row(1).end(), 2.0f);
  const CheckedQuestion asked{subject, x, question, {}, 0};
  const auto gini = map_metrics().make("sparseness")->measure(asked, maker),
             entropy = map_metrics().make("complexity")->measure(asked, maker);
  EXPECT_NEAR(gini[0], 15.0 / 16, 1e-5);
  EXPECT_NEAR(gini[1], 0, 1e-6);
  EXPECT_NEAR(entropy[0], 0, 1e-12);
  EXPECT_NEAR(entropy[1], std::log(16.0), 1e-6);
}

TEST(ShapesOfMaps, HaveNoUnit) {
  LinearSubject subject({1, 4, 4}, 2);
  const Tensor x({2, 1, 4, 4});
  const Question question{{}, {0, 0}, {}, 1, {}};
  Mapmaker maker{Tensor({2, 1, 4, 4})};
  for (size_t i = 0; i < 16; ++i) {
    maker.evidence.row(0)[i] = static_cast<float>(i);
    maker.evidence.row(1)[i] = 1e-12f * static_cast<float>(i);
  }
  for (const char* metric : {"sparseness", "complexity"}) {
    const auto found = map_metrics().make(metric)->measure({subject, x, question, {}, 0}, maker);
    EXPECT_NEAR(found[0], found[1], 1e-6) << metric;
  }
}

TEST(SensitivityMax, OfAMapOfZerosIsNotDefined) {
  LinearSubject subject({1, 4, 4}, 2);
  const Tensor x({3, 1, 4, 4});
  const Question question{{}, {0, 0, 0}, {}, 1, {}};
  Mapmaker maker{Tensor({3, 1, 4, 4})};
  fill(maker.evidence, 1.0f);
  for (float& v : maker.evidence.row(1)) v = 0;
  for (float& v : maker.evidence.row(2)) v = 1e-9f;
  maker.other = [](const Tensor& near, int64_t) {
    Tensor evidence({near.shape()[0], 1, 4, 4});
    fill(evidence, 1.5f);
    return evidence;
  };
  const auto found = map_metrics().make("sensitivity-max")->measure({subject, x, question, {}, 0}, maker);
  EXPECT_NEAR(found[0], 0.5, 1e-6);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_TRUE(std::isnan(found[2])) << "rounding, beside what its copies have";
}

TEST(FillingIn, GivesARampBackExactly) {
  // A ramp is the mean of its neighbours everywhere but at the rim.
  std::vector<float> image(12 * 10);
  for (size_t i = 0; i < image.size(); ++i) image[i] = 0.03f * static_cast<float>(i / 10) + 0.05f * static_cast<float>(i % 10);
  std::vector<float> holed = image;
  std::vector<bool> gone(image.size());
  for (size_t i = 3; i < 9; ++i)
    for (size_t j = 2; j < 8; ++j) {
      gone[10 * i + j] = true;
      holed[10 * i + j] = 9;
    }
  fill_in(holed, 1, 12, 10, gone);
  for (size_t i = 0; i < image.size(); ++i) EXPECT_NEAR(holed[i], image[i], 1e-3) << i;
}

TEST(FillingIn, AtTheRimIsTheMeanOfWhatIsThere) {
  std::vector<float> image{9, 0.2f, 0.5f, 0.8f};  // 2 × 2: direct 0.2 and 0.5, diagonal 0.8
  fill_in(image, 1, 2, 2, {true, false, false, false});
  EXPECT_NEAR(image[0], (0.2 / 6 + 0.5 / 6 + 0.8 / 12) / (2.0 / 6 + 1.0 / 12), 1e-4);
}

TEST(Blurring, KeepsAConstantAndTheMeanOfASpot) {
  std::vector<float> image(32 * 32, 0.25f), out(32 * 32);
  blur(image, 1, 32, 32, out);
  for (const float v : out) EXPECT_NEAR(v, 0.25f, 1e-6);
  std::fill(image.begin(), image.end(), 0.0f);
  image[16 * 32 + 16] = 1;
  blur(image, 1, 32, 32, out);
  EXPECT_NEAR(std::accumulate(out.begin(), out.end(), 0.0), 1, 1e-5);
  EXPECT_LT(out[16 * 32 + 16], 0.06f);
}

TEST(MadePictures, AreAnsweredInOrderWhateverTheBatch) {
  LinearSubject subject({1, 4, 4}, 3, 2);  // four at once
  const auto make = [](int64_t k, std::span<float> x) { std::fill(x.begin(), x.end(), static_cast<float>(k)); };
  std::vector<double> wanted;
  for (int64_t k = 0; k < 11; ++k) {
    Tensor x({1, 1, 4, 4});
    fill(x, static_cast<float>(k));
    wanted.push_back(subject.scores(x)[k % 3]);
  }
  EXPECT_EQ(numbers_of_made(subject, {}, 11, make, [](int64_t k) { return k % 3; }), wanted);
}

TEST(Evidence, OfSlopesIsTheirSizeAndOfALossItsOtherWay) {
  Tensor maps({1, 2, 1, 2});
  maps[0] = 0.5f, maps[1] = -2, maps[2] = -1, maps[3] = 1;
  const auto evidence = [&](const char* method, Objective::Of of = Objective::Of::logits) {
    const Tensor e = evidence_of(*attributions().make(method), {.of = of}, maps);
    return std::vector<float>(e.span().begin(), e.span().end());
  };
  EXPECT_EQ(evidence("gradient"), (std::vector<float>{1, 2}));
  EXPECT_EQ(evidence("gradient-x-input"), (std::vector<float>{-0.5f, -1}));
  EXPECT_EQ(evidence("loss-gradient-x-input"), (std::vector<float>{0.5f, 1}));
  EXPECT_EQ(evidence("gradient-x-input", Objective::Of::loss), (std::vector<float>{0.5f, 1})) << "what makes a loss grow speaks against";
  EXPECT_EQ(evidence("gradient", Objective::Of::loss), (std::vector<float>{1, 2}));
}

TEST(Evidence, OfNoiseIsTheImagesOwnWhateverStandsBesideIt) {
  const Question both{.objective = {}, .targets = {0, 0}, .labels = {}, .seed = 3, .numbers = {7, 9}},
      one{.objective = {}, .targets = {0}, .labels = {}, .seed = 3, .numbers = {9}};
  const auto row = [](const Tensor& t, int64_t k) { return std::vector<float>(t.row(k).begin(), t.row(k).end()); };
  const Tensor twice = noise_evidence(Tensor({4, 1, 5, 5}), both, 2), alone = noise_evidence(Tensor({1, 1, 5, 5}), one, 3);
  EXPECT_EQ(row(twice, 3), row(alone, 0));
  EXPECT_NE(row(twice, 1), row(twice, 3));
}

}  // namespace
}  // namespace convscope
