#include "convscope/study/alias_under_attack.h"

#include <algorithm>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/data/images8.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/study/alias_into.h"
#include "convscope/subject/network_subject.h"

namespace convscope {
namespace {

/** A small network that drops samples, and random pictures with labels at random. */
class AliasingUnderAttack : public ::testing::Test {
 protected:
  static constexpr int64_t kCount = 12;

  AliasingUnderAttack() {
    std::vector<uint8_t> levels(static_cast<size_t>(kCount * 28 * 28));
    std::vector<int32_t> labels;
    const RandomStream random(3, "pictures under attack");
    for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(random.below(256, i));
    const Images8 unlabelled({kCount, 1, 28, 28}, levels, std::vector<int32_t>(kCount), classes);
    Tensor x({kCount, 1, 28, 28});
    for (int64_t n = 0; n < kCount; ++n) unlabelled.pixels(n, 0, x.row(n));
    for (const int64_t y : predicted(subject, x)) labels.push_back(static_cast<int32_t>(labels.size() % 4 == 3 ? (y + 1) % 7 : y));
    data = std::make_unique<Images8>(Shape{kCount, 1, 28, 28}, levels, labels, classes);
    for (int64_t i = 0; i < kCount; ++i) indices.push_back(i);
  }
  AliasingCurve sweep(const char* name, UnderAttackOptions options) {
    options.attack = parse_choice("pgd,steps=3");
    return alias_under_attack(folder / name, subject, *data, indices, options);
  }

  TemporaryFolder folder;
  std::vector<std::string> classes{"a", "b", "c", "d", "e", "f", "g"};
  Graph graph = models().make(parse_choice("lenet,width=4"))->build({1, 28, 28}, 7);
  NetworkSubject subject{graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 8}};
  std::unique_ptr<Images8> data;
  std::vector<int64_t> indices;
};

TEST_F(AliasingUnderAttack, BeginsWithTheImagesAsTheyAre) {
  const AliasingCurve curve = sweep("a", {.epsilons = {0, 0.1}, .network = "lenet", .data = "noise"});
  ASSERT_EQ(curve.points.size(), 2u);
  EXPECT_EQ(curve.points[0].accuracy, 9.0 / 12) << "every fourth has another label";
  EXPECT_LT(curve.points[1].accuracy, curve.points[0].accuracy);
  const std::shared_ptr<const Dataset> images(data.get(), [](const Dataset*) {});
  const Aliased clean = alias_into(folder / "clean", subject, aliasing_images(images, indices, "noise"), {.network = "lenet"});
  const AliasingNumbers numbers(folder / "clean" / kAliasing, clean.record);
  std::vector<double> shares;
  for (int64_t n = 0; n < kCount; ++n) {
    double sum = 0;
    for (int64_t s = 0; s < numbers.signals(); ++s) sum += numbers.at(n, s).published.aliased + numbers.at(n, s).published.tangled;
    shares.push_back(sum / static_cast<double>(numbers.signals()));
  }
  std::sort(shares.begin(), shares.end());
  EXPECT_NEAR(curve.points[0].median, shares[kCount / 2], 1e-6);
  EXPECT_NEAR(curve.points[0].low, shares.front(), 1e-6);
  EXPECT_NEAR(curve.points[0].high, shares.back(), 1e-6);
}

TEST_F(AliasingUnderAttack, GoesOnBehindItsLastPointToTheSameCurve) {
  const std::vector<double> epsilons{0, 0.02, 0.1};
  const Json whole = fields_to_json(sweep("whole", {.epsilons = epsilons, .network = "lenet", .data = "noise"}));
  UnderAttackOptions first{.epsilons = {0, 0.02}, .network = "lenet", .data = "noise"}, all = first;
  all.epsilons = epsilons;
  int points = 0;
  all.done = [&](const AliasingCurvePoint&) { ++points; };
  (void)sweep("parts", first);
  EXPECT_EQ(fields_to_json(sweep("parts", all)), whole);
  EXPECT_EQ(points, 1);
  all.network = "another";
  EXPECT_THROW_SAYING(sweep("parts", all), "is there already");
}

}  // namespace
}  // namespace convscope
