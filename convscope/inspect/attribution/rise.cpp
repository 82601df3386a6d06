#include "convscope/inspect/attribution/rise.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/inspect/attribution/made_pictures.h"

namespace convscope {

Rise::Rise(Options options) : options_(options) {
  require(options_.masks >= 1 && options_.masks <= 100'000'000, "rise: masks is 1 to 100000000, got {}", options_.masks);
  require(options_.cells >= 1 && options_.cells <= 1000, "rise: cells is 1 to 1000, got {}", options_.cells);
  require(options_.open > 0 && options_.open < 1, "rise: open is a share between 0 and 1, got {}", options_.open);
}

std::vector<float> Rise::mask(int64_t rows, int64_t columns, uint64_t seed, int64_t k) const {
  const RandomStream random(seed, "rise");
  const auto part = static_cast<uint64_t>(k);
  const int64_t cells = options_.cells;
  std::vector<float> squares(static_cast<size_t>(cells * cells));
  for (size_t i = 0; i < squares.size(); ++i) squares[i] = random.uniform(i, part) < options_.open ? 1.0f : 0.0f;
  /** Where along an axis a pixel looks: between which squares, and how near the second one. */
  struct Between {
    size_t first, second;
    float share;
  };
  const auto axis = [&](int64_t extent, uint64_t draw) {
    const int64_t cell = (extent + cells - 1) / cells;
    const auto moved = static_cast<int64_t>(random.below(static_cast<uint64_t>(cell), squares.size() + draw, part));
    const double scale = static_cast<double>(cells) / static_cast<double>((cells + 1) * cell);
    std::vector<Between> all;
    for (int64_t i = 0; i < extent; ++i) {
      const double at = std::clamp((static_cast<double>(i + moved) + 0.5) * scale - 0.5, 0.0, static_cast<double>(cells - 1));
      const auto first = static_cast<int64_t>(at);
      all.push_back({static_cast<size_t>(first), static_cast<size_t>(std::min(cells - 1, first + 1)),
                     static_cast<float>(at - static_cast<double>(first))});
    }
    return all;
  };
  const std::vector<Between> down = axis(rows, 0), across = axis(columns, 1);
  std::vector<float> mask;
  mask.reserve(static_cast<size_t>(rows * columns));
  const auto stride = static_cast<size_t>(cells);
  for (const Between& i : down)
    for (const Between& j : across) {
      const float upper = (1 - j.share) * squares[i.first * stride + j.first] + j.share * squares[i.first * stride + j.second];
      const float lower = (1 - j.share) * squares[i.second * stride + j.first] + j.share * squares[i.second * stride + j.second];
      mask.push_back((1 - i.share) * upper + i.share * lower);
    }
  return mask;
}

Maps Rise::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const int64_t images = x.shape()[0], rows = x.shape()[2], columns = x.shape()[3];
  const auto pixels = static_cast<size_t>(rows * columns);
  std::vector<double> shown(pixels), seen(pixels);  // Σ f m and Σ m of an image
  double sum = 0;
  Maps maps{Tensor({images, 1, rows, columns}), {}};
  answer_made(
      subject, question.objective, images * options_.masks,
      [&](int64_t k, std::span<float> picture) {
        const std::vector<float> m = mask(rows, columns, question.seed, k % options_.masks);
        const auto image = x.row(k / options_.masks);
        for (size_t i = 0; i < picture.size(); ++i) picture[i] = image[i] * m[i % pixels];
      },
      [&](int64_t k, std::span<const float> row) {
        const int64_t n = k / options_.masks, last = options_.masks - 1;
        const int64_t target = question.targets[static_cast<size_t>(n)];
        const double f = values(Tensor({1, std::ssize(row)}, row), question.objective, {&target, 1}).front();
        const std::vector<float> m = mask(rows, columns, question.seed, k % options_.masks);
        for (size_t i = 0; i < pixels; ++i) {
          shown[i] += f * m[i];
          seen[i] += m[i];
        }
        sum += f;
        if (k % options_.masks != last) return;
        const double count = static_cast<double>(options_.masks);
        for (size_t i = 0; i < pixels; ++i)
          maps.values.row(n)[i] = static_cast<float>((shown[i] - sum / count * seen[i]) / (count * options_.open));
        std::fill(shown.begin(), shown.end(), 0.0);
        std::fill(seen.begin(), seen.end(), 0.0);
        sum = 0;
      },
      question.progress);
  return maps;
}

}  // namespace convscope
