#include "convscope/inspect/attribution/xrai.h"

#include <algorithm>
#include <cmath>

#include "convscope/inspect/attribution/integrated_gradients.h"
#include "convscope/tensor/slic.h"

namespace convscope {

namespace {

/** Pixels of each piece of a cut, and of those within `reach` of it. */
void add_pieces(const Superpixels& cut, int64_t rows, int64_t columns, int64_t reach, std::vector<std::vector<int64_t>>& pieces) {
  std::vector<std::vector<char>> in(static_cast<size_t>(cut.count), std::vector<char>(cut.label.size()));
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      for (int64_t a = std::max<int64_t>(0, i - reach); a <= std::min(rows - 1, i + reach); ++a)
        for (int64_t b = std::max<int64_t>(0, j - reach); b <= std::min(columns - 1, j + reach); ++b)
          if ((a - i) * (a - i) + (b - j) * (b - j) <= reach * reach)
            in[static_cast<size_t>(cut.label[static_cast<size_t>(i * columns + j)])][static_cast<size_t>(a * columns + b)] = 1;
  for (const std::vector<char>& mask : in) {
    std::vector<int64_t>& piece = pieces.emplace_back();
    for (size_t pixel = 0; pixel < mask.size(); ++pixel)
      if (mask[pixel]) piece.push_back(static_cast<int64_t>(pixel));
  }
}

}  // namespace

Xrai::Xrai(Options options) : options_(options) {
  require(options_.steps >= 1 && options_.steps <= 1'000'000, "xrai: steps is 1 to 1000000, got {}", options_.steps);
  require(options_.finest >= 16 && options_.finest <= 100'000, "xrai: finest is 16 to 100000, got {}", options_.finest);
}

std::vector<float> cover(std::span<const float> values, const std::vector<std::vector<int64_t>>& pieces, int64_t least) {
  std::vector<std::vector<size_t>> over(values.size());  // the pieces that hold each pixel
  std::vector<double> sum(pieces.size());
  std::vector<int64_t> bare(pieces.size());
  for (size_t k = 0; k < pieces.size(); ++k)
    for (const int64_t pixel : pieces[k]) {
      over[static_cast<size_t>(pixel)].push_back(k);
      sum[k] += values[static_cast<size_t>(pixel)];
      ++bare[k];
    }
  std::vector<float> covered(values.size());
  std::vector<char> done(values.size());
  const auto lay = [&](std::span<const int64_t> pixels, double mean) {
    for (const int64_t at : pixels) {
      const auto pixel = static_cast<size_t>(at);
      if (done[pixel]) continue;
      done[pixel] = 1;
      covered[pixel] = static_cast<float>(mean);
      for (const size_t k : over[pixel]) {
        sum[k] -= values[pixel];
        --bare[k];
      }
    }
  };
  for (;;) {
    size_t best = pieces.size();
    double most = 0;
    for (size_t k = 0; k < pieces.size(); ++k)
      if (bare[k] >= std::max<int64_t>(1, least))
        if (const double mean = sum[k] / static_cast<double>(bare[k]); best == pieces.size() || mean > most) {
          best = k;
          most = mean;
        }
    if (best == pieces.size()) break;
    lay(pieces[best], most);
  }
  std::vector<int64_t> left;
  double rest = 0;
  for (size_t pixel = 0; pixel < values.size(); ++pixel)
    if (!done[pixel]) {
      left.push_back(static_cast<int64_t>(pixel));
      rest += values[pixel];
    }
  if (!left.empty()) lay(left, rest / static_cast<double>(left.size()));
  return covered;
}

Maps Xrai::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Tensor black = IntegratedGradients({.steps = options_.steps, .baseline = "black"}).explain(subject, x, question).values;
  const Tensor white = IntegratedGradients({.steps = options_.steps, .baseline = "white"}).explain(subject, x, question).values;
  const int64_t channels = x.shape()[1], rows = x.shape()[2], columns = x.shape()[3], plane = rows * columns;
  const double scale = static_cast<double>(std::max(rows, columns)) / 224;
  Maps maps{Tensor({x.shape()[0], 1, rows, columns}), {}};
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    std::vector<float> values(static_cast<size_t>(plane));
    for (size_t i = 0; i < values.size(); ++i)
      for (int64_t c = 0; c < channels; ++c) {
        const auto at = static_cast<size_t>(c * plane) + i;
        const float both = (black.row(n)[at] + white.row(n)[at]) / 2;
        values[i] = c == 0 ? both : std::max(values[i], both);
      }
    std::vector<std::vector<int64_t>> pieces;
    for (int64_t segments = options_.finest; segments >= options_.finest / 16; segments /= 2)
      add_pieces(slic(x.row(n), Shape(x.shape().extents().subspan(1)), {.segments = segments}), rows, columns, std::llround(5 * scale),
                 pieces);
    const std::vector<float> regions = cover(values, pieces, std::llround(50 * scale * scale));
    std::copy(regions.begin(), regions.end(), maps.values.row(n).begin());
  }
  return maps;
}

}  // namespace convscope
