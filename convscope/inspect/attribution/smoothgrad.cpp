#include "convscope/inspect/attribution/smoothgrad.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"

namespace convscope {

SmoothGrad::SmoothGrad(Options options) : options_(std::move(options)) {
  require(options_.count >= 1 && options_.count <= 100'000, "smoothgrad: count is 1 to 100000, got {}", options_.count);
  require(options_.sigma >= 0 && std::isfinite(options_.sigma), "smoothgrad: sigma is 0 or more, got {}", options_.sigma);
  const std::vector<std::string> known{"mean", "square", "variance"};
  require(std::find(known.begin(), known.end(), options_.statistic) != known.end(), "smoothgrad: statistic is none of ours: '{}'{}",
          options_.statistic, known_names(options_.statistic, known));
  std::string text = options_.method;
  std::replace(text.begin(), text.end(), '/', ',');
  require(!text.starts_with("smoothgrad"), "smoothgrad: it does not average itself");
  method_ = attributions().make(parse_choice(text));
}

std::string SmoothGrad::legend() const {
  if (options_.statistic == "mean") return method_->legend() + "; mean over noisy copies";
  return options_.statistic == "square" ? "bright: far from 0 over noisy copies, whatever the sign" : "bright: unsteady over noisy copies";
}

Maps SmoothGrad::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const RandomStream random(question.seed, "smoothgrad");
  const int64_t images = x.shape()[0], inner = x.shape().inner();
  // Few images share a batch with copies of themselves.
  const int64_t together = std::clamp<int64_t>(subject.batch() / std::max<int64_t>(1, images), 1, options_.count);
  Maps mean;
  std::vector<double> sum, squares;
  for (int64_t first = 0; first < options_.count; first += together) {
    const int64_t copies = std::min(together, options_.count - first);
    Tensor noisy(x.shape().with_batch(copies * images));
    Question repeated{.objective = question.objective, .targets = {}, .labels = {}, .seed = question.seed, .numbers = {}};
    for (int64_t m = 0; m < copies * images; ++m) {
      const int64_t n = m % images, k = first + m / images;
      const auto image = x.row(n);
      const auto [low, high] = std::minmax_element(image.begin(), image.end());
      const float sigma = static_cast<float>(options_.sigma) * (*high - *low);
      const uint64_t part = static_cast<uint64_t>(question.number(n)) << 20 | static_cast<uint64_t>(k);
      for (int64_t i = 0; i < inner; ++i)
        noisy.row(m)[static_cast<size_t>(i)] = image[static_cast<size_t>(i)] + sigma * random.normal(static_cast<uint64_t>(i), part);
      repeated.targets.push_back(question.targets[static_cast<size_t>(n)]);
      if (!question.labels.empty()) repeated.labels.push_back(question.labels[static_cast<size_t>(n)]);
      repeated.numbers.push_back(question.number(n));
    }
    const Maps maps = method_->explain(subject, noisy, repeated);
    mean.over = maps.over;
    const int64_t size = maps.values.size() / copies;
    if (first == 0) {
      mean.values = Tensor(maps.values.shape().with_batch(images));
      sum.resize(static_cast<size_t>(size));
      squares.resize(static_cast<size_t>(size));
    }
    for (int64_t k = 0; k < copies; ++k)
      for (int64_t i = 0; i < size; ++i) {
        const double a = maps.values[k * size + i];
        sum[static_cast<size_t>(i)] += a;
        squares[static_cast<size_t>(i)] += a * a;
      }
  }
  const double count = static_cast<double>(options_.count);
  for (size_t i = 0; i < sum.size(); ++i) {
    const double first = sum[i] / count, second = squares[i] / count;
    const double variance = std::max(0.0, second - first * first);
    mean.values[static_cast<int64_t>(i)] = static_cast<float>(options_.statistic == "mean"     ? first
                                                              : options_.statistic == "square" ? second
                                                                                               : variance);
  }
  return mean;
}

Maps RandomAttribution::explain(Subject&, const Tensor& x, const Question& question) const {
  const RandomStream random(question.seed, "random attribution");
  Maps maps{Tensor(x.shape()), {}};
  for (int64_t n = 0; n < x.shape()[0]; ++n)
    for (int64_t i = 0; i < x.shape().inner(); ++i)
      maps.values.row(n)[static_cast<size_t>(i)] = random.normal(static_cast<uint64_t>(i), static_cast<uint64_t>(question.number(n)));
  return maps;
}

}  // namespace convscope
