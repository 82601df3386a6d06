#include "convscope/data/corruptions/frost_texture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "convscope/data/corruptions/weather.h"

namespace convscope {

namespace {

constexpr int64_t kSide = 192;

/** What makes one texture differ from another. */
struct Ice {
  int64_t crystals;
  double length, angle, ground;  // pixels of a stem; degrees between it and its branches; brightness of what it grows on
};
constexpr std::array<Ice, kFrostTextures> kIce = {
    {{22, 70, 60, 0.30}, {40, 45, 60, 0.36}, {14, 110, 45, 0.28}, {60, 34, 70, 0.42}, {30, 60, 50, 0.33}}};

/** Brightens the four pixels about a point. */
void dot(Planes& ice, double row, double column, double light) {
  const int64_t i = static_cast<int64_t>(std::floor(row)), j = static_cast<int64_t>(std::floor(column));
  const double down = row - std::floor(row), right = column - std::floor(column);
  for (int64_t di = 0; di < 2; ++di)
    for (int64_t dj = 0; dj < 2; ++dj) {
      if (i + di < 0 || i + di >= ice.rows || j + dj < 0 || j + dj >= ice.columns) continue;
      double& v = ice.at(0, i + di, j + dj);
      v = std::max(v, light * (di ? down : 1 - down) * (dj ? right : 1 - right));
    }
}

/** A stem that thins out, with branches on both sides, which have branches. */
void grow(Planes& ice, double row, double column, double direction, double length, double angle, int depth, Chance& chance) {
  const double turn = angle * std::numbers::pi / 180;
  double next = chance.uniform(2, 5);
  for (double t = 0; t < length; t += 0.5) {
    dot(ice, row, column, 0.45 + 0.55 * (1 - t / length));
    row += 0.5 * std::sin(direction);
    column += 0.5 * std::cos(direction);
    direction += chance.uniform(-0.02, 0.02);
    if (depth == 0 || t < next) continue;
    next = t + chance.uniform(3, 6);
    const double left = (length - t) * chance.uniform(0.25, 0.5);
    for (const double side : {-turn, turn}) grow(ice, row, column, direction + side, left, angle, depth - 1, chance);
  }
}

Planes made(int64_t number) {
  const Ice& kind = kIce[static_cast<size_t>(number)];
  const RandomStream stream(20190, "frost texture");
  Chance chance(stream, static_cast<uint64_t>(number), 0);
  const Planes ground = plasma(256, 1.6, chance), rime = plasma(256, 1.25, chance);
  Planes ice(1, kSide, kSide);
  for (int64_t k = 0; k < kind.crystals; ++k) {
    const double row = chance.uniform(0, kSide), column = chance.uniform(0, kSide), direction = chance.uniform(0, 2 * std::numbers::pi);
    for (const double turn : {0.0, 1.0, 2.0})
      grow(ice, row, column, direction + turn * 2 * std::numbers::pi / 3, kind.length * chance.uniform(0.5, 1), kind.angle, 2, chance);
  }
  const Planes glow = gaussian_blurred(ice, 2);
  constexpr double kDark[3] = {0.24, 0.30, 0.38}, kWhite[3] = {0.93, 0.96, 1.0};
  Planes texture(3, kSide, kSide);
  for (int64_t i = 0; i < kSide; ++i)
    for (int64_t j = 0; j < kSide; ++j) {
      const double light = std::clamp(kind.ground + 0.45 * (ground.at(0, i, j) - 0.4) + 0.25 * (rime.at(0, i, j) - 0.5) +
                                          0.4 * glow.at(0, i, j) + 0.3 * ice.at(0, i, j),
                                      0.0, 1.0);
      for (int64_t c = 0; c < 3; ++c) texture.at(c, i, j) = kDark[c] + (kWhite[c] - kDark[c]) * light;
    }
  return texture;
}

}  // namespace

const Planes& frost_texture(int64_t number) {
  static const std::array<Planes, kFrostTextures> textures = {made(0), made(1), made(2), made(3), made(4)};
  return textures[static_cast<size_t>(number)];
}

}  // namespace convscope
