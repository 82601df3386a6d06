#include "convscope/train/whitening.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/data/images8.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"

namespace convscope {
namespace {

/** Pictures whose neighbouring pixels are alike: random ones, blurred along rows. */
std::shared_ptr<const Dataset> smooth_pictures(int64_t count) {
  const Shape shape{count, 2, 6, 6};
  std::vector<uint8_t> levels(static_cast<size_t>(shape.size()));
  double before = 128;
  for (size_t i = 0; i < levels.size(); ++i) {
    before = 0.6 * before + 0.4 * 255 * RandomStream(3, "smooth").uniform(i);
    levels[i] = static_cast<uint8_t>(before);
  }
  return std::make_shared<Images8>(shape, levels, std::vector<int32_t>(static_cast<size_t>(count)), std::vector<std::string>{"one"});
}

TEST(Whitening, MakesPatchesOfTheNormalisedPicturesWhite) {
  const auto data = smooth_pictures(40);
  const Normalization normalization{{0.4, 0.5}, {0.2, 0.25}};
  const WhiteningAxes axes = whitening_axes(*data, normalization, 2, 2);
  Tensor filters({16, 2, 2, 2});
  whitening_filters(axes, {.eps = 0}, filters);

  // The second moment of what the first eight filters give, over all patches, is the identity.
  std::vector<double> moments(64);
  std::vector<float> x(72);
  int patches = 0;
  for (int64_t n = 0; n < data->size(); ++n) {
    data->pixels(n, 0, x);
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 5; ++j, ++patches) {
        double y[8] = {};
        for (int k = 0; k < 8; ++k)
          for (int p = 0; p < 8; ++p) {
            const int c = p / 4, row = i + p / 2 % 2, column = j + p % 2;
            const double pixel = (x[static_cast<size_t>(c * 36 + row * 6 + column)] - normalization.mean[static_cast<size_t>(c)]) /
                                 normalization.std[static_cast<size_t>(c)];
            y[k] += filters[k * 8 + p] * pixel;
          }
        for (size_t a = 0; a < 8; ++a)
          for (size_t b = 0; b < 8; ++b) moments[a * 8 + b] += y[a] * y[b];
      }
  }
  for (size_t a = 0; a < 8; ++a)
    for (size_t b = 0; b < 8; ++b) EXPECT_NEAR(moments[a * 8 + b] / patches, a == b ? 1 : 0, 1e-3) << a << ", " << b;
  for (int64_t i = 0; i < 64; ++i) EXPECT_EQ(filters[64 + i], -filters[i]);
}

TEST(Whitening, FillsInTheFrozenFiltersOfANetworkAndNothingElse) {
  const auto data = smooth_pictures(4);
  const Graph network = models().make("airbench", {{"width", 4}, {"wide", 4}})->build({2, 32, 32}, 3, {{0.5}, {0.25}});
  const auto before = initialise(network, 1);
  auto after = before;
  fill_whitening(network, *data, {{0.5}, {0.25}}, after);
  for (const ParameterInfo& p : parameters(network)) {
    const float changed = max_difference(before.at(p.name), after.at(p.name));
    EXPECT_EQ(changed > 0, p.name == "whiten.weight") << p.name;
    EXPECT_TRUE(!p.trained || p.name != "whiten.weight");
  }
}

}  // namespace
}  // namespace convscope
