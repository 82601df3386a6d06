#include "convscope/inspect/attribution/smoothgrad.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"

namespace convscope {

SmoothGrad::SmoothGrad(Options options) : options_(std::move(options)) {
  require(options_.count >= 1 && options_.count <= 100'000, "smoothgrad: count is 1 to 100000, got {}", options_.count);
  require(options_.sigma >= 0 && std::isfinite(options_.sigma), "smoothgrad: sigma is 0 or more, got {}", options_.sigma);
  std::string text = options_.method;
  std::replace(text.begin(), text.end(), '/', ',');
  require(!text.starts_with("smoothgrad"), "smoothgrad: it does not average itself");
  method_ = attributions().make(parse_choice(text));
}

Maps SmoothGrad::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const RandomStream random(question.seed, "smoothgrad");
  const int64_t inner = x.shape().inner();
  Maps mean;
  std::vector<double> sum;
  for (int64_t k = 0; k < options_.count; ++k) {
    Tensor noisy = x;
    for (int64_t n = 0; n < x.shape()[0]; ++n) {
      const auto image = noisy.row(n);
      const auto [low, high] = std::minmax_element(image.begin(), image.end());
      const float sigma = static_cast<float>(options_.sigma) * (*high - *low);
      const uint64_t part = static_cast<uint64_t>(question.number(n)) << 20 | static_cast<uint64_t>(k);
      for (int64_t i = 0; i < inner; ++i) image[static_cast<size_t>(i)] += sigma * random.normal(static_cast<uint64_t>(i), part);
    }
    const Maps one = method_->explain(subject, noisy, question);
    if (k == 0) {
      mean.values = Tensor(one.values.shape());
      sum.resize(static_cast<size_t>(one.values.size()));
    }
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += one.values[static_cast<int64_t>(i)];
  }
  for (size_t i = 0; i < sum.size(); ++i)
    mean.values[static_cast<int64_t>(i)] = static_cast<float>(sum[i] / static_cast<double>(options_.count));
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
