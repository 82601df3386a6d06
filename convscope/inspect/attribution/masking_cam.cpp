#include "convscope/inspect/attribution/masking_cam.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/threads.h"
#include "convscope/inspect/attribution/cam.h"
#include "convscope/inspect/attribution/made_pictures.h"
#include "convscope/inspect/attribution/positions.h"
#include "convscope/inspect/attribution/rectified.h"

namespace convscope {

namespace {

void check(const MaskingCamOptions& options, std::string_view method) {
  require(options.channels >= 0, "{}: channels is 0 or more, got {}", method, options.channels);
  require(options.node.find('+') == std::string::npos, "{}: it is of one node, got '{}'", method, options.node);
}

/** The node with what it gives. */
struct Tapped {
  std::string node;
  Tensor activation;  // [N, K, h, w]
  int64_t h() const { return activation.shape()[2]; }
  int64_t w() const { return activation.shape()[3]; }
  std::span<const float> channel(int64_t n, int64_t k) const {
    return activation.row(n).subspan(static_cast<size_t>(k * h() * w()), static_cast<size_t>(h() * w()));
  }
};

Tapped tapped(Subject& subject, const Tensor& x, const Objective& objective, const MaskingCamOptions& options, std::string_view method) {
  const Graph& graph = network_of(subject, method);
  const Value of = objective.node.empty() ? graph.output : graph.at(objective.node);
  const std::string node = nodes_with_positions(graph, of, options.node, method).front();
  return {node, subject.activation(x, node)};
}

/** The channels that are looked at: all, or those with the largest sum of squares, in their order. */
std::vector<int64_t> chosen(const Tapped& t, int64_t n, int64_t most) {
  std::vector<int64_t> all(static_cast<size_t>(t.activation.shape()[1]));
  std::iota(all.begin(), all.end(), 0);
  if (most == 0 || most >= std::ssize(all)) return all;
  std::vector<double> squares;
  for (const int64_t k : all) {
    double sum = 0;
    for (const float v : t.channel(n, k)) sum += static_cast<double>(v) * v;
    squares.push_back(sum);
  }
  std::stable_sort(all.begin(), all.end(),
                   [&](int64_t a, int64_t b) { return squares[static_cast<size_t>(a)] > squares[static_cast<size_t>(b)]; });
  all.resize(static_cast<size_t>(most));
  std::sort(all.begin(), all.end());
  return all;
}

/** A channel of an image. */
struct ChannelOf {
  int64_t image, channel;
};

/** The channels of every image that are asked about, those of an image in a row. */
std::vector<ChannelOf> asked(const Tapped& t, int64_t most, auto&& wanted) {
  std::vector<ChannelOf> all;
  for (int64_t n = 0; n < t.activation.shape()[0]; ++n)
    for (const int64_t k : chosen(t, n, most))
      if (wanted(t.channel(n, k))) all.push_back({n, k});
  return all;
}

/** Whether a channel tells positions apart. */
bool varies(std::span<const float> channel) {
  const auto [low, high] = std::minmax_element(channel.begin(), channel.end());
  return *high - *low > 1e-8f;
}

/** A channel in the picture's size, its smallest number 0 and its largest 1. */
std::vector<double> mask_of(std::span<const float> channel, const Tapped& t, int64_t rows, int64_t columns) {
  const std::vector<double> numbers(channel.begin(), channel.end());
  std::vector<double> mask = upsampled(numbers, t.h(), t.w(), rows, columns);
  const auto [low, high] = std::minmax_element(mask.begin(), mask.end());
  const double least = *low, range = std::max(*high - least, 1e-8);
  for (double& v : mask) v = (v - least) / range;
  return mask;
}

/** The map of each image, Σ w_k A_k over its channels; `weigh` makes the weights of what was found for them, in place. */
Maps weighted_maps(const Tensor& x, const Tapped& t, std::span<const ChannelOf> channels, std::span<double> found, auto&& weigh) {
  CamSheets sheets(x, false);
  size_t first = 0;
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    size_t last = first;
    while (last < channels.size() && channels[last].image == n) ++last;
    const std::span<double> weights = found.subspan(first, last - first);
    weigh(n, weights);
    std::vector<double> map(static_cast<size_t>(t.h() * t.w()));
    for (size_t k = first; k < last; ++k) {
      const auto a = t.channel(n, channels[k].channel);
      for (size_t p = 0; p < map.size(); ++p) map[p] += found[k] * a[p];
    }
    sheets.add(n, std::move(map), t.h(), t.w());
    first = last;
  }
  return std::move(sheets).finish({t.node});
}

}  // namespace

ScoreCam::ScoreCam(Options options) : options_(std::move(options)) { check(options_, "score-cam"); }
AblationCam::AblationCam(Options options) : options_(std::move(options)) { check(options_, "ablation-cam"); }

Maps ScoreCam::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Tapped t = tapped(subject, x, question.objective, options_, "score-cam");
  const std::vector<ChannelOf> channels = asked(t, options_.channels, varies);
  const auto of = [&](int64_t i) { return channels[static_cast<size_t>(i)]; };
  const auto seen_through = [&](int64_t i, std::span<float> picture) {
    const auto [n, k] = of(i);
    const std::vector<double> mask = mask_of(t.channel(n, k), t, x.shape()[2], x.shape()[3]);
    const auto image = x.row(n);
    for (size_t p = 0; p < picture.size(); ++p) picture[p] = static_cast<float>(image[p] * mask[p % mask.size()]);
  };
  std::vector<double> scores = numbers_of_made(
      subject, question.objective, std::ssize(channels), seen_through,
      [&](int64_t i) { return question.targets[static_cast<size_t>(of(i).image)]; }, question.progress);
  return weighted_maps(x, t, channels, scores, [](int64_t, std::span<double> of_image) {  // softmax
    const double highest = of_image.empty() ? 0 : *std::max_element(of_image.begin(), of_image.end());
    double sum = 0;
    for (double& score : of_image) sum += score = std::exp(score - highest);
    for (double& score : of_image) score /= sum;
  });
}

Maps AblationCam::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Tapped t = tapped(subject, x, question.objective, options_, "ablation-cam");
  const std::vector<double> whole = values(subject.table(x, question.objective), question.objective, question.targets);
  const std::vector<ChannelOf> channels = asked(t, options_.channels, [](auto) { return true; });
  const auto positions = static_cast<size_t>(t.h() * t.w());
  const int64_t total = std::ssize(channels);
  std::vector<double> left;
  for (int64_t first = 0; first < total; first += subject.batch()) {
    const int64_t count = std::min(subject.batch(), total - first);
    Tensor without(t.activation.shape().with_batch(count)), pictures(x.shape().with_batch(count));
    std::vector<int64_t> targets(static_cast<size_t>(count));
    parallel(count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t m = begin; m < end; ++m) {
        const auto [n, k] = channels[static_cast<size_t>(first + m)];
        std::copy_n(t.activation.row(n).data(), t.activation.shape().inner(), without.row(m).data());
        std::fill_n(without.row(m).data() + static_cast<size_t>(k) * positions, positions, 0.0f);
        std::copy_n(x.row(n).data(), x.shape().inner(), pictures.row(m).data());
        targets[static_cast<size_t>(m)] = question.targets[static_cast<size_t>(n)];
      }
    });
    const auto some = values(subject.table_from(t.node, without, pictures, question.objective), question.objective, targets);
    left.insert(left.end(), some.begin(), some.end());
    if (question.progress) question.progress(first + count, total);
  }
  return weighted_maps(x, t, channels, left, [&](int64_t n, std::span<double> of_image) {
    const double own = whole[static_cast<size_t>(n)],
                 scale = own == 0 ? 1 : std::abs(own);  // of a number below 0 too a channel that raises it speaks for it
    for (double& value : of_image) value = (own - value) / scale;
  });
}

}  // namespace convscope
