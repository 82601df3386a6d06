// Holds for every row of the table, also for the one you are adding.

#include <cmath>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/inspect/attribution/integrated_gradients.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/inspect/attribution/occlusion.h"
#include "convscope/subject/linear_testing.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

using testing_network::only;
using testing_network::random_images;
using testing_subject::LinearSubject;

struct Asked {
  LinearSubject subject{{2, 8, 6}, 5};
  Tensor x = random_images(6, {2, 8, 6});
  Question question{{}, {0, 1, 2, 3, 4, 0}, {1, 1, 2, 0, 4, 3}, 1, {10, 11, 12, 13, 14, 15}};
  Question of(int64_t n) const {
    const auto i = static_cast<size_t>(n);
    return {question.objective, {question.targets[i]}, {question.labels[i]}, question.seed, {question.numbers[i]}};
  }
};

/** Every method on a small network. */
class EveryAttribution : public ::testing::TestWithParam<std::string> {
 protected:
  struct OfNetwork : Asked {
    NetworkSubject subject = testing_network::small_network({2, 8, 6}, 2);
  };
  std::unique_ptr<Attribution> method = attributions().make(GetParam());
  OfNetwork asked;
};

TEST_P(EveryAttribution, OfWhatIsNoNetworkIsTheSameOrRefusedInALine) {
  Asked linear;
  try {
    const Maps maps = method->explain(linear.subject, linear.x, linear.question);
    EXPECT_EQ(maps.values.shape()[0], 6);
    EXPECT_GT(max_abs(maps.values.span()), 0);
    EXPECT_EQ(method->explain(linear.subject, only(linear.x, 4), linear.of(4)).values.shape()[0], 1);
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("node by node"), std::string::npos) << e.what();
  }
}

TEST_P(EveryAttribution, GivesAFiniteMapForEachImage) {
  const Maps maps = method->explain(asked.subject, asked.x, asked.question);
  ASSERT_EQ(maps.values.shape().rank(), 4);
  EXPECT_EQ(maps.values.shape()[0], 6);
  EXPECT_TRUE(maps.values.shape()[1] == 1 || maps.values.shape()[1] == 2);
  EXPECT_EQ(maps.values.shape()[2], 8);
  EXPECT_EQ(maps.values.shape()[3], 6);
  EXPECT_TRUE(all_finite(maps.values.span()));
  EXPECT_GT(max_abs(maps.values.span()), 0);
  if (!method->has_sign()) {
    for (const float v : maps.values.span()) EXPECT_GE(v, 0);
  }
}

TEST_P(EveryAttribution, GivesTheSameMapWhateverTheOtherImagesAre) {
  const Maps all = method->explain(asked.subject, asked.x, asked.question);
  for (const int64_t n : {4, 0}) {
    const Maps alone = method->explain(asked.subject, only(asked.x, n), asked.of(n));
    EXPECT_LT(max_difference(alone.values, only(all.values, n)), 1e-6 * max_abs(all.values.span())) << n;
  }
}

TEST_P(EveryAttribution, OfAnEmptyImageHasNoNaN) {
  const Tensor black({1, 2, 8, 6});
  EXPECT_TRUE(all_finite(method->explain(asked.subject, black, asked.of(0)).values.span()));
}

/** One reads a recording and asks no network: recorder_test.cpp. */
std::vector<std::string> asking_the_network() {
  std::vector<std::string> names = attributions().names();
  std::erase(names, "training-path");
  return names;
}

/** The same question about other targets. */
Question of_other_targets(Question question) {
  for (int64_t& target : question.targets) target = (target + 1) % 5;
  return question;
}

TEST_P(EveryAttribution, ChangesWithTheTargetIfAndOnlyIfItSaysSo) {
  const Tensor own = method->explain(asked.subject, asked.x, asked.question).values;
  EXPECT_EQ(max_difference(own, method->explain(asked.subject, asked.x, of_other_targets(asked.question)).values) > 0,
            takes_target(method->answers()));
}

TEST_P(EveryAttribution, ChangesWithTheTrueClassIfAndOnlyIfItIsOfItsLoss) {
  const Tensor own = method->explain(asked.subject, asked.x, asked.question).values;
  Question other = asked.question;
  for (int64_t& label : other.labels) label = (label + 1) % 5;
  EXPECT_EQ(max_difference(own, method->explain(asked.subject, asked.x, other).values) > 0, method->answers() == Answers::true_loss);
}

TEST_P(EveryAttribution, RefusesATargetExactlyWhereItTakesNone) {
  const auto refuses = [&](const char* target, const char* of) {
    try {
      require_answerable(*method, GetParam(), target, of);
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refuses("predicted", "logits"));  // the default
  EXPECT_EQ(refuses("3", "logits"), !takes_target(method->answers()));
  EXPECT_EQ(refuses("conv1:3", "logits"), method->answers() != Answers::target);
  const bool no_number = method->answers() == Answers::nothing || method->answers() == Answers::activations;
  EXPECT_EQ(refuses("predicted", "softmax"), method->answers() == Answers::true_loss || no_number);
  EXPECT_TRUE(refuses("conv1:3", "softmax"));
}

TEST_P(EveryAttribution, HasWordsForItsColours) {
  EXPECT_FALSE(method->legend().empty());
  EXPECT_EQ(method->has_sign() && method->answers() != Answers::nothing, method->legend().find("red: ") != std::string::npos)
      << method->legend();
}

INSTANTIATE_TEST_SUITE_P(Table, EveryAttribution, ::testing::ValuesIn(asking_the_network()), [](const auto& test) {
  std::string name = test.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

TEST(GradientTimesInputOfALinearNetwork, IsWeightTimesPixel) {
  Asked a;
  const Maps maps = attributions().make("gradient-x-input")->explain(a.subject, a.x, a.question);
  for (int64_t n = 0; n < 6; ++n)
    for (int64_t i = 0; i < a.x.shape().inner(); ++i)
      EXPECT_FLOAT_EQ(maps.values.row(n)[i], a.subject.weight().row(a.question.targets[static_cast<size_t>(n)])[i] * a.x.row(n)[i]);
}

TEST(IntegratedGradientsMethod, AreCompleteOnALinearNetworkWithOneStep) {
  Asked a;
  for (const char* baseline : {"black", "white", "grey", "mean", "noise"}) {
    const Maps maps = IntegratedGradients({.steps = 1, .baseline = baseline}).explain(a.subject, a.x, a.question);
    for (const Completeness& c : maps.completeness) EXPECT_LT(c.gap, 1e-5) << baseline;
  }
}

TEST(IntegratedGradientsMethod, TakeMoreStepsUntilTheToleranceHolds) {
  Asked a;
  a.question.objective.of = Objective::Of::softmax;
  const auto worst = [&](double tolerance) {
    const Maps maps = IntegratedGradients({.steps = 1, .baseline = "white", .tolerance = tolerance, .most_steps = 4096})
                          .explain(a.subject, a.x, a.question);
    double largest = 0;
    for (const Completeness& c : maps.completeness) largest = std::max(largest, c.gap / std::abs(c.difference));
    return largest;
  };
  EXPECT_GT(worst(0), 1e-3);
  EXPECT_LE(worst(1e-4), 1e-4);
}

TEST(IntegratedGradientsMethod, WithManyStepsIsWhatItsDoublingGives) {
  Asked a;
  a.question.objective.of = Objective::Of::softmax;
  const Maps doubled = IntegratedGradients({.steps = 4, .tolerance = 1e-9, .most_steps = 1024}).explain(a.subject, a.x, a.question);
  const Maps straight = IntegratedGradients({.steps = 4000}).explain(a.subject, a.x, a.question);
  EXPECT_LT(relative_error(doubled.values, straight.values), 1e-4);
}

TEST(IntegratedGradientsMethod, RefuseABaselineOfAnotherShapeAndUnknownOnes) {
  Asked a;
  EXPECT_THROW_SAYING(IntegratedGradients({.baseline = "blak"}).explain(a.subject, a.x, a.question), "black, white");
}

TEST(IntegratedGradientsMethod, RefusesABaselineThatIsNoPicture) {
  Asked a;
  const TemporaryFolder folder;
  Tensor baseline(a.x.shape().with_batch(1));
  fill(baseline, 0.5f);
  const std::string file = (folder / "baseline.npy").string();
  write_npy(file, baseline);
  EXPECT_NO_THROW(IntegratedGradients({.steps = 2, .baseline = file}).explain(a.subject, a.x, a.question));
  for (const float wrong : {255.0f, -0.1f, std::nanf("")}) {
    baseline[3] = wrong;
    write_npy(file, baseline);
    EXPECT_THROW_SAYING(IntegratedGradients({.steps = 2, .baseline = file}).explain(a.subject, a.x, a.question), "divide levels by 255");
  }
}

TEST(OcclusionMethod, OfALinearNetworkIsTheMeanOfWhatItsWindowsHeld) {
  Asked a;
  const Maps maps = Occlusion({.window = 3, .stride = 2, .measure = "target"}).explain(a.subject, a.x, a.question);
  // Pixel (0, 0) lies under the first window alone.
  const auto w = a.subject.weight().row(a.question.targets[1]);
  double held = 0;
  for (int64_t c = 0; c < 2; ++c)
    for (int64_t i = 0; i < 3; ++i)
      for (int64_t j = 0; j < 3; ++j) held += static_cast<double>(w[c * 48 + i * 6 + j]) * a.x.row(1)[c * 48 + i * 6 + j];
  EXPECT_NEAR(maps.values.row(1)[0], held, 1e-5);
}

TEST(OcclusionMethod, RefusesWindowsThatDoNotFit) {
  Asked a;
  EXPECT_THROW_SAYING(Occlusion({.window = 9}).explain(a.subject, a.x, a.question), "larger than the image");
  EXPECT_THROW_SAYING(Occlusion({.window = 2, .stride = 3}).explain(a.subject, a.x, a.question), "leaves pixels out");
  EXPECT_THROW_SAYING(Occlusion({.fill = "1.5"}), "level from 0 to 1");
}

TEST(SmoothGradMethod, WithoutNoiseIsItsMethod) {
  Asked a;
  const Maps plain = attributions().make("integrated-gradients")->explain(a.subject, a.x, a.question);
  const Maps smooth = attributions()
                          .make(parse_choice("smoothgrad,method=integrated-gradients/steps=50,sigma=0,count=2"))
                          ->explain(a.subject, a.x, a.question);
  EXPECT_LT(relative_error(smooth.values, plain.values), 1e-6);
}

TEST(SmoothGradMethod, GivesTheSquareAndTheVarianceOfTheSameCopies) {
  Asked a;
  a.question.objective.of = Objective::Of::softmax;
  const auto map = [&](const char* statistic) {
    return attributions()
        .make(parse_choice(fmt::format("smoothgrad,count=5,statistic={}", statistic)))
        ->explain(a.subject, a.x, a.question)
        .values;
  };
  const Tensor mean = map("mean"), square = map("square"), variance = map("variance");
  EXPECT_GT(max_abs(variance.span()), 0);
  for (int64_t i = 0; i < mean.size(); ++i) EXPECT_NEAR(variance[i], square[i] - mean[i] * mean[i], 1e-6 * max_abs(square.span()));
  EXPECT_THROW_SAYING(attributions().make(parse_choice("smoothgrad,statistic=median")), "variance");
}

TEST(TheMapOfSeveralChannels, KeepsSlopesThatASumWouldCancel) {
  const std::vector<float> map{0.5f, -2.0f, -0.5f, 1.0f};  // two channels of two pixels
  std::vector<float> plane(2);
  flatten_channels(map, ShownChannels::added, plane);
  EXPECT_EQ(plane, (std::vector<float>{0.0f, -1.0f}));
  flatten_channels(map, ShownChannels::farthest, plane);
  EXPECT_EQ(plane, (std::vector<float>{0.5f, -2.0f}));
  for (const char* slopes : {"gradient", "loss-gradient", "gradient-image", "training-path", "random", "smoothgrad"})
    EXPECT_EQ(attributions().make(slopes)->shown_channels(), ShownChannels::farthest) << slopes;
  for (const char* shares : {"gradient-x-input", "loss-gradient-x-input", "integrated-gradients"})
    EXPECT_EQ(attributions().make(shares)->shown_channels(), ShownChannels::added) << shares;
}

TEST(TheLegendOfIntegratedGradients, NamesWhereItsPathBegins) {
  EXPECT_NE(IntegratedGradients({.baseline = "white"}).legend().find("from white to the image"), std::string::npos);
  EXPECT_NE(IntegratedGradients({}).legend().find("from black to the image"), std::string::npos);
}

TEST(TheLegendOfIntegratedGradients, IsTrueOfTheMap) {
  // From white every pixel darkens: where its weight is above 0 the number falls on the way, and the map is below 0.
  Asked a;
  const Maps maps = IntegratedGradients({.steps = 1, .baseline = "white"}).explain(a.subject, a.x, a.question);
  for (int64_t i = 0; i < a.x.shape().inner(); ++i) {
    const float weight = a.subject.weight().row(a.question.targets[0])[static_cast<size_t>(i)];
    EXPECT_LE(maps.values.row(0)[static_cast<size_t>(i)] * weight, 0);
  }
}

}  // namespace
}  // namespace convscope
