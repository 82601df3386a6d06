#include "convscope/train/clipping.h"

#include <cmath>
#include <vector>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {
namespace {

std::vector<float> normal(size_t count) {
  const RandomStream random(5, "gradient");
  std::vector<float> all(count);
  for (size_t i = 0; i < count; ++i) all[i] = random.normal(i);
  return all;
}

double norm_of(const std::vector<float>& g) {
  double sum = 0;
  for (const float v : g) sum += static_cast<double>(v) * v;
  return std::sqrt(sum);
}

TEST(Clipping, GivesWhatPyTorchGives) {
  const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "optimisers.safetensors");
  std::vector<float> all, wanted;
  for (const int i : {0, 1}) {
    const Tensor &gradient = file.tensors.at(fmt::format("clip/grad{}", i)), &clipped = file.tensors.at(fmt::format("clip/clipped{}", i));
    all.insert(all.end(), gradient.data(), gradient.data() + gradient.size());
    wanted.insert(wanted.end(), clipped.data(), clipped.data() + clipped.size());
  }
  clip_gradients(all, 1.5, 0.75);
  for (size_t i = 0; i < all.size(); ++i) EXPECT_NEAR(all[i], wanted[i], 1e-7) << i;
}

TEST(Clipping, ScalesToTheNormWhateverTheThreads) {
  constexpr size_t kLong = 100'003;
  const int usual = threads();
  const std::vector<float> start = normal(kLong);
  std::vector<float> one = start, three = start;
  set_threads(1);
  clip_gradients(one, 0, 2);
  set_threads(3);
  clip_gradients(three, 0, 2);
  set_threads(usual);
  EXPECT_EQ(one, three);
  EXPECT_NEAR(norm_of(one), 2, 1e-5);
  EXPECT_NEAR(one[7] / start[7], 2 / norm_of(start), 1e-7);
}

TEST(Clipping, LeavesSmallGradientsAndThoseOfNoRuleAsTheyAre) {
  const std::vector<float> start = normal(1001);
  std::vector<float> g = start;
  clip_gradients(g, 0, 0);
  EXPECT_EQ(g, start);
  clip_gradients(g, 100, 100);
  EXPECT_EQ(g, start);
}

TEST(Clipping, CutsNumbersAndKeepsZerosAndBrokenOnes) {
  std::vector<float> g{0, -0.5f, 3, -3, NAN, INFINITY, 1};
  clip_gradients(g, 1, 0);
  EXPECT_EQ(std::vector<float>(g.begin(), g.begin() + 4), (std::vector<float>{0, -0.5f, 1, -1}));
  EXPECT_TRUE(std::isnan(g[4]));
  EXPECT_EQ(g[5], 1);
  EXPECT_EQ(g[6], 1);
}

}  // namespace
}  // namespace convscope
