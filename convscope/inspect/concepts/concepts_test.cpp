#include <cmath>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/base/threads.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/inspect/concepts/craft.h"
#include "convscope/inspect/concepts/directions.h"
#include "convscope/inspect/concepts/sobol.h"

namespace convscope {
namespace {

using namespace testing_network;

const Shape kImage{1, 12, 12};

/** A convolution for vertical and one for horizontal stripes, their means, and logits: the first is how much there is of the vertical ones,
 * the second how little. */
NetworkSubject striped_network() {
  Net net(kImage);
  const Value relu = net.relu("relu", net.conv("conv", net.pixels(), 2, 3, {.pad = 1}));
  const Graph graph = std::move(net.builder).finish(net.dense("fc", net.pooled(relu), 2, false));
  std::map<std::string, Tensor> tensors;
  tensors.emplace("conv.weight", Tensor({2, 1, 3, 3}, {-1, 2, -1, -1, 2, -1, -1, 2, -1, -1, -1, -1, 2, 2, 2, -1, -1, -1}));
  tensors.emplace("fc.weight", Tensor({2, 2}, {3, 0, -2, 0}));
  return {graph, std::make_shared<Weights>(graph, tensors), {.batch = 4}};
}

/** Noise, and stripes in its columns first … last: vertical ones or horizontal ones. */
void stripe(std::span<float> picture, int64_t first, int64_t last, bool vertical) {
  for (int64_t i = 0; i < 12; ++i)
    for (int64_t j = first; j <= last; ++j) picture[static_cast<size_t>(i * 12 + j)] = ((vertical ? j : i) % 2) == 0 ? 0.1f : 0.9f;
}

DirectionQuestion question_of(const Tensor& pictures) {
  DirectionQuestion question;
  question.node = "relu";
  question.classes = {0, 1};
  question.of_class = {{0, 1, 2, 3, 4}, {5, 6, 7}};
  question.pictures = pictures.shape()[0];
  question.read = [&pictures](std::span<const int64_t> places) {
    Tensor x(pictures.shape().with_batch(std::ssize(places)));
    for (int64_t n = 0; n < std::ssize(places); ++n)
      std::copy_n(pictures.row(places[static_cast<size_t>(n)]).data(), pictures.shape().inner(), x.row(n).data());
    return x;
  };
  return question;
}

TEST(DirectionsOfConcepts, OfWhatAClassHangsOnSpeakForItAndAgainstItsOpposite) {
  NetworkSubject subject = striped_network();
  const Tensor pictures = random_images(40, kImage);
  DirectionQuestion question = question_of(pictures);
  Tensor stripes = random_images(8, kImage, 9), noise = random_images(8, kImage, 10);
  for (int64_t n = 0; n < 8; ++n) stripe(stripes.row(n), 0, 11, true);
  question.concepts = {{"stripes", stripes}, {"noise", noise}};
  const ConceptDirections found = concept_directions(subject, question);
  EXPECT_EQ(found.drawn, 8);
  EXPECT_EQ(found.separable[0], 1);
  EXPECT_LT(found.separable[1], 0.8);
  EXPECT_EQ(found.concepts[0][0].scores, std::vector<double>(10, 1.0));
  EXPECT_EQ(found.concepts[0][1].scores, std::vector<double>(10, 0.0));
  const auto mean = [](const DirectionScore& score) {
    return std::accumulate(score.scores.begin(), score.scores.end(), 0.0) / static_cast<double>(score.scores.size());
  };
  EXPECT_GT(mean(found.random[0]), 0.05);
  EXPECT_LT(mean(found.random[0]), 0.95);
  const int before = threads();
  set_threads(3);
  const ConceptDirections again = concept_directions(subject, question);
  set_threads(before);
  EXPECT_EQ(again.random[0].scores, found.random[0].scores);
}

TEST(DirectionsOfConcepts, OfRandomPicturesAreRarelySignificant) {
  NetworkSubject subject = striped_network();
  const Tensor pictures = random_images(60, kImage);
  DirectionQuestion question = question_of(pictures);
  int found = 0, tried = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    question.seed = seed;
    question.concepts = {{"few", random_images(3, kImage, 100 + seed)}, {"many", random_images(12, kImage, 200 + seed)}};
    for (const auto& concept_scores : concept_directions(subject, question).concepts) {
      ++tried;
      found += concept_scores[0].p < 0.05;  // its other class hangs on the same number
    }
  }
  EXPECT_LE(found, tried * 0.12) << "5 % were promised";
  EXPECT_GE(found, 1);
}

TEST(DirectionsOfConcepts, WantPicturesOnBothSides) {
  NetworkSubject subject = striped_network();
  const Tensor pictures = random_images(8, kImage);
  DirectionQuestion question = question_of(pictures);
  question.concepts = {{"one", random_images(1, kImage)}};
  EXPECT_THROW_SAYING(concept_directions(subject, question), "concept 'one' has 1 picture: at least 2 were wanted");
  question.concepts = {{"two", random_images(2, kImage)}};
  question.pictures = 3;
  EXPECT_THROW_SAYING(concept_directions(subject, question), "3 pictures to draw random sets from");
}

TEST(FactorsOfConcepts, AreThoseThatNumbersWereMadeOf) {
  constexpr int64_t kPoints = 60, kChannels = 9;
  Tensor a({kPoints, kChannels});
  const RandomStream random(3, "factors");
  for (int64_t n = 0; n < kPoints; ++n)
    for (int64_t k = 0; k < 3; ++k) {
      // Each has points of its own, where the others are not.
      const double share = n % 4 == 3 || n % 4 == k ? 0.5 + random.uniform(static_cast<uint64_t>(n), static_cast<uint64_t>(k)) : 0;
      for (int64_t c = 0; c < 3; ++c) a.row(n)[static_cast<size_t>(3 * k + c)] = static_cast<float>(share * static_cast<double>(1 + c));
    }
  const Factors found = factorise(a, {.rank = 3, .ridge = 0});
  EXPECT_LT(found.error, 1e-3);
  for (size_t k = 0; k < 3; ++k) {
    const std::span<const double> row = std::span(found.w).subspan(k * kChannels, kChannels);
    const auto own = static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin()) / 3;
    for (size_t c = 0; c < kChannels; ++c)
      EXPECT_NEAR(row[c], c / 3 == own ? static_cast<double>(1 + c % 3) / std::sqrt(14.0) : 0, 1e-2) << k << " " << c;
  }
  const std::vector<double> mixed{1, 2, 3, 0, 0, 0, 0.5, 1, 1.5};
  const std::vector<double> shares = non_negative_shares(mixed, found.w, 3);
  double left = 0;
  for (size_t c = 0; c < kChannels; ++c) {
    double v = mixed[c];
    for (size_t k = 0; k < 3; ++k) v -= shares[k] * found.w[k * kChannels + c];
    left += v * v;
  }
  EXPECT_LT(left, 1e-2);
  const Factors held = factorise(a, {.rank = 3, .ridge = 0.05});
  EXPECT_GT(held.error, found.error) << "what is held small fits less";
  a[0] = -1;
  EXPECT_THROW_SAYING(factorise(a, {.rank = 3}), "below 0");
  EXPECT_THROW_SAYING(factorise(Tensor({4, 4}), {.rank = 2}), "all 0");
  EXPECT_THROW_SAYING(factorise(Tensor({4, 4}), {.rank = 5}), "1 to 4 were wanted");
}

/** scikit-learn 1.9.1's NMF(3, alpha_W=…) of sin²(0.7 n (c + 1)) over its root mean square, by its best beginning of twelve. */
TEST(FactorsOfConcepts, FitAsScikitLearnsDo) {
  Tensor a({40, 6});
  for (int64_t n = 0; n < 40; ++n)
    for (int64_t c = 0; c < 6; ++c) a[n * 6 + c] = static_cast<float>(std::pow(std::sin(0.7 * static_cast<double>(n * (c + 1))), 2));
  for (const auto& [ridge, error] : {std::pair{0.0, 0.295399}, {0.01, 0.296183}}) {
    double least = 1;
    for (const uint64_t seed : {1, 2, 3, 4, 5, 6})
      least = std::min(least, factorise(a, {.rank = 3, .ridge = ridge, .iterations = 2000, .seed = seed}).error);
    EXPECT_NEAR(least, error, 1e-3) << ridge;
  }
}

/** Of a sum of independent numbers the total index is a number's share of the variance; of a product both count wholly, 4 / 7 here. */
TEST(SobolIndices, AreSharesOfTheVariance) {
  constexpr int64_t kDesigns = 2000;
  const auto indices = [&](auto&& f) {
    const std::vector<double> masks = sobol_masks(kDesigns, 3, 1);
    std::vector<double> values;
    for (size_t n = 0; n < masks.size() / 3; ++n) values.push_back(f(masks[3 * n], masks[3 * n + 1], masks[3 * n + 2]));
    return total_sobol_indices(values, kDesigns, 3);
  };
  const std::vector<double> sum = indices([](double a, double b, double) { return 3 * a - b; });
  EXPECT_NEAR(sum[0], 0.9, 0.03);
  EXPECT_NEAR(sum[1], 0.1, 0.01);
  EXPECT_EQ(sum[2], 0);
  const std::vector<double> product = indices([](double a, double b, double) { return a * b; });
  EXPECT_NEAR(product[0], 4.0 / 7, 0.03);
  EXPECT_NEAR(product[1], 4.0 / 7, 0.03);
  EXPECT_EQ(indices([](double, double, double) { return 1; }), std::vector<double>(3));
}

TEST(CropsOfConcepts, CoverEachSide) {
  EXPECT_EQ(crop_places(224, 64), (std::vector<int64_t>{0, 51, 102, 153, 160}));
  EXPECT_EQ(crop_places(12, 4), (std::vector<int64_t>{0, 3, 6, 8}));
  EXPECT_EQ(crop_places(8, 8), std::vector<int64_t>{0});
}

TEST(Craft, FindsWhatTheClassHangsOnAndWhere) {
  NetworkSubject subject = striped_network();
  Tensor x = random_images(6, kImage);
  for (float& v : x.span()) v = 0.5f + 0.05f * (v - 0.5f);
  for (int64_t n = 0; n < 6; ++n) {
    stripe(x.row(n), 0, 4, true);  // what logit 0 hangs on
    stripe(x.row(n), 7, 11, false);
  }
  CraftOptions options;
  options.node = "relu";
  options.rank = 2;
  options.crop = 4;
  options.explained = 3;
  int64_t told = 0, total = 0;
  options.progress = [&](int64_t done, int64_t all) { told = done, total = all; };
  const Craft found = craft(subject, x, options);
  EXPECT_EQ(told, total);
  ASSERT_EQ(found.concepts.size(), 2u);
  EXPECT_EQ(found.crops, 6 * 16);
  EXPECT_LT(found.error, 0.3);
  EXPECT_LT(found.lost, 0.2);
  EXPECT_GT(found.concepts[0].importance, 0.8);
  EXPECT_LT(found.concepts[1].importance, 0.2);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_LE(found.concepts[0].crops[i].column, 3) << "the left half";
    EXPECT_GE(found.concepts[1].crops[i].column, 6);
  }
  EXPECT_EQ(found.maps.shape(), (Shape{3, 2, 12, 12}));
  for (int64_t n = 0; n < 3; ++n) {
    double left = 0, right = 0;
    for (int64_t i = 0; i < 144; ++i) (i % 12 < 6 ? left : right) += found.maps.row(n)[static_cast<size_t>(i)];
    EXPECT_GT(left, 3 * right);
  }
  options.node = "flatten";
  EXPECT_THROW_SAYING(craft(subject, x, options), "one with positions");
  options.node = "conv.conv";
  EXPECT_THROW_SAYING(craft(subject, x, options), "below 0");
}

}  // namespace
}  // namespace convscope
