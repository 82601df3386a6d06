#include "convscope/data/corruptions/weather.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "convscope/data/corruptions/frost_texture.h"

namespace convscope {

Planes plasma(int64_t side, double decay, Chance& chance) {
  Planes map(1, side, side);
  const auto at = [&](int64_t i, int64_t j) -> double& { return map.at(0, (i + side) % side, (j + side) % side); };
  double wibble = 100;
  for (int64_t step = side; step >= 2; step /= 2) {
    const int64_t half = step / 2;
    const auto random = [&] { return wibble * chance.uniform(-wibble, wibble); };
    for (int64_t i = half; i < side; i += step)
      for (int64_t j = half; j < side; j += step)
        at(i, j) = (at(i - half, j - half) + at(i - half, j + half) + at(i + half, j - half) + at(i + half, j + half)) / 4 + random();
    for (int64_t i = 0; i < side; i += half)
      for (int64_t j = i % step == 0 ? half : 0; j < side; j += step)
        at(i, j) = (at(i - half, j) + at(i + half, j) + at(i, j - half) + at(i, j + half)) / 4 + random();
    wibble /= decay;
  }
  const auto [low, high] = std::ranges::minmax(map.values);
  for (double& v : map.values) v = high > low ? (v - low) / (high - low) : 0;
  return map;
}

void Fog::apply(int64_t severity, Chance& chance, Planes& x) const {
  struct Bank {
    double thick, decay;
  };
  constexpr std::array<Bank, kSeverities> kBanks = {{{0.2, 3}, {0.5, 3}, {0.75, 2.5}, {1, 2}, {1.5, 1.75}}};
  const auto [thick, decay] = at_severity(kBanks, severity);
  const int64_t side = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max(x.rows, x.columns))));
  const Planes map = plasma(side, decay, chance);
  const double most = *std::ranges::max_element(x.values), dim = most / (most + thick);
  for (int64_t c = 0; c < x.channels; ++c)
    for (int64_t i = 0; i < x.rows; ++i)
      for (int64_t j = 0; j < x.columns; ++j) x.at(c, i, j) = (x.at(c, i, j) + thick * map.at(0, i, j)) * dim;
}

void Frost::apply(int64_t severity, Chance& chance, Planes& x) const {
  struct Mix {
    double picture, ice;
  };
  constexpr std::array<Mix, kSeverities> kMixes = {{{1, 0.2}, {1, 0.3}, {0.9, 0.4}, {0.85, 0.4}, {0.75, 0.45}}};
  const auto [picture, ice] = at_severity(kMixes, severity);
  const Planes& texture = frost_texture(chance.below(kFrostTextures));
  const double scale = scale_of(x);
  const auto room = [&](int64_t has, int64_t wants) { return static_cast<double>(has - 1) - static_cast<double>(wants - 1) / scale; };
  const double top = std::max(0.0, std::floor(chance.uniform(0, room(texture.rows, x.rows))));
  const double left = std::max(0.0, std::floor(chance.uniform(0, room(texture.columns, x.columns))));
  for (int64_t i = 0; i < x.rows; ++i)
    for (int64_t j = 0; j < x.columns; ++j) {
      double colour[3];
      for (int64_t c = 0; c < 3; ++c)
        colour[c] = sample(texture, c, top + static_cast<double>(i) / scale, left + static_cast<double>(j) / scale, Border::reflect);
      if (x.channels == 1) colour[0] = luma(colour[0], colour[1], colour[2]);
      for (int64_t c = 0; c < x.channels; ++c) x.at(c, i, j) = picture * x.at(c, i, j) + ice * colour[c];
    }
}

void Snow::apply(int64_t severity, Chance& chance, Planes& x) const {
  struct Fall {
    double mean, deviation, zoom, least, radius, sigma, left;
  };
  constexpr std::array<Fall, kSeverities> kFalls = {{{0.1, 0.2, 1, 0.6, 8, 3, 0.95},
                                                     {0.1, 0.2, 1, 0.5, 10, 4, 0.9},
                                                     {0.15, 0.3, 1.75, 0.55, 10, 4, 0.9},
                                                     {0.25, 0.3, 2.25, 0.6, 12, 6, 0.85},
                                                     {0.3, 0.3, 1.25, 0.65, 14, 12, 0.8}}};
  const Fall& fall = at_severity(kFalls, severity);
  const double scale = scale_of(x);
  Planes flakes(1, x.rows, x.columns);
  for (double& v : flakes.values) v = fall.mean + fall.deviation * chance.normal();
  flakes = zoomed(flakes, std::max(1.0, fall.zoom * scale));
  for (double& v : flakes.values) v = v < fall.least ? 0 : cut_level(v);
  flakes = motion_blurred(flakes, fall.radius * scale, fall.sigma * scale, chance.uniform(-135, -45));
  const size_t plane = flakes.values.size();
  for (size_t i = 0; i < plane; ++i) {
    const bool colour = x.channels == 3;
    const double grey = colour ? luma(x.plane(0)[i], x.plane(1)[i], x.plane(2)[i]) : x.values[i];
    for (int64_t c = 0; c < x.channels; ++c) {
      double& v = x.plane(c)[i];
      v = fall.left * v + (1 - fall.left) * std::max(v, 1.5 * grey + 0.5) + flakes.values[i] + flakes.values[plane - 1 - i];
    }
  }
}

}  // namespace convscope
