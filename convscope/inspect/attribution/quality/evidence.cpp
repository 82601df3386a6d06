#include "convscope/inspect/attribution/quality/evidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/random.h"

namespace convscope {

namespace {

std::vector<float> gaussian(int64_t radius, double sigma) {
  std::vector<float> weights;
  double sum = 0;
  for (int64_t i = -radius; i <= radius; ++i) sum += std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma));
  for (int64_t i = -radius; i <= radius; ++i)
    weights.push_back(static_cast<float>(std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma)) / sum));
  return weights;
}

}  // namespace

Tensor evidence_of(const Attribution& method, const Objective& objective, const Tensor& maps) {
  const Shape& s = maps.shape();
  Tensor evidence({s[0], 1, s[2], s[3]});
  const ShownChannels channels = method.shown_channels();
  const bool is_of_loss = method.answers() == Answers::true_loss || (takes_target(method.answers()) && objective.of == Objective::Of::loss);
  std::vector<float> plane(static_cast<size_t>(s[2] * s[3]));
  for (int64_t n = 0; n < s[0]; ++n) {
    flatten_channels(maps.row(n), channels, plane);
    for (float& v : plane)
      if (channels == ShownChannels::farthest)
        v = std::abs(v);
      else if (method.has_sign() && is_of_loss)
        v = -v;
    std::copy(plane.begin(), plane.end(), evidence.row(n).begin());
  }
  return evidence;
}

Question repeated(const Question& question, int64_t times) {
  Question all{.objective = question.objective, .targets = {}, .labels = {}, .seed = question.seed, .numbers = {}};
  const auto repeat = [&](const std::vector<int64_t>& from, std::vector<int64_t>& to) {
    for (int64_t k = 0; k < times; ++k) to.insert(to.end(), from.begin(), from.end());
  };
  repeat(question.targets, all.targets);
  repeat(question.labels, all.labels);
  std::vector<int64_t> numbers;
  for (int64_t n = 0; n < std::ssize(question.targets); ++n) numbers.push_back(question.number(n));
  repeat(numbers, all.numbers);
  return all;
}

Tensor noise_evidence(const Tensor& x, const Question& question, int64_t first) {
  const RandomStream random(question.seed, "map quality/noise");
  const int64_t images = std::ssize(question.targets);
  Tensor evidence({x.shape()[0], 1, x.shape()[2], x.shape()[3]});
  for (int64_t k = 0; k < x.shape()[0]; ++k) {
    const auto part = static_cast<uint64_t>(question.number(k % images)) << 20 | static_cast<uint64_t>(first + k / images);
    const std::span<float> map = evidence.row(k);
    for (size_t i = 0; i < map.size(); ++i) map[i] = random.uniform(i, part);
  }
  return evidence;
}

Tensor centre_evidence(const Tensor& x) {
  const int64_t rows = x.shape()[2], columns = x.shape()[3];
  Tensor evidence({x.shape()[0], 1, rows, columns});
  const auto share = [](int64_t at, int64_t extent) { return 4 * ((static_cast<double>(at) + 0.5) / static_cast<double>(extent) - 0.5); };
  for (int64_t n = 0; n < x.shape()[0]; ++n)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        const double up = share(i, rows), across = share(j, columns);
        evidence.row(n)[static_cast<size_t>(i * columns + j)] = static_cast<float>(std::exp(-0.5 * (up * up + across * across)));
      }
  return evidence;
}

std::vector<int64_t> by_evidence(std::span<const float> evidence, uint64_t seed, int64_t number) {
  std::vector<int64_t> order = permutation(std::ssize(evidence), RandomStream(seed, "map quality/ties"), static_cast<uint64_t>(number));
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return evidence[static_cast<size_t>(a)] > evidence[static_cast<size_t>(b)]; });
  return order;
}

std::vector<float> mean_colour(std::span<const float> image, int64_t channels) {
  std::vector<float> means;
  const size_t plane = image.size() / static_cast<size_t>(channels);
  for (size_t first = 0; first < image.size(); first += plane)
    means.push_back(static_cast<float>(std::accumulate(image.begin() + static_cast<std::ptrdiff_t>(first),
                                                       image.begin() + static_cast<std::ptrdiff_t>(first + plane), 0.0) /
                                       static_cast<double>(plane)));
  return means;
}

void blur(std::span<const float> image, int64_t channels, int64_t rows, int64_t columns, std::span<float> out) {
  const double scale = static_cast<double>(std::max(rows, columns)) / 224;
  const int64_t radius = std::llround(5 * std::max(1.0, scale));
  const std::vector<float> weights = gaussian(radius, std::max(2.0, 5 * scale));
  std::vector<float> across(static_cast<size_t>(rows * columns));
  for (int64_t c = 0; c < channels; ++c) {
    const float* from = image.data() + c * rows * columns;
    float* to = out.data() + c * rows * columns;
    const auto pass = [&](const float* in, float* result, int64_t along_rows) {
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
          float sum = 0;
          for (int64_t d = -radius; d <= radius; ++d) {
            const int64_t y = std::clamp<int64_t>(i + along_rows * d, 0, rows - 1);
            const int64_t z = std::clamp<int64_t>(j + (1 - along_rows) * d, 0, columns - 1);
            sum += weights[static_cast<size_t>(d + radius)] * in[y * columns + z];
          }
          result[i * columns + j] = sum;
        }
    };
    pass(from, across.data(), 0);
    pass(across.data(), to, 1);
  }
}

}  // namespace convscope
