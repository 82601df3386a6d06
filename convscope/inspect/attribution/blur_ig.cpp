#include "convscope/inspect/attribution/blur_ig.h"

#include <algorithm>
#include <cmath>

namespace convscope {

namespace {

/** One line of `count` numbers, `step` apart, by a kernel around its middle. */
void blur_line(const float* in, float* out, int64_t count, int64_t step, const std::vector<double>& kernel) {
  const int64_t reach = std::ssize(kernel) - 1;
  for (int64_t i = 0; i < count; ++i) {
    double sum = 0, weight = 0;
    for (int64_t j = std::max<int64_t>(0, i - reach); j <= std::min(count - 1, i + reach); ++j) {
      const double w = kernel[static_cast<size_t>(std::abs(i - j))];
      sum += w * in[j * step];
      weight += w;
    }
    out[i * step] = static_cast<float>(sum / weight);
  }
}

}  // namespace

std::vector<float> blurred(std::span<const float> image, int64_t channels, int64_t rows, int64_t columns, double sigma) {
  std::vector<float> out(image.begin(), image.end());
  if (sigma <= 0) return out;
  std::vector<double> kernel;
  const int64_t reach = std::min<int64_t>(std::max(rows, columns) - 1, static_cast<int64_t>(std::ceil(4 * sigma)));
  for (int64_t d = 0; d <= reach; ++d) kernel.push_back(std::exp(-static_cast<double>(d * d) / (2 * sigma * sigma)));
  std::vector<float> between(out.size());
  for (int64_t c = 0; c < channels; ++c) {
    const int64_t first = c * rows * columns;
    for (int64_t i = 0; i < rows; ++i)
      blur_line(out.data() + first + i * columns, between.data() + first + i * columns, columns, 1, kernel);
    for (int64_t j = 0; j < columns; ++j) blur_line(between.data() + first + j, out.data() + first + j, rows, columns, kernel);
  }
  return out;
}

BlurIntegratedGradients::BlurIntegratedGradients(Options options) : options_(options) {
  require(options_.steps >= 1 && options_.steps <= 100'000, "blur-ig: steps is 1 to 100000, got {}", options_.steps);
  require(options_.sigma >= 0 && options_.sigma <= 10'000, "blur-ig: sigma is 0 or more pixels, got {}", options_.sigma);
}

Maps BlurIntegratedGradients::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Shape& s = x.shape();
  const double widest = options_.sigma > 0 ? options_.sigma : static_cast<double>(std::min(s[2], s[3])) / 5;
  const int64_t count = s[0], steps = options_.steps;
  const auto at = [&](int64_t n, double k) {  // 0: sharp, m: the path's beginning
    const double share = k / static_cast<double>(steps);
    return blurred(x.row(n), s[1], s[2], s[3], widest * share * share);
  };
  Tensor begin(s);
  for (int64_t n = 0; n < count; ++n) std::copy_n(at(n, static_cast<double>(steps)).data(), s.inner(), begin.row(n).data());
  std::vector<double> sum(static_cast<size_t>(x.size()));
  // Rows (image, step) fill the subject's batches together.
  for (int64_t first = 0; first < count * steps; first += subject.batch()) {
    const int64_t some = std::min(subject.batch(), count * steps - first);
    Tensor middles(s.with_batch(some));
    std::vector<int64_t> targets;
    for (int64_t m = 0; m < some; ++m) {
      const int64_t n = (first + m) / steps, k = (first + m) % steps;
      std::copy_n(at(n, static_cast<double>(k) + 0.5).data(), s.inner(), middles.row(m).data());
      targets.push_back(question.targets[static_cast<size_t>(n)]);
    }
    const Tensor slope = subject.slope(middles, question.objective, targets).gradient;
    for (int64_t m = 0; m < some; ++m) {
      const int64_t n = (first + m) / steps, k = (first + m) % steps;
      const std::vector<float> to = at(n, static_cast<double>(k)), from = at(n, static_cast<double>(k + 1));
      const auto g = slope.row(m);
      for (size_t i = 0; i < g.size(); ++i) sum[static_cast<size_t>(n * s.inner()) + i] += (static_cast<double>(to[i]) - from[i]) * g[i];
    }
  }
  const auto now = values(subject.table(x, question.objective), question.objective, question.targets);
  const auto before = values(subject.table(begin, question.objective), question.objective, question.targets);
  Maps maps{Tensor(s), {}};
  std::transform(sum.begin(), sum.end(), maps.values.span().begin(), [](double v) { return static_cast<float>(v); });
  for (int64_t n = 0; n < s[0]; ++n) {
    double total = 0;
    for (const float v : maps.values.row(n)) total += v;
    const double difference = now[static_cast<size_t>(n)] - before[static_cast<size_t>(n)];
    maps.completeness.push_back({.difference = difference, .gap = std::abs(total - difference), .steps = options_.steps});
  }
  return maps;
}

}  // namespace convscope
