#include "convscope/data/corruptions/spatter.h"

#include <algorithm>
#include <cmath>

#include "convscope/data/corruptions/edges.h"

namespace convscope {

namespace {

struct Splash {
  double mean, deviation, sigma, least, strength;
  bool mud;
};
constexpr std::array<Splash, kSeverities> kSplashes = {{{0.62, 0.1, 0.7, 0.7, 0.5, false},
                                                        {0.65, 0.1, 0.8, 0.7, 0.5, false},
                                                        {0.65, 0.3, 1, 0.69, 0.5, false},
                                                        {0.65, 0.1, 0.7, 0.69, 0.6, true},
                                                        {0.65, 0.1, 0.5, 0.68, 0.6, true}}};

/** Drawn on a grid of about 32 points a side. */
Planes liquid(const Planes& x, const Splash& splash, Chance& chance) {
  const auto points = [&](int64_t n) { return std::llround(static_cast<double>(n) / scale_of(x)); };
  Planes layer(1, points(x.rows), points(x.columns));
  for (double& v : layer.values) v = splash.mean + splash.deviation * chance.normal();
  layer = stretched(gaussian_blurred(layer, splash.sigma), x.rows, x.columns);
  for (double& v : layer.values)
    if (v < splash.least) v = 0;
  return layer;
}

void add(Planes& x, const Planes& amount, const double (&colour)[3]) {
  for (int64_t c = 0; c < x.channels; ++c) {
    const double light = x.channels == 3 ? colour[c] : luma(colour[0], colour[1], colour[2]);
    for (int64_t i = 0; i < x.plane_size(); ++i) x.plane(c)[static_cast<size_t>(i)] += amount.values[static_cast<size_t>(i)] * light;
  }
}

}  // namespace

Planes water_shine(const Planes& layer, double strength, double scale) {
  Planes levels = layer;
  for (double& v : levels.values) v = std::floor(std::min(1.0, v) * 255);
  Planes relief = box_blurred(distance_to(canny(levels, 50, 150), 20 * scale));
  for (double& v : relief.values) v = std::min(255.0, std::floor(static_cast<double>(static_cast<float>(v))));
  constexpr Tap kRelief[] = {{-1, -1, -2}, {-1, 0, -1}, {0, -1, -1}, {0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 2}};
  relief = filtered(equalised(relief), kRelief, Border::reflect101);
  for (double& v : relief.values) v = std::clamp(v, 0.0, 255.0);
  relief = box_blurred(relief);
  double most = 0;
  for (size_t i = 0; i < relief.values.size(); ++i) {
    relief.values[i] = levels.values[i] * std::nearbyint(relief.values[i]);
    most = std::max(most, relief.values[i]);
  }
  for (double& v : relief.values) v = most > 0 ? v / most * strength : 0;
  return relief;
}

void Spatter::apply(int64_t severity, Chance& chance, Planes& x) const {
  const Splash& splash = at_severity(kSplashes, severity);
  const Planes layer = liquid(x, splash, chance);
  if (!splash.mud) {
    constexpr double kPaleTurquoise[3] = {175 / 255.0, 238 / 255.0, 238 / 255.0};
    add(x, water_shine(layer, splash.strength, scale_of(x)), kPaleTurquoise);
    return;
  }
  constexpr double kBrown[3] = {63 / 255.0, 42 / 255.0, 20 / 255.0};
  Planes cover = layer;
  for (double& v : cover.values) v = v > splash.least ? 1 : 0;
  cover = gaussian_blurred(cover, splash.strength * scale_of(x));
  for (double& v : cover.values)
    if (v < 0.8) v = 0;
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < x.plane_size(); ++i) x.plane(c)[static_cast<size_t>(i)] *= 1 - cover.values[static_cast<size_t>(i)];
  add(x, cover, kBrown);
}

}  // namespace convscope
