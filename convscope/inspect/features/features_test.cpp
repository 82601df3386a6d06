#include <cmath>
#include <numbers>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/base/threads.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/inspect/features/fourier_image.h"
#include "convscope/inspect/features/phase_image.h"
#include "convscope/inspect/features/visualise.h"
#include "convscope/inspect/features/warp.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;
using namespace testing_network;
using Seen = VisualiseOptions::Seen;

std::vector<float> noise(int64_t count, float factor = 1, uint64_t part = 0) {
  const RandomStream random(2, "feature tests");
  std::vector<float> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(factor * random.normal(static_cast<uint64_t>(i), part));
  return all;
}

double dot(std::span<const float> a, std::span<const float> b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/** ∂⟨picture, weights⟩ by what the parametrisation says, against central differences. */
void expect_slope_of_differences(const Parametrisation& parameters, const Shape& image, std::vector<float> numbers, float step,
                                 const std::string& whose) {
  const std::vector<float> weights = noise(image.size(), 1, 1);
  std::vector<float> picture(weights.size()), slope(numbers.size());
  parameters.picture(numbers, picture);
  parameters.slope(numbers, picture, weights, slope);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const float own = numbers[i];
    std::vector<float> up(picture.size()), down(picture.size());
    numbers[i] = own + step, parameters.picture(numbers, up);
    numbers[i] = own - step, parameters.picture(numbers, down);
    numbers[i] = own;
    EXPECT_NEAR(slope[i], (dot(up, weights) - dot(down, weights)) / (2 * step), 5e-4) << whose << " " << i;
  }
}

TEST(PictureParametersOfFeatures, HaveTheSlopeOfFiniteDifferences) {
  for (const Shape& image : {Shape{3, 6, 5}, Shape{1, 5, 8}, Shape{2, 4, 4}})
    for (const bool fourier : {true, false})
      for (const bool decorrelate : {true, false}) {
        const PictureParameters parameters(image, {.fourier = fourier, .decorrelate = decorrelate, .decay = 1});
        expect_slope_of_differences(parameters, image, noise(parameters.size(), 0.2f), 1e-2f,
                                    fmt::format("{} {} {}", image, fourier, decorrelate));
      }
}

/** Pictures with as many colours as they have channels. */
SpectrumTemplate template_of(const Shape& image) {
  return spectrum_template(image, 5, [&](int64_t first, std::span<float> x) {
    const RandomStream random(4, "spectrum");
    const auto plane = static_cast<size_t>(image[1] * image[2]);
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = 0.4f + 0.1f * random.normal(i, static_cast<uint64_t>(first)) + 0.2f * random.normal(i % plane, 100 + i / plane / 3);
  });
}

TEST(PhasesOfFeatures, HaveTheSlopeOfFiniteDifferences) {
  for (const Shape& image : {Shape{3, 6, 5}, Shape{1, 5, 8}, Shape{2, 4, 4}}) {
    const PhaseParameters parameters(image, std::make_shared<SpectrumTemplate>(template_of(image)));
    expect_slope_of_differences(parameters, image, noise(parameters.size()), 1e-2f, fmt::format("{}", image));
  }
}

TEST(PhasesOfFeatures, LeaveTheMagnitudesAsTheTemplateHasThem) {
  for (const Shape& image : {Shape{3, 6, 5}, Shape{1, 5, 8}, Shape{3, 8, 8}}) {
    const auto spectrum = std::make_shared<SpectrumTemplate>(template_of(image));
    const PhaseParameters parameters(image, spectrum);
    std::vector<float> z(static_cast<size_t>(image.size()));
    parameters.planes(noise(parameters.size(), 2), z);
    EXPECT_NEAR(dot(z, z) / static_cast<double>(image.size()), 1, 1e-4) << fmt::format("{}", image);
    const HalfSpectrum transform(image[1], image[2]);
    const auto plane = static_cast<size_t>(image[1] * image[2]), half = static_cast<size_t>(image[1] * transform.half());
    std::vector<float> found(2 * half);
    for (size_t c = 0; c < static_cast<size_t>(image[0]); ++c) {
      transform.forward(std::span<const float>(z).subspan(c * plane, plane), found);
      for (size_t i = 0; i < half; ++i)
        EXPECT_NEAR(std::hypot(found[i], found[half + i]), spectrum->magnitude[c * half + i], 1e-3) << fmt::format("{} {} {}", image, c, i);
    }
  }
}

TEST(PhasesOfFeatures, OfPicturesOfOneColourAreRefused) {
  const auto grey = [](int64_t, std::span<float> x) { std::fill(x.begin(), x.end(), 0.5f); };
  EXPECT_THROW_SAYING(spectrum_template({1, 4, 4}, 3, grey), "of one colour");
}

/** As PyTorch's irfft2 has it: a wave of one frequency, and back. */
TEST(HalfSpectra, GoThereAndBack) {
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{4, 6}, {5, 7}, {1, 3}, {6, 1}}) {
    const HalfSpectrum transform(rows, columns);
    const std::vector<float> x = noise(rows * columns);
    std::vector<float> spectrum(static_cast<size_t>(2 * rows * transform.half())), back(x.size());
    transform.forward(x, spectrum);
    transform.inverse(spectrum, back);
    for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(back[i], x[i], 1e-5) << rows << " " << columns;
  }
}

TEST(PictureParametersOfFeatures, MakeAWaveOfOneFrequency) {
  const Shape image{1, 8, 8};
  const PictureParameters parameters(image, {.decay = 0});
  std::vector<float> numbers(static_cast<size_t>(parameters.size())), picture(64);
  numbers[2 * 5 + 1] = 1;  // two cycles down, one across; the scale is √64
  parameters.picture(numbers, picture);
  for (size_t i = 0; i < 64; ++i) {
    const double phase = 2 * std::numbers::pi * (2 * static_cast<double>(i / 8) + static_cast<double>(i % 8)) / 8;
    EXPECT_NEAR(picture[i], 1 / (1 + std::exp(-2 * 8.0 / 64 / 4 * std::cos(phase))), 1e-6) << i;
  }
}

TEST(WarpsOfFeatures, HaveTheTransposeAsTheirSlope) {
  const Shape image{2, 9, 7};
  const Warp by{.degrees = 8, .scale = 1.07, .down = 2, .right = -1};
  const std::vector<float> x = noise(image.size()), g = noise(image.size(), 1, 1), black(x.size());
  std::vector<float> warped(x.size()), outside(x.size()), back(x.size());
  warp(x, image, by, warped);
  warp(black, image, by, outside);
  warp_slope(g, image, by, back);
  EXPECT_NEAR(dot(warped, g) - dot(outside, g), dot(x, back), 1e-4);
}

TEST(WarpsOfFeatures, ShiftWholePixelsExactlyAndAreGreyOutside) {
  const Shape image{1, 4, 5};
  const std::vector<float> x = noise(20);
  std::vector<float> out(20);
  warp(x, image, {}, out);
  EXPECT_EQ(out, x);
  warp(x, image, {.down = 1, .right = 2}, out);
  EXPECT_FLOAT_EQ(out[5 * 2 + 3], x[5 * 1 + 1]);
  EXPECT_FLOAT_EQ(out[3], 0.5f);
}

TEST(HighFrequencies, OfABoardAreAllAndOfASlowWaveNone) {
  const Shape image{1, 16, 16};
  std::vector<float> board(256), wave(256);
  for (size_t i = 0; i < 256; ++i) {
    board[i] = static_cast<float>((i / 16 + i % 16) % 2);
    wave[i] = static_cast<float>(std::cos(2 * std::numbers::pi * static_cast<double>(i % 16) / 16));
  }
  EXPECT_NEAR(high_frequency_share(board, image), 1, 1e-9);
  EXPECT_NEAR(high_frequency_share(wave, image), 0, 1e-9);
  EXPECT_EQ(high_frequency_share(std::vector<float>(256, 0.3f), image), 0);
}

/**
 * Between 0 and 1 the picture that drives a linear unit most is white where its weight is above 0, and black elsewhere; of Fourier's
 * numbers a step moves many pixels, and one that is nearly black or white hardly comes back. */
TEST(Features, OfALinearUnitAreItsFilter) {
  LinearSubject subject({1, 8, 6}, 3, 2);
  for (const bool fourier : {false, true}) {
    DrivenNumbers driven(subject, {}, {2, 0});
    const PictureParameters parameters({1, 8, 6}, {.fourier = fourier, .decay = 0});
    const Visualised made =
        visualise(driven, parameters, std::vector<int64_t>{0, 0}, {.steps = 600, .rate = fourier ? 1 : 0.1, .seen = Seen::as_it_is});
    for (int64_t n = 0; n < 2; ++n) {
      std::vector<float> signs, picture;
      for (const float w : subject.weight().row(n == 0 ? 2 : 0)) signs.push_back(w > 0 ? 0.5f : -0.5f);
      for (const float v : made.pictures.row(n)) picture.push_back(v - 0.5f);
      EXPECT_GE(dot(signs, picture) / std::sqrt(dot(signs, signs) * dot(picture, picture)), fourier ? 0.9 : 0.99) << n << fourier;
    }
    EXPECT_GT(made.end[0], made.begin[0]);
  }
  DrivenNumbers down(subject, {}, {1}, true);
  const Visualised least =
      visualise(down, PictureParameters({1, 8, 6}, {}), std::vector<int64_t>{0}, {.steps = 50, .seen = Seen::as_it_is});
  EXPECT_LT(least.end[0], least.begin[0]);
}

TEST(Features, AreTheSameWhateverOthersAreMadeAndHoweverManyThreadsThereAre) {
  LinearSubject subject({3, 8, 6}, 4, 2);
  const PictureParameters parameters({3, 8, 6}, {});
  for (const Seen seen : {Seen::warped, Seen::cropped}) {
    const auto made = [&](const std::vector<int64_t>& targets, const std::vector<int64_t>& draws) {
      DrivenNumbers driven(subject, {.of = Objective::Of::softmax}, targets);
      return visualise(driven, parameters, draws, {.steps = 20, .seen = seen, .crops = 3}).pictures;
    };
    const Tensor all = made({0, 3, 3, 1}, {0, 0, 1, 1}), alone = made({3}, {1});
    EXPECT_EQ(max_difference(Tensor(alone.shape(), std::span<const float>(all.row(2))), alone), 0);
    const int before = threads();
    set_threads(3);
    EXPECT_EQ(max_difference(made({0, 3, 3, 1}, {0, 0, 1, 1}), all), 0);
    set_threads(before);
    EXPECT_GT(max_difference(Tensor(alone.shape(), std::span<const float>(all.row(1))), alone), 0) << "another beginning";
  }
}

TEST(WarpsOfFeatures, OfCropsLieInsideThePicture) {
  const Shape image{1, 9, 12};
  const std::vector<float> white(108, 1.0f);
  std::vector<float> seen(108);
  for (uint64_t step = 0; step < 50; ++step) {
    const Warp by = random_crop(image, RandomStream(1, "crops"), step);
    EXPECT_GE(by.scale, 1);
    EXPECT_LE(by.scale, 2);
    warp(white, image, by, seen);
    for (const float v : seen) EXPECT_NEAR(v, 1, 1e-5);
  }
}

/** All kinds of terms, at two nodes. */
std::vector<FeatureSum> all_terms() {
  FeatureSum sum{"all", {}};
  sum.terms.push_back({.node = "relu2", .channel = 3});
  sum.terms.push_back({.of = FeatureTerm::Of::position, .factor = -0.5, .node = "relu1", .channel = 1, .row = 2, .column = 0});
  sum.terms.push_back({.of = FeatureTerm::Of::layer, .factor = 0.7, .node = "relu1"});
  sum.terms.push_back({.of = FeatureTerm::Of::direction, .factor = 2, .node = "conv1.conv", .direction = {1, -0.5f, 0.2f, 0, 0.3f, -1}});
  sum.terms.push_back({.of = FeatureTerm::Of::variation, .factor = -1e-2});
  return {sum};
}

TEST(SumsOfFeatures, HaveTheSlopeOfFiniteDifferences) {
  const Shape image{1, 6, 5};
  NetworkSubject subject = small_network(image);
  SeededNetwork network(subject, nodes_of(all_terms()));
  EXPECT_EQ(network.nodes().size(), 3u);
  for (const bool down : {false, true}) {
    DrivenSums driven(network, all_terms(), {0, 0}, {.down = down});
    Tensor x = random_images(2, image);
    const Tensor slope = driven.slopes(x, false).gradient;
    constexpr float kStep = 2e-3f;
    for (int64_t i = 0; i < 30; i += 3) {
      const float own = x[30 + i];
      x[30 + i] = own + kStep;
      const double up = driven.numbers(x)[1];
      x[30 + i] = own - kStep;
      const double below = driven.numbers(x)[1];
      x[30 + i] = own;
      EXPECT_NEAR(slope[30 + i], (down ? -1 : 1) * (up - below) / (2 * kStep), 0.02) << i;
    }
  }
}

TEST(SumsOfFeatures, KeepPicturesApartByTheSlopeOfTheirLikeness) {
  const Shape image{1, 6, 5};
  NetworkSubject subject = small_network(image);
  SeededNetwork network(subject, {"relu1"});
  const std::vector<FeatureSum> one{{"none", {{.factor = 0, .node = "relu1"}}}};
  constexpr double kWeight = 3;
  DrivenSums driven(network, one, {0, 0, 0}, {.diversity = kWeight});
  Tensor x = random_images(3, image);
  const auto unlike = [&] {
    const Tensor a = network.given(x);
    std::vector<std::vector<double>> grams;
    for (int64_t n = 0; n < 3; ++n) {
      std::vector<double> g(36);
      double squares = 0;
      for (size_t i = 0; i < 36; ++i) {
        g[i] = dot(a.row(n).subspan(i / 6 * 30, 30), a.row(n).subspan(i % 6 * 30, 30));
        squares += g[i] * g[i];
      }
      for (double& v : g) v /= std::sqrt(squares);
      grams.push_back(std::move(g));
    }
    double sum = 0;
    for (size_t i = 0; i < 3; ++i)
      for (size_t j = 0; j < 3; ++j)
        if (i != j) sum += std::inner_product(grams[i].begin(), grams[i].end(), grams[j].begin(), 0.0);
    return -kWeight / 3 * sum;
  };
  const Tensor slope = driven.slopes(x, false).gradient;
  constexpr float kStep = 2e-3f;
  for (int64_t i = 0; i < 90; i += 7) {
    const float own = x[i];
    x[i] = own + kStep;
    const double up = unlike();
    x[i] = own - kStep;
    const double below = unlike();
    x[i] = own;
    EXPECT_NEAR(slope[i], (up - below) / (2 * kStep), 2e-3) << i;
  }
}

TEST(SumsOfFeatures, AreReadAsTheyAreWritten) {
  const NetworkSubject subject = small_network({1, 6, 5});
  const Graph& graph = subject.graph();
  const std::vector<FeatureSum> sums = parse_feature_sums("relu2:3 - 0.5*relu1:1:2:0 + 1e-2*relu1 ;-relu2:0 - tv;", graph);
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].text, "relu2:3 - 0.5*relu1:1:2:0 + 1e-2*relu1");
  ASSERT_EQ(sums[0].terms.size(), 3u);
  EXPECT_EQ(sums[0].terms[0].channel, 3);
  EXPECT_EQ(sums[0].terms[1].of, FeatureTerm::Of::position);
  EXPECT_EQ(sums[0].terms[1].factor, -0.5);
  EXPECT_EQ(sums[0].terms[1].row, 2);
  EXPECT_EQ(sums[0].terms[2].of, FeatureTerm::Of::layer);
  EXPECT_EQ(sums[0].terms[2].factor, 0.01);
  EXPECT_EQ(sums[1].terms[0].factor, -1);
  EXPECT_EQ(sums[1].terms[1].of, FeatureTerm::Of::variation);
  EXPECT_EQ(nodes_of(sums), (std::vector<std::string>{"relu2", "relu1"}));
  for (const auto& [text, said] : {std::pair{"", "a term was wanted"},
                                   {"relu2:3 relu1", "+ or - was wanted before 'relu1'"},
                                   {"relu2:3 +", "a term was wanted at its end"},
                                   {"relu2 + + relu1", "a term was wanted before '+'"},
                                   {"tv", "a term of the network was wanted"},
                                   {"relu2:8", "8 is outside"},
                                   {"relu9:1", "relu9"},
                                   {"relu2:1:2", "NODE:CHANNEL:ROW:COLUMN was wanted"}})
    EXPECT_THROW_SAYING(parse_feature_sums(text, graph), said);
}

/** A rectifier that lets nothing through anywhere: behind a convolution whose biases are far below 0. */
NetworkSubject shut_network(const std::string& kind) {
  Net net({1, 6, 5}, 3);
  const Value low = net.op<AffineOp>("low", {net.conv("conv1", net.pixels(), 4, 3), net.builder.parameter("factor", {4}, "zeros"),
                                             net.builder.parameter("shift", {4}, "zeros")});
  const Value shut = kind == "relu"    ? net.relu("shut", low)
                     : kind == "relu6" ? net.op<Relu6Op>("shut", {low})
                                       : net.op<MultiplyOp>("shut", {low, net.op<ClampOp>("gate", {low}, {.low = 0, .high = 1})});
  const Graph graph = std::move(net.builder).finish(net.dense("fc", net.pooled(shut), 2));
  std::map<std::string, Tensor> tensors;
  for (const ParameterInfo& p : parameters(graph)) {
    Tensor t(p.shape);
    for (int64_t i = 0; i < t.size(); ++i)
      t[i] = p.name == "shift" ? -8.0f : p.name == "factor" ? 1.0f : RandomStream(1, p.name).normal(static_cast<uint64_t>(i));
    tensors.emplace(p.name, std::move(t));
  }
  return {graph, std::make_shared<Weights>(graph, tensors), {.batch = 4}};
}

TEST(RedirectedRectifiers, AreOpenedWhereNothingOfAPictureGoesThrough) {
  for (const char* kind : {"relu", "relu6", "hard swish"}) {
    NetworkSubject subject = shut_network(kind);
    SeededNetwork network(subject, {"shut"});
    DrivenSums driven(network, {{"", {{.node = "shut", .channel = 1}}}}, {0}, {});
    const Tensor x = random_images(1, {1, 6, 5});
    EXPECT_EQ(max_abs(driven.slopes(x, false).gradient.span()), 0) << kind;
    const SeededNetwork::Slopes opened = driven.slopes(x, true);
    EXPECT_EQ(opened.opened.front(), 1) << kind;
    // As if the rectifier were not there: the slope of the channel's mean before it.
    SeededNetwork before(subject, {"low"});
    DrivenSums linear(before, {{"", {{.node = "low", .channel = 1}}}}, {0}, {});
    EXPECT_LT(relative_error(opened.gradient, linear.slopes(x, false).gradient), 1e-5) << kind;
    DrivenSums down(network, {{"", {{.node = "shut", .channel = 1}}}}, {0}, {.down = true});
    EXPECT_EQ(down.slopes(x, true).opened.front(), 0) << "it is as low as it can be";
  }
}

TEST(RedirectedRectifiers, ThatLetSomethingThroughAreTheGradients) {
  const Shape image{3, 8, 6};
  NetworkSubject subject = small_network(image);
  SeededNetwork network(subject, {"fc.dense"});
  DrivenSums driven(network, {{"", {{.node = "fc.dense", .channel = 2}}}}, {0, 0, 0, 0, 0}, {});
  const Tensor x = random_images(5, image);
  const SeededNetwork::Slopes plain = driven.slopes(x, false), opened = driven.slopes(x, true);
  EXPECT_LT(relative_error(opened.gradient, plain.gradient), 1e-5);
  EXPECT_EQ(opened.opened, std::vector<int64_t>(5));
  const Slope slope = subject.slope(x, {}, std::vector<int64_t>(5, 2));
  EXPECT_LT(relative_error(plain.gradient, slope.gradient), 1e-5);
  const std::vector<double> numbers = driven.numbers(x);
  for (size_t n = 0; n < numbers.size(); ++n) EXPECT_NEAR(numbers[n], slope.value[n], 1e-5);
}

/** Networks with smooth and with bounded rectifiers, of grey pictures and of colours. */
TEST(Features, OfAllKindsOfNetworksClimb) {
  for (const int64_t channels : {1, 3})
    for (const bool silu : {false, true}) {
      const Shape image{channels, 9, 7};
      Net net(image, 2);
      const Value inner = net.conv("conv1", net.pixels(), 6, 3);
      const Value act = silu ? net.silu("act", inner) : net.op<Relu6Op>("act", {inner});
      NetworkSubject subject = net.subject(net.dense("fc", net.pooled(act), 3));
      SeededNetwork network(subject, {"act"});
      DrivenSums driven(network, {{"", {{.node = "act", .channel = 1}}}, {"", {{.of = FeatureTerm::Of::layer, .node = "act"}}}}, {0, 1},
                        {});
      const auto spectrum = std::make_shared<SpectrumTemplate>(template_of(image));
      const PictureParameters fourier(image, {});
      const PhaseParameters phases(image, spectrum);
      for (const Parametrisation* way : std::initializer_list<const Parametrisation*>{&fourier, &phases}) {
        const bool maco = way == &phases;
        const Visualised made =
            visualise(driven, *way, std::vector<int64_t>{0, 1},
                      {.steps = 30, .rate = maco ? 0.5 : 0.05, .nesterov = maco, .seen = maco ? Seen::cropped : Seen::warped, .crops = 2});
        for (size_t n = 0; n < 2; ++n) EXPECT_GT(made.end[n], made.begin[n]) << channels << silu << maco << n;
        EXPECT_GT(max_abs(made.transparency.span()), 0);
      }
    }
}

}  // namespace
}  // namespace convscope
