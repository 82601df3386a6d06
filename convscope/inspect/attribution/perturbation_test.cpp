// Methods that hide parts of a picture, against closed forms and their slow twins.

#include <bit>
#include <cmath>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/inspect/attribution/ablation.h"
#include "convscope/inspect/attribution/least_squares.h"
#include "convscope/inspect/attribution/quality/planted_testing.h"
#include "convscope/inspect/attribution/rise.h"
#include "convscope/inspect/attribution/surrogate.h"
#include "convscope/inspect/attribution/xrai.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;
using testing_subject::PlantedSubject;

/** A few superpixels of noise, so that all coalitions can be asked. */
struct Few {
  LinearSubject subject{{2, 8, 6}, 5, 1, 4};  // its softmax is far from linear
  Tensor x{Shape{2, 2, 8, 6}};
  Question question{{.of = Objective::Of::softmax}, {0, 3}, {}, 1, {}};
  SuperpixelOptions options{.segments = 6, .compactness = 1000};  // nearly squares

  Few() {
    const RandomStream random(5, "pictures of few superpixels");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
  }

  /** Σ_{S without i} |S|! (M − |S| − 1)! / M! (f(S ∪ i) − f(S)), all 2^M coalitions. */
  std::vector<double> exact(const SuperpixelImages& images, int64_t n) {
    const auto count = static_cast<size_t>(images.count(n));
    std::vector<double> f;
    for (size_t s = 0; s < size_t{1} << count; ++s) {
      Coalition seen(count);
      for (size_t i = 0; i < count; ++i) seen[i] = s >> i & 1;
      Tensor picture(x.shape().with_batch(1));
      images.write(n, seen, picture.span());
      f.push_back(
          values(subject.table(picture, question.objective), question.objective, {&question.targets[static_cast<size_t>(n)], 1})[0]);
    }
    std::vector<double> phi(count);
    for (size_t i = 0; i < count; ++i)
      for (size_t s = 0; s < f.size(); ++s)
        if (!(s >> i & 1)) {
          const auto size = static_cast<double>(std::popcount(s)), all = static_cast<double>(count);
          phi[i] += std::exp(std::lgamma(size + 1) + std::lgamma(all - size) - std::lgamma(all + 1)) * (f[s | size_t{1} << i] - f[s]);
        }
    return phi;
  }
  Tensor exact_map(std::vector<double>* differences = nullptr) {
    const SuperpixelImages images(x, options, "test");
    std::vector<std::vector<double>> shares;
    for (int64_t n = 0; n < 2; ++n) {
      EXPECT_LE(images.count(n), 10);
      EXPECT_GE(images.count(n), 3);
      shares.push_back(exact(images, n));
      if (differences) differences->push_back(std::accumulate(shares.back().begin(), shares.back().end(), 0.0));
    }
    return images.map(shares);
  }
};

TEST(KernelShapMethod, OfAllCoalitionsIsTheExactShapleyValue) {
  Few few;
  std::vector<double> differences;
  const Tensor exact = few.exact_map(&differences);
  const Maps maps = KernelShap({.superpixels = few.options}).explain(few.subject, few.x, few.question);
  EXPECT_LT(relative_error(maps.values, exact), 1e-6);
  for (size_t n = 0; n < 2; ++n) {
    EXPECT_NEAR(maps.completeness[n].difference, differences[n], 1e-6);
    EXPECT_EQ(maps.surrogates[n].stability, 1);
    EXPECT_GT(maps.surrogates[n].r2, 0.3);
    EXPECT_LE(maps.surrogates[n].r2, 1);
  }
}

TEST(KernelShapMethod, OfDrawnCoalitionsComesNear) {
  Few few;
  few.options.segments = 12;
  const SuperpixelImages images(few.x, few.options, "test");
  const Tensor exact = images.map({few.exact(images, 0), few.exact(images, 1)});
  const Maps maps = KernelShap({.samples = 700, .superpixels = few.options}).explain(few.subject, few.x, few.question);
  for (int64_t n = 0; n < 2; ++n) {
    ASSERT_GT((int64_t{1} << images.count(n)) - 2, 700) << "not all of them are asked";
    EXPECT_EQ(maps.surrogates[static_cast<size_t>(n)].samples, 700);
  }
  EXPECT_LT(relative_error(maps.values, exact), 0.15);
  EXPECT_GT(relative_error(maps.values, exact), 0);
  EXPECT_NEAR(std::accumulate(maps.values.row(0).begin(), maps.values.row(0).end(), 0.0), maps.completeness[0].difference, 1e-5);
}

TEST(ShapleySamplingMethod, IsWithinThreeStandardErrorsOfTheExactValue) {
  Few few;
  const Tensor exact = few.exact_map();
  // Each run of one order is a sample of the map.
  constexpr int kRuns = 200;
  std::vector<double> sum(static_cast<size_t>(exact.size())), squares(sum.size());
  for (int run = 0; run < kRuns; ++run) {
    few.question.seed = static_cast<uint64_t>(run) + 1;
    const Maps one = ShapleySampling({.permutations = 1, .superpixels = few.options}).explain(few.subject, few.x, few.question);
    for (size_t i = 0; i < sum.size(); ++i) {
      const double v = one.values[static_cast<int64_t>(i)];
      sum[i] += v;
      squares[i] += v * v;
    }
    for (const Completeness& c : one.completeness) EXPECT_LT(c.gap, 1e-5);
  }
  for (size_t i = 0; i < sum.size(); ++i) {
    const double mean = sum[i] / kRuns, error = std::sqrt(std::max(0.0, squares[i] / kRuns - mean * mean) / kRuns);
    EXPECT_NEAR(mean, exact[static_cast<int64_t>(i)], 3 * error + 1e-6) << i;
  }
}

TEST(ShapleyMethods, AndAblationAgreeOnALinearNetwork) {
  Few few;
  few.question.objective = {};
  const Tensor ablation = FeatureAblation(few.options).explain(few.subject, few.x, few.question).values;
  EXPECT_LT(
      relative_error(ShapleySampling({.permutations = 2, .superpixels = few.options}).explain(few.subject, few.x, few.question).values,
                     ablation),
      1e-4);
  EXPECT_LT(relative_error(KernelShap({.superpixels = few.options}).explain(few.subject, few.x, few.question).values, ablation), 1e-4);
  // The model that LIME fits is the network's own, but for what the ridge holds small.
  const Maps lime = Lime({.ridge = 0, .superpixels = few.options}).explain(few.subject, few.x, few.question);
  EXPECT_LT(relative_error(lime.values, ablation), 1e-3);
  EXPECT_NEAR(lime.surrogates[0].r2, 1, 1e-6);
  EXPECT_NEAR(lime.surrogates[0].stability, 1, 1e-6);
}

TEST(LimeMethod, TellsThatTooFewSamplesAreNotStable) {
  Few few;
  few.options.segments = 48;
  const auto stability = [&](int64_t samples) {
    return Lime({.samples = samples, .superpixels = few.options}).explain(few.subject, few.x, few.question).surrogates[1].stability;
  };
  EXPECT_LT(stability(100), 0.9);
  EXPECT_GT(stability(20'000), 0.95);
}

TEST(RiseMethod, IsItsDefinitionAndFindsThePlantedPatch) {
  PlantedSubject subject;
  const Tensor x = PlantedSubject::pictures(2);
  const Question question{{.of = Objective::Of::softmax}, {1, 1}, {}, 7, {}};
  const Rise rise({.masks = 50, .cells = 4});
  const Maps maps = rise.explain(subject, x, question);
  std::vector<double> shown(256), seen(256);
  double sum = 0;
  for (int64_t k = 0; k < 50; ++k) {
    const std::vector<float> mask = rise.mask(16, 16, 7, k);
    Tensor masked(x.shape().with_batch(1));
    for (size_t i = 0; i < 256; ++i) masked[static_cast<int64_t>(i)] = x.row(1)[i] * mask[i];
    const double f = subject.table(masked, question.objective)[1];
    for (size_t i = 0; i < 256; ++i) shown[i] += f * mask[i], seen[i] += mask[i];
    sum += f;
  }
  for (size_t i = 0; i < 256; ++i) EXPECT_NEAR(maps.values.row(1)[i], (shown[i] - sum / 50 * seen[i]) / (50 * 0.5), 1e-6);

  const Maps many = Rise({.masks = 4000, .cells = 6}).explain(subject, x, question);
  double inside = 0;
  PlantedSubject::each_planted([&](int64_t i) { inside += many.values.row(0)[static_cast<size_t>(i)] / 16; });
  const double all = std::accumulate(many.values.row(0).begin(), many.values.row(0).end(), 0.0) / 256;
  EXPECT_GT(inside, 3 * std::abs(all));
}

TEST(MasksOfRise, AreOpenAsOftenAsIsAskedAndSmooth) {
  const Rise rise({.masks = 1, .cells = 7, .open = 0.3});
  double sum = 0;
  for (int64_t k = 0; k < 400; ++k) {
    const std::vector<float> mask = rise.mask(28, 28, 1, k);
    for (size_t i = 0; i < mask.size(); ++i) {
      EXPECT_GE(mask[i], 0);
      EXPECT_LE(mask[i], 1);
      if (i % 28 == 0) continue;
      EXPECT_LE(std::abs(mask[i] - mask[i - 1]), 0.25f + 1e-6f) << "a cell of 4 pixels is crossed in at least 4 steps";
    }
    sum += std::accumulate(mask.begin(), mask.end(), 0.0);
  }
  EXPECT_NEAR(sum / (400 * 28 * 28), 0.3, 0.02);
}

TEST(XraiMethod, CoversByTheLargestMeanOfWhatIsBare) {
  // Pixels 0 and 1 have the mean 4; then pixel 2 of the second piece is bare, then the rest of the third.
  const std::vector<float> values{5, 3, 2, 0, 1, -9};
  EXPECT_EQ(cover(values, {{0, 1}, {1, 2}, {2, 3, 4}}, 1), (std::vector<float>{4, 4, 2, 0.5f, 0.5f, -9}));
  // A piece that would cover one pixel alone is left out.
  EXPECT_EQ(cover(values, {{0, 1}, {1, 2}, {2, 3, 4}}, 2), (std::vector<float>{4, 4, 1, 1, 1, -9}));
}

TEST(XraiMethod, FindsThePlantedPatch) {
  PlantedSubject subject;
  const Tensor x = PlantedSubject::pictures(2);
  const Maps maps = Xrai({}).explain(subject, x, {{}, {1, 1}, {}, 1, {}});
  double inside = 0;
  PlantedSubject::each_planted([&](int64_t i) { inside += maps.values.row(1)[static_cast<size_t>(i)]; });
  const double all = std::accumulate(maps.values.row(1).begin(), maps.values.row(1).end(), 0.0);
  EXPECT_GT(inside, 0.6 * all);
}

TEST(MethodsThatHide, RefuseBudgetsAndCutsThatTellNothing) {
  Few few;
  for (const char* none : {"rise,masks=0", "shapley-sampling,permutations=0", "kernel-shap,samples=0", "lime,samples=0"})
    EXPECT_THROW_SAYING(attributions().make(parse_choice(none)), "is 1 to ");
  for (const char* method : {"feature-ablation", "shapley-sampling", "kernel-shap", "lime"}) {
    EXPECT_THROW_SAYING(attributions().make(parse_choice(std::string(method) + ",segments=1")), "of one superpixel nothing can be told");
    EXPECT_THROW_SAYING(attributions().make(parse_choice(std::string(method) + ",fill=blak")), "did you mean 'black'");
    const Tensor dot({1, 2, 1, 1});
    EXPECT_THROW_SAYING(attributions().make(method)->explain(few.subject, dot, {{}, {0}, {}, 1, {}}), "is one superpixel");
  }
  EXPECT_THROW_SAYING(Lime({.samples = 20}).explain(few.subject, few.x, few.question), "lime: samples is 20 for");
  EXPECT_THROW_SAYING(KernelShap({.samples = 20}).explain(few.subject, few.x, few.question), "kernel-shap: samples is 20 for");
}

TEST(LeastSquaresOfSums, SolveWhatTheyAreGiven) {
  // y = 2 z₀ − z₁ + 3, weights that do not matter.
  LeastSquares sums(2);
  for (const auto& [a, b, w] : {std::array<double, 3>{0, 0, 1}, {1, 0, 2}, {0, 1, 3}, {1, 1, 0.5}, {2, 1, 1}})
    sums.add(w, std::array<double, 2>{a, b}, 2 * a - b + 3);
  const auto fit = sums.fit(0, true);
  EXPECT_NEAR(fit.beta[0], 2, 1e-9);
  EXPECT_NEAR(fit.beta[1], -1, 1e-9);
  EXPECT_NEAR(fit.residual, 0, 1e-9);
  EXPECT_GT(sums.variation(), 1);
}

}  // namespace
}  // namespace convscope
