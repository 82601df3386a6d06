#include "convscope/inspect/attribution/expected_gradients.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kLevels = 8;

/** Baselines of one kind. */
class Baselines {
 public:
  Baselines(const std::string& kind, const Shape& image, uint64_t seed) : image_(image), random_(seed, "expected gradients"), kind_(kind) {
    if (!kind.ends_with(".npy")) return;
    pictures_ = read_npy(kind);
    const Shape& s = pictures_.shape();
    require(s.rank() == 4 && s[0] > 0 && s[1] == image[0] && s[2] == image[1] && s[3] == image[2],
            "expected-gradients: {} is {}; [M, {}, {}, {}] were wanted", kind, s, image[0], image[1], image[2]);
    for (const float v : pictures_.span())
      require(v >= 0 && v <= 1, "expected-gradients: {} has numbers outside 0 to 1; divide levels by 255", kind);
  }

  /** The k-th of the image of that number. */
  void write(int64_t number, int64_t k, std::span<float> out) const {
    if (pictures_.size() > 0) {
      const auto picture = pictures_.row((first(number) + k) % pictures_.shape()[0]);
      std::copy(picture.begin(), picture.end(), out.begin());
    } else if (kind_ == "levels") {
      std::fill(out.begin(), out.end(), static_cast<float>((first(number) + k) % kLevels) / static_cast<float>(kLevels - 1));
    } else {
      for (size_t i = 0; i < out.size(); ++i) out[i] = random_.uniform(i, part(number, k));
    }
  }
  /** Where on the path the samples of an image lie: one in each piece of it, in a drawn order, whatever baseline goes with it. */
  std::vector<double> places(int64_t number, int64_t samples) const {
    std::vector<double> all;
    for (const int64_t piece : permutation(samples, random_, part(number, 0) | uint64_t{1} << 62))
      all.push_back((static_cast<double>(piece) + random_.uniform(0, part(number, piece) | uint64_t{1} << 63)) /
                    static_cast<double>(samples));
    return all;
  }

 private:
  static uint64_t part(int64_t number, int64_t k) { return static_cast<uint64_t>(number) << 20 | static_cast<uint64_t>(k); }
  /** Baselines go round, so that all are taken alike; each image begins elsewhere. */
  static int64_t first(int64_t number) { return std::abs(number) % 997; }

  Shape image_;
  RandomStream random_;
  std::string kind_;
  Tensor pictures_;
};

}  // namespace

ExpectedGradients::ExpectedGradients(Options options) : options_(std::move(options)) {
  require(options_.samples >= 1 && options_.samples <= 100'000, "expected-gradients: samples is 1 to 100000, got {}", options_.samples);
  require(options_.baselines == "noise" || options_.baselines == "levels" || options_.baselines.ends_with(".npy"),
          "expected-gradients: baselines is noise, levels or a .npy file, got '{}'", options_.baselines);
}

Maps ExpectedGradients::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Shape& s = x.shape();
  const Baselines baselines(options_.baselines, {s[1], s[2], s[3]}, question.seed);
  const int64_t count = s[0], inner = s.inner(), samples = options_.samples;
  std::vector<double> sum(static_cast<size_t>(count * inner)), before(static_cast<size_t>(count));
  std::vector<std::vector<double>> places;
  for (int64_t n = 0; n < count; ++n) places.push_back(baselines.places(question.number(n), samples));
  // Rows (image, sample) fill the subject's batches together.
  for (int64_t first = 0; first < count * samples; first += subject.batch()) {
    const int64_t some = std::min(subject.batch(), count * samples - first);
    Tensor from(s.with_batch(some)), points(s.with_batch(some));
    std::vector<int64_t> targets;
    for (int64_t m = 0; m < some; ++m) {
      const int64_t n = (first + m) / samples, k = (first + m) % samples;
      const auto b = from.row(m);
      const auto image = x.row(n);
      baselines.write(question.number(n), k, b);
      const double t = places[static_cast<size_t>(n)][static_cast<size_t>(k)];
      for (size_t i = 0; i < b.size(); ++i) points.row(m)[i] = static_cast<float>(b[i] + t * (static_cast<double>(image[i]) - b[i]));
      targets.push_back(question.targets[static_cast<size_t>(n)]);
    }
    const Tensor slope = subject.slope(points, question.objective, targets).gradient;
    const auto of_baselines = values(subject.table(from, question.objective), question.objective, targets);
    for (int64_t m = 0; m < some; ++m) {
      const int64_t n = (first + m) / samples;
      before[static_cast<size_t>(n)] += of_baselines[static_cast<size_t>(m)] / static_cast<double>(samples);
      const auto image = x.row(n), g = slope.row(m);
      const auto b = std::as_const(from).row(m);
      for (size_t i = 0; i < b.size(); ++i)
        sum[static_cast<size_t>(n * inner) + i] += (static_cast<double>(image[i]) - b[i]) * g[i] / static_cast<double>(samples);
    }
  }
  const auto now = values(subject.table(x, question.objective), question.objective, question.targets);
  Maps maps{Tensor(s), {}};
  for (int64_t n = 0; n < count; ++n) {
    double total = 0;
    for (int64_t i = 0; i < inner; ++i) total += sum[static_cast<size_t>(n * inner + i)];
    std::transform(sum.begin() + n * inner, sum.begin() + (n + 1) * inner, maps.values.row(n).begin(),
                   [](double v) { return static_cast<float>(v); });
    const double difference = now[static_cast<size_t>(n)] - before[static_cast<size_t>(n)];
    maps.completeness.push_back({.difference = difference, .gap = std::abs(total - difference), .steps = samples});
  }
  return maps;
}

}  // namespace convscope
