#include "convscope/attack/spatial.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** A turn and a shift, each as a share of the largest. */
struct Place {
  double angle, rows, columns;
  double size() const { return std::abs(angle) + std::abs(rows) + std::abs(columns); }
};

/** −1 … 1 in so many steps; 0 alone where it is one. */
std::vector<double> evenly(int64_t count) {
  std::vector<double> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(count == 1 ? 0 : -1 + 2 * static_cast<double>(i) / static_cast<double>(count - 1));
  return all;
}

}  // namespace

std::vector<float> moved_image(std::span<const float> image, const Shape& shape, double angle, double rows, double columns) {
  const int64_t channels = shape[0], height = shape[1], width = shape[2];
  const double top = static_cast<double>(height - 1) / 2, left = static_cast<double>(width - 1) / 2;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  std::vector<float> out(image.size());
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j) {
      // Where this pixel comes from.
      const double down = static_cast<double>(i) - top - rows, across = static_cast<double>(j) - left - columns;
      const double y = top + cosine * down + sine * across, x = left - sine * down + cosine * across;
      const auto row = static_cast<int64_t>(std::floor(y)), column = static_cast<int64_t>(std::floor(x));
      const double below = y - static_cast<double>(row), beside = x - static_cast<double>(column);
      for (int64_t c = 0; c < channels; ++c) {
        const auto at = [&](int64_t r, int64_t k) {
          return r < 0 || r >= height || k < 0 || k >= width
                     ? 0.0
                     : static_cast<double>(image[static_cast<size_t>((c * height + r) * width + k)]);
        };
        const double upper = (1 - beside) * at(row, column) + beside * at(row, column + 1);
        const double lower = (1 - beside) * at(row + 1, column) + beside * at(row + 1, column + 1);
        out[static_cast<size_t>((c * height + i) * width + j)] = static_cast<float>((1 - below) * upper + below * lower);
      }
    }
  return out;
}

Spatial::Spatial(Options options) : options_(options) {
  require_count(options_.angles, "spatial", "angles");
  require_count(options_.shifts, "spatial", "shifts");
  require(options_.random >= 0 && options_.random <= 1'000'000, "spatial: {} random places; 0 to 1000000 were wanted", options_.random);
  require(options_.rotation >= 0 && options_.rotation <= 180, "spatial: rotation {}: 0 to 180 degrees were wanted", options_.rotation);
  require(options_.shift >= 0 && options_.shift <= 1, "spatial: shift {}: a share was wanted", options_.shift);
}

Steps Spatial::run(Walk& walk) const {
  std::vector<Place> places;
  if (options_.random > 0) {
    const RandomStream random = walk.random("spatial");
    const auto share = [&](int64_t i) { return 2 * random.uniform(static_cast<uint64_t>(i), walk.number()) - 1; };
    for (int64_t i = 0; i < options_.random; ++i) places.push_back({share(3 * i), share(3 * i + 1), share(3 * i + 2)});
  } else {
    for (const double angle : evenly(options_.angles))
      for (const double rows : evenly(options_.shifts))
        for (const double columns : evenly(options_.shifts)) places.push_back({angle, rows, columns});
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.size() < b.size(); });

  const Shape& shape = walk.image().shape;
  const double angle = walk.epsilon() * options_.rotation / 180 * std::numbers::pi, shift = walk.epsilon() * options_.shift;
  double least = HUGE_VAL;
  std::vector<float> worst(walk.clean().begin(), walk.clean().end());
  for (const Place& place : places) {
    const std::vector<float> x = moved_image(walk.clean(), shape, angle * place.angle, shift * static_cast<double>(shape[1]) * place.rows,
                                             shift * static_cast<double>(shape[2]) * place.columns);
    std::copy(x.begin(), x.end(), walk.x().begin());
    walk.keep_inside();
    co_await walk.answer();
    if (const double ahead = lead(walk); ahead < least) {
      least = ahead;
      worst.assign(walk.x().begin(), walk.x().end());
    }
  }
  std::copy(worst.begin(), worst.end(), walk.x().begin());
  co_await walk.look();
}

}  // namespace convscope
