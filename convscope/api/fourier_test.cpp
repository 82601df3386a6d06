#include "convscope/api/fourier.h"

#include <cmath>
#include <numbers>

#include "convscope/api/api_testing.h"
#include "convscope/base/json_file.h"
#include "convscope/graph/builder.h"
#include "convscope/nn/linear.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

constexpr int64_t kSide = 8, kCount = 60;

/** Says 1 where the wave of 2 rows and 1 column is strong in a picture, with the sign that it has. */
Network wave_watcher() {
  Builder graph({1, kSide, kSide});
  const Value y = Linear({.features = 2}).build(graph, "linear", graph.pixels());
  Network network{std::move(graph).finish(y), {}, {"still", "waves"}, {}, "waves"};
  Tensor weight({2, kSide * kSide}), bias({2}, {0, -3});
  for (int64_t i = 0; i < kSide; ++i)
    for (int64_t j = 0; j < kSide; ++j)
      weight[kSide * kSide + i * kSide + j] = static_cast<float>(std::cos(2 * std::numbers::pi * static_cast<double>(2 * i + j) / kSide));
  network.tensors = {{"linear.weight", weight}, {"linear.bias", bias}};
  return network;
}

/** Grey pictures, all of them still. */
Pictures grey() {
  Tensor x({kCount, 1, kSide, kSide});
  fill(x, 0.5f);
  return {x, std::vector<int64_t>(kCount, 0), {"still", "waves"}, "grey"};
}

double at(const std::vector<std::vector<double>>& map, int64_t down, int64_t across) {
  const int64_t middle = std::ssize(map) / 2;
  return map[static_cast<size_t>(middle + down)][static_cast<size_t>(middle + across)];
}

TEST(Fourier, FindsTheFrequencyThatFoolsANetwork) {
  const FourierErrors f = measure_fourier(wave_watcher(), grey(), {.fourier_norm = 1, .fourier_grid = 31}).fourier;
  ASSERT_EQ(f.errors.size(), 7u) << "a picture of 8 rows has 7 frequencies with a mirror image";
  EXPECT_EQ(f.clean_error, 0);
  EXPECT_EQ(f.done, f.total);
  EXPECT_EQ(f.total, 25);
  // ⟨U, wave⟩ = √(64 / 2) = 5.7 is above 3 where the sign is up, for about half of the pictures.
  EXPECT_NEAR(at(f.errors, 2, 1), 0.5, 0.2);
  EXPECT_EQ(at(f.errors, 2, 1), at(f.errors, -2, -1));
  for (int64_t u = -3; u <= 3; ++u)
    for (int64_t v = -3; v <= 3; ++v) {
      if ((u == 2 && v == 1) || (u == -2 && v == -1)) continue;
      EXPECT_EQ(at(f.errors, u, v), 0) << u << " " << v;
      EXPECT_NEAR(at(f.gradient_energy, u, v), 0, 1e-9) << u << " " << v;
    }
  // The slope of its loss is the wave, whose energy lies at the two frequencies.
  EXPECT_NEAR(at(f.gradient_energy, 2, 1), 0.5, 1e-6);
  EXPECT_NEAR(at(f.gradient_energy, -2, -1), 0.5, 1e-6);
  EXPECT_NEAR(f.rings[2].gradient_energy, 1, 1e-6) << "√5 waves are nearest to 2";
}

TEST(Fourier, DrawsTheSameSignsAgain) {
  const auto errors = [](uint64_t seed) {
    Setting setting;
    setting.seed = seed;
    return measure_fourier(wave_watcher(), grey(), {.fourier_norm = 1, .fourier_grid = 5}, {}, setting).fourier.errors;
  };
  EXPECT_EQ(errors(1), errors(1));
  EXPECT_NE(errors(1), errors(2));
}

TEST(Fourier, GoesOnWhereItWasStopped) {
  TemporaryFolder folder;
  const FourierOptions options{.fourier_norm = 1, .fourier_grid = 5};
  const FourierErrors whole = measure_fourier(wave_watcher(), grey(), options, folder / "out").fourier;
  for (const std::string_view file : {kFourier, kFourierArray, kFourierGradientArray})
    EXPECT_TRUE(std::filesystem::exists(folder / "out" / file));
  EXPECT_TRUE(std::filesystem::exists(folder / "out" / kFigures / "fourier.png"));
  EXPECT_EQ(read_npy(folder / "out" / kFourierArray).shape(), (Shape{5, 5}));

  // As it would lie there in the middle: one frequency known (otherwise than it would be found), one not.
  Json record = read_json(folder / "out" / kFourier);
  record["fourier"]["errors"][2][2] = 0.25;
  record["fourier"]["errors"][4][3] = nullptr;
  write_json(folder / "out" / kFourier, record);
  std::string told;
  Setting setting;
  setting.say = [&](std::string_view line) { told += line; };
  const FourierErrors again = measure_fourier(wave_watcher(), grey(), options, folder / "out", setting).fourier;
  EXPECT_EQ(again.errors[2][2], 0.25) << "what is known is not asked again";
  EXPECT_EQ(again.errors[4][3], whole.errors[4][3]);
  // Another question does not go on with it, nor does another seed; `force` asks anew.
  Setting seventh;
  seventh.seed = 7;
  seventh.force = true;
  const FourierErrors of_seven = measure_fourier(wave_watcher(), grey(), options, folder / "out", seventh).fourier;
  EXPECT_EQ(of_seven.errors[2][2], whole.errors[2][2]);
  record = read_json(folder / "out" / kFourier);
  record["fourier"]["errors"][2][2] = 0.25;
  write_json(folder / "out" / kFourier, record);
  seventh.force = false;
  EXPECT_EQ(measure_fourier(wave_watcher(), grey(), options, folder / "out", seventh).fourier.errors[2][2], 0.25);
  EXPECT_EQ(measure_fourier(wave_watcher(), grey(), options, folder / "out").fourier.errors[2][2], whole.errors[2][2]);
  EXPECT_EQ(measure_fourier(wave_watcher(), grey(), {.fourier_norm = 2, .fourier_grid = 5}, folder / "out").fourier.errors[2][2], 0);
}

TEST(Fourier, SaysWhatItCannotBe) {
  EXPECT_THROW_SAYING(measure_fourier(wave_watcher(), grey(), {.fourier_grid = 4}), "`fourier_grid` 4: an odd number");
  EXPECT_THROW_SAYING(measure_fourier(wave_watcher(), grey(), {.fourier_norm = -1}), "`fourier_norm` -1");
}

}  // namespace
}  // namespace convscope
