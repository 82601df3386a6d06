#include "convscope/data/corruption.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "convscope/base/base_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/data/corrupted.h"
#include "convscope/data/corruptions/frost_texture.h"
#include "convscope/data/corruptions/spatter.h"
#include "convscope/data/corruptions/weather.h"
#include "convscope/data/data_testing.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {
using namespace testing_data;

namespace {

constexpr uint64_t kSeed = 3;

/** tools/make_corruption_fixtures.py describes them. */
const TensorFile& fixtures() {
  static const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "corruptions.safetensors");
  return file;
}

/** Picture n of [N, C, H, W] bytes. */
std::vector<float> pixels_of_bytes(const Tensor& bytes, int64_t n) {
  std::vector<float> x;
  for (const float level : bytes.row(n)) x.push_back(level / 255);
  return x;
}

std::vector<float> corrupted(std::string_view name, int64_t severity, const Shape& shape, std::vector<float> x, uint64_t number = 0,
                             uint64_t seed = kSeed) {
  Corrupter(name, severity, seed).apply(number, 0, shape, x);
  return x;
}

Planes planes_of(std::span<const float> levels, int64_t rows, int64_t columns) {
  Planes x(1, rows, columns);
  std::ranges::transform(levels, x.values.begin(), [](float v) { return v / 255.0; });
  return x;
}

class EveryCorruption : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryCorruption, ::testing::ValuesIn(corruptions().names()), [](const auto& param) { return param.param; });

TEST_P(EveryCorruption, GivesWhole255thsOfPicturesOfAnySizeInColourAndGrey) {
  for (const Shape& shape : {Shape{3, 32, 32}, Shape{1, 28, 28}, Shape{3, 40, 30}, Shape{3, 70, 90}}) {
    std::vector<float> x(static_cast<size_t>(shape.size()));
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 37 + i / 300 * 11) % 256) / 255;
    for (int64_t severity = 1; severity <= kSeverities; ++severity) {
      const std::vector<float> y = corrupted(GetParam(), severity, shape, x);
      for (const float v : y)
        ASSERT_TRUE(v >= 0 && v <= 1 && std::abs(v * 255 - std::round(v * 255)) < 1e-4) << fmt::format("{} gives {}", shape, v);
      const bool grey_saturation = GetParam() == "saturate" && shape[0] == 1;  // grey has none to change
      EXPECT_TRUE(grey_saturation || y != x) << fmt::format("does something to {}", shape);
    }
  }
}

TEST_P(EveryCorruption, IsAFunctionOfSeedPictureAndSeverity) {
  const Shape shape{3, 32, 32};
  const std::vector<float> x = pixels_of_bytes(fixtures().tensors.at("pictures"), 0);
  const std::vector<float> y = corrupted(GetParam(), 3, shape, x, 5);
  EXPECT_EQ(corrupted(GetParam(), 3, shape, x, 5), y);
  EXPECT_NE(corrupted(GetParam(), 4, shape, x, 5), y);
  const bool chance = !fixtures().tensors.contains(GetParam());
  EXPECT_EQ(corrupted(GetParam(), 3, shape, x, 6) != y, chance);
  EXPECT_EQ(corrupted(GetParam(), 3, shape, x, 5, kSeed + 1) != y, chance);
}

TEST_P(EveryCorruption, WithoutChanceIsTheDefinitionToOne255th) {
  const auto& tensors = fixtures().tensors;
  for (const std::string prefix : {"", "grey/"}) {
    const auto wanted = tensors.find(prefix + GetParam());
    if (wanted == tensors.end()) continue;
    const Shape& shape = wanted->second.shape();  // [5, N, C, 32, 32]
    const Tensor pictures = tensors.at("pictures");
    const int64_t size = shape[2] * shape[3] * shape[4];
    int64_t far = 0;
    for (int64_t severity = 1; severity <= kSeverities; ++severity)
      for (int64_t n = 0; n < shape[1]; ++n) {
        std::vector<float> x = pixels_of_bytes(pictures, n);
        x.resize(static_cast<size_t>(size));
        const std::vector<float> y = corrupted(GetParam(), severity, {shape[2], shape[3], shape[4]}, x);
        for (int64_t i = 0; i < size; ++i) {
          const float off = std::abs(y[static_cast<size_t>(i)] * 255 - wanted->second[((severity - 1) * shape[1] + n) * size + i]);
          ASSERT_LE(off, 1.01f) << prefix << " severity " << severity << ", picture " << n << ", number " << i;
          far += off > 0.5f;
        }
      }
    EXPECT_LT(static_cast<double>(far), 0.02 * static_cast<double>(wanted->second.size())) << "numbers off by one";
  }
}

TEST_P(EveryCorruption, WithChanceChangesAThousandPicturesAsTheDefinitionDoes) {
  const Path file = Path(CONVSCOPE_FIXTURES) / "corruptions.json";
  const Json told = read_json(file);
  if (!told.contains(GetParam())) GTEST_SKIP() << "without chance, or with textures of our own";
  constexpr int64_t kDraws = 1000;
  constexpr double kErrors = 4.5 * 1.4142;  // both sides are drawn
  constexpr double kRounding = 0.06;        // of whole 255ths in between, where libraries round otherwise
  const Tensor& pictures = fixtures().tensors.at("pictures");
  for (int64_t severity = 1; severity <= kSeverities; ++severity) {
    const Corrupter corrupter(GetParam(), severity, kSeed);
    double mean = 0, square = 0;
    for (int64_t n = 0; n < kDraws; ++n) {
      const std::vector<float> x = pixels_of_bytes(pictures, n % pictures.shape()[0]);
      std::vector<float> y = x;
      corrupter.apply(static_cast<uint64_t>(n), 0, {3, 32, 32}, y);
      for (size_t i = 0; i < x.size(); ++i) {
        const double change = 255.0 * (y[i] - x[i]);
        mean += change / static_cast<double>(kDraws * std::ssize(x));
        square += change * change / static_cast<double>(kDraws * std::ssize(x));
      }
    }
    const Json& wanted = told.at(GetParam()).at(static_cast<size_t>(severity - 1));
    EXPECT_NEAR(mean, wanted["mean"].get<double>(), kErrors * wanted["mean_error"].get<double>() + kRounding) << "severity " << severity;
    EXPECT_NEAR(std::sqrt(square), wanted["root_mean_square"].get<double>(),
                kErrors * wanted["root_mean_square_error"].get<double>() + kRounding)
        << "severity " << severity;
  }
}

TEST(Corruptions, AreFifteenThatCountAndFourMore) {
  const std::vector<std::string> names = corruptions().names();
  EXPECT_EQ(names.size(), 19u);
  EXPECT_EQ(std::ranges::count_if(names, [](const std::string& name) { return counted(name); }), 15);
}

TEST(Corruptions, AreChosenByNameInTheTablesOrder) {
  EXPECT_EQ(parse_corruptions("all"), corruptions().names());
  EXPECT_EQ(parse_corruptions("jpeg-compression+fog"), (std::vector<std::string>{"fog", "jpeg_compression"}));
  EXPECT_THROW_SAYING(parse_corruptions("fogg"), "no corruption 'fogg'; did you mean 'fog'?");
  EXPECT_THROW_SAYING(parse_corruptions("fog+fog"), "fog stands there twice");
  EXPECT_THROW_SAYING(parse_corruptions("fog+"), "names of corruptions with + between them");
}

TEST(Corruptions, RefuseWhatTheyCannotChange) {
  EXPECT_THROW_SAYING(check_corruptible({2, 32, 32}), "grey or colour");
  EXPECT_THROW_SAYING(check_corruptible({3, 4, 32}), "sides from 8 pixels on");
  EXPECT_THROW_SAYING(Corrupter("fog", 6, 1), "fog: severity 6; 1 to 5 was wanted");
}

TEST(Corruptions, OfDataKeepAllButThePixels) {
  const auto base = counting_images({6, 3, 20, 17}, 3);
  const Corrupted fog(base, "fog", 2, kSeed);
  EXPECT_EQ(fog.size(), base->size());
  EXPECT_EQ(fog.label(4), base->label(4));
  EXPECT_EQ(fog.number(4), base->number(4));
  EXPECT_NE(pixels_of(fog, 4), pixels_of(*base, 4));
  EXPECT_TRUE(fog.levels(4).empty());
}

TEST(DefocusBlur, BlursSmallPicturesAtEverySeverity) {
  const Shape shape{1, 28, 28};
  std::vector<float> x(784);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 37 + i / 300 * 11) % 256) / 255;
  double before = 0;
  for (int64_t severity = 1; severity <= kSeverities; ++severity) {
    const std::vector<float> y = corrupted("defocus_blur", severity, shape, x);
    double change = 0;
    for (size_t i = 0; i < x.size(); ++i) change += std::pow(static_cast<double>(y[i]) - x[i], 2);
    EXPECT_GE(change, before) << severity;
    before = change;
  }
}

TEST(MotionBlur, GoesAlongItsAngleAsTheFixtureDoes) {
  const auto& tensors = fixtures().tensors;
  const Planes x = planes_of(tensors.at("pictures").row(0).first(32 * 32), 32, 32);
  constexpr double kAngles[] = {0, 30, -45, -90, -120};
  for (int64_t k = 0; k < 5; ++k) {
    const Planes y = motion_blurred(x, 8, 2, kAngles[k]);
    for (size_t i = 0; i < y.values.size(); ++i)
      EXPECT_NEAR(y.values[i] * 255, tensors.at("motion").row(k)[i], 1.01) << "angle " << kAngles[k] << ", pixel " << i;
  }
}

TEST(Spatter, ShinesAsOpenCvsEdgesDistancesAndReliefSay) {
  const auto& tensors = fixtures().tensors;
  const Tensor &layers = tensors.at("spatter-layer"), &wanted = tensors.at("spatter-shine");
  for (int64_t n = 0; n < layers.shape()[0]; ++n) {
    Planes layer = planes_of(layers.row(n), 32, 32);
    for (double& v : layer.values) v += v > 0 ? 0.5 / 255 : 0;  // whole levels, whatever rounding does
    const Planes shine = water_shine(layer, 1, 1);
    for (size_t i = 0; i < shine.values.size(); ++i)
      EXPECT_NEAR(shine.values[i] * 255, wanted.row(n)[i], 2.5) << "layer " << n << ", pixel " << i;
  }
}

TEST(Plasma, CoversZeroToOne) {
  const RandomStream stream(kSeed, "plasma");
  Chance chance(stream, 0, 0);
  const Planes map = plasma(32, 2, chance);
  EXPECT_EQ(std::ranges::min(map.values), 0);
  EXPECT_EQ(std::ranges::max(map.values), 1);
}

TEST(Frost, HasTexturesOfMiddlingBrightness) {
  for (int64_t k = 0; k < kFrostTextures; ++k) {
    double mean = 0;
    for (const double v : frost_texture(k).values) mean += v / static_cast<double>(frost_texture(k).values.size());
    EXPECT_GT(mean, 0.4);
    EXPECT_LT(mean, 0.7);
  }
}

TEST(Chance, DrawsPoissonNumbersOfTheirMeanAndVariance) {
  const RandomStream stream(kSeed, "chance");
  Chance chance(stream, 0, 0);
  for (const double mean : {0.5, 4.0, 12.0, 300.0}) {
    constexpr int kDraws = 40'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double k = chance.poisson(mean);
      sum += k;
      squares += k * k;
    }
    const double found = sum / kDraws, variance = squares / kDraws - found * found;
    EXPECT_NEAR(found, mean, 4.5 * std::sqrt(mean / kDraws));
    EXPECT_NEAR(variance / mean, 1, 0.05);
  }
  EXPECT_EQ(chance.poisson(0), 0);
}

}  // namespace
}  // namespace convscope
