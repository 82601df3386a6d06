#include "convscope/nn/initialisers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/graph/builder.h"

namespace convscope {
namespace {

constexpr uint64_t kSeed = 7;

/** A network whose only nodes are the pictures and these parameters of equal shape and initialiser. */
Graph network_of(const std::vector<std::string>& names, const Shape& shape, std::string_view init) {
  Builder graph({1, 2, 2});
  for (const std::string& name : names) graph.parameter(name, shape, init);
  const Value pixels = graph.pixels();
  return std::move(graph).finish(pixels);
}

Tensor parameter_of(const Shape& shape, std::string_view init, uint64_t seed = kSeed) {
  return initialise(network_of({"w"}, shape, init), seed).at("w");
}

std::vector<float> numbers(const Tensor& t) { return {t.span().begin(), t.span().end()}; }

double mean_of(const Tensor& t) {
  double sum = 0;
  for (const float v : t.span()) sum += v;
  return sum / static_cast<double>(t.size());
}

double deviation_of(const Tensor& t) {
  const double mean = mean_of(t);
  double sum = 0;
  for (const float v : t.span()) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / static_cast<double>(t.size()));
}

class EveryInitialiser : public testing::TestWithParam<std::string> {};

TEST_P(EveryInitialiser, GivesAParameterTheSameNumbersWhateverStandsBesideIt) {
  const Shape shape{16, 8, 3, 3};
  const auto alone = initialise(network_of({"b"}, shape, GetParam()), kSeed);
  const auto beside = initialise(network_of({"c", "b", "a"}, shape, GetParam()), kSeed);
  EXPECT_EQ(numbers(alone.at("b")), numbers(beside.at("b")));
  EXPECT_TRUE(all_finite(alone.at("b").span()));
}

TEST_P(EveryInitialiser, GivesTheSameNumbersWithAnyCountOfThreads) {
  const Shape shape{64, 64, 3, 3};
  const int before = threads();
  set_threads(1);
  const Tensor one = parameter_of(shape, GetParam());
  set_threads(3);
  const Tensor three = parameter_of(shape, GetParam());
  set_threads(before);
  EXPECT_EQ(numbers(one), numbers(three));
}

INSTANTIATE_TEST_SUITE_P(OfTheTable, EveryInitialiser, testing::ValuesIn(initialisers().names()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

struct Spread {
  std::string init;
  double deviation;
  double bound;  // of uniform numbers; 0: none
};

class RandomInitialiser : public testing::TestWithParam<Spread> {};

// 64 filters of 32 channels and 3×3: fan-in 288, fan-out 576, 18,432 numbers. Expected values are the definitions.
TEST_P(RandomInitialiser, HasTheSpreadOfItsDefinition) {
  const Spread& wanted = GetParam();
  const Tensor t = parameter_of({64, 32, 3, 3}, wanted.init);
  const double count = static_cast<double>(t.size());
  constexpr double kSigmas = 5;
  EXPECT_NEAR(mean_of(t), 0, kSigmas * wanted.deviation / std::sqrt(count));
  EXPECT_NEAR(deviation_of(t), wanted.deviation, kSigmas * wanted.deviation / std::sqrt(2 * count));
  if (wanted.bound > 0) {
    EXPECT_LE(max_abs(t.span()), wanted.bound * 1.000001);
    EXPECT_GE(max_abs(t.span()), wanted.bound * 0.999);
  } else {
    EXPECT_GT(max_abs(t.span()), 3 * wanted.deviation);  // a normal distribution has tails
  }
}

INSTANTIATE_TEST_SUITE_P(OnAWeight, RandomInitialiser,
                         testing::Values(Spread{"normal", 1, 0}, Spread{"normal,std=0.01", 0.01, 0},
                                         Spread{"uniform,bound=0.5", 0.5 / std::sqrt(3), 0.5}, Spread{"he-normal", std::sqrt(2.0 / 288), 0},
                                         Spread{"he-normal,mode=fan-out", std::sqrt(2.0 / 576), 0},
                                         Spread{"he-uniform", std::sqrt(2.0 / 288), std::sqrt(6.0 / 288)},
                                         Spread{"he-uniform,mode=fan-out", std::sqrt(2.0 / 576), std::sqrt(6.0 / 576)},
                                         Spread{"glorot-normal", std::sqrt(2.0 / 864), 0},
                                         Spread{"glorot-uniform", std::sqrt(2.0 / 864), std::sqrt(6.0 / 864)},
                                         Spread{"pytorch", 1 / std::sqrt(3.0 * 288), 1 / std::sqrt(288.0)},
                                         Spread{"pytorch,fan_in=27", 1 / std::sqrt(3.0 * 27), 1 / std::sqrt(27.0)},
                                         Spread{"scaled-normal", 1 / std::sqrt(288.0), 0}));

TEST(Initialisers, FillWithConstants) {
  EXPECT_EQ(numbers(parameter_of({3}, "zeros")), std::vector<float>(3, 0.0f));
  EXPECT_EQ(numbers(parameter_of({3}, "ones")), std::vector<float>(3, 1.0f));
  EXPECT_EQ(numbers(parameter_of({3}, "constant,value=0.25")), std::vector<float>(3, 0.25f));
  EXPECT_NEAR(mean_of(parameter_of({20000}, "normal,mean=4")), 4, 5 / std::sqrt(20000.0));
}

TEST(Initialisers, GiveEachNameAndEachSeedNumbersOfItsOwn) {
  const auto both = initialise(network_of({"a", "b"}, {20000}, "normal"), kSeed);
  const Tensor other_seed = parameter_of({20000}, "normal", kSeed + 1);
  const auto correlation = [](const Tensor& a, const Tensor& b) {
    double sum = 0;
    for (int64_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum / static_cast<double>(a.size());
  };
  constexpr double kFiveSigmas = 5 / 141.4;  // of the mean of 20,000 products of N(0, 1)
  EXPECT_NEAR(correlation(both.at("a"), both.at("b")), 0, kFiveSigmas);
  EXPECT_NEAR(correlation(parameter_of({20000}, "normal"), other_seed), 0, kFiveSigmas);
}

TEST(Initialisers, HandChannelsOnByDirac) {
  const Shape shape{8, 5, 3, 3};
  const Tensor dirac = parameter_of(shape, "dirac"), random = parameter_of(shape, "pytorch");
  for (int64_t k = 0; k < 5; ++k)
    for (int64_t i = 0; i < 45; ++i) EXPECT_EQ(dirac[k * 45 + i], i == k * 9 + 4 ? 1 : 0) << k << ", " << i;
  for (int64_t i = 5 * 45; i < dirac.size(); ++i) EXPECT_EQ(dirac[i], random[i]);
}

TEST(Initialisers, WhitenByDirectionsAndTheirNegatives) {
  const WhiteningAxes axes{{4, 1}, Tensor({2, 2}, {0.6f, 0.8f, -0.8f, 0.6f})};
  Tensor filters({5, 2, 1, 1});
  whitening_filters(axes, {.eps = 0}, filters);
  EXPECT_EQ(numbers(filters), (std::vector<float>{0.3f, 0.4f, -0.8f, 0.6f, -0.3f, -0.4f, 0.8f, -0.6f, 0.3f, 0.4f}));
  EXPECT_EQ(numbers(parameter_of({4, 2, 1, 1}, "whitening,eps=3")), (std::vector<float>{0.5f, 0, 0, 0.5f, -0.5f, 0, 0, -0.5f}));
}

TEST(Initialisers, CountFansAsThePapersDo) {
  EXPECT_EQ(fans({10, 64}).in, 64);
  EXPECT_EQ(fans({10, 64}).out, 10);
  EXPECT_EQ(fans({64, 32, 3, 3}).in, 288);
  EXPECT_EQ(fans({64, 32, 3, 3}).out, 576);
  EXPECT_EQ(fans({8, 1, 5, 5}).in, 25);  // depthwise: C / groups = 1
}

TEST(Initialisers, TellABiasTheFanInOfItsWeight) {
  EXPECT_EQ(bias_initialiser("pytorch", 27), "pytorch,fan_in=27");
  EXPECT_EQ(bias_initialiser("pytorch,fan_in=5", 27), "pytorch,fan_in=5");
  EXPECT_EQ(bias_initialiser("zeros", 27), "zeros");
}

std::string error_of(const Shape& shape, std::string_view init) {
  try {
    parameter_of(shape, init);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Initialisers, NameTheParameterAndWhatIsKnownWhenTheyCannotServe) {
  EXPECT_NE(error_of({3}, "ziros").find("parameter 'w': no initialiser 'ziros'; did you mean 'zeros'?"), std::string::npos);
  EXPECT_NE(error_of({3}, "he-normal").find("no fan-in"), std::string::npos);
  EXPECT_NE(error_of({3, 3}, "he-normal,mode=fan_in").find("did you mean 'fan-in'?"), std::string::npos);
  EXPECT_NE(error_of({3}, "normal,std=-1").find("cannot be -1"), std::string::npos);
}

}  // namespace
}  // namespace convscope
