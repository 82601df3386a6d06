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
}

/** A node with what it gives. */
struct Tapped {
  std::string node;
  Tensor activation;  // [N, K, h, w]
  int64_t h() const { return activation.shape()[2]; }
  int64_t w() const { return activation.shape()[3]; }
  std::span<const float> channel(int64_t n, int64_t k) const {
    return activation.row(n).subspan(static_cast<size_t>(k * h() * w()), static_cast<size_t>(h() * w()));
  }
};

std::vector<Tapped> tapped(Subject& subject, const Tensor& x, const Objective& objective, const MaskingCamOptions& options,
                           std::string_view method) {
  const Graph& graph = network_of(subject, method);
  const Value of = objective.node.empty() ? graph.output : graph.at(objective.node);
  std::vector<Tapped> all;
  for (const std::string& node : nodes_with_positions(graph, of, options.node, method)) all.push_back({node, subject.activation(x, node)});
  return all;
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

/** The channels of every image that are asked about, those of an image in a row; for each node. */
std::vector<std::vector<ChannelOf>> asked(const std::vector<Tapped>& nodes, int64_t most, auto&& wanted) {
  std::vector<std::vector<ChannelOf>> all;
  for (const Tapped& t : nodes) {
    std::vector<ChannelOf>& of_node = all.emplace_back();
    for (int64_t n = 0; n < t.activation.shape()[0]; ++n)
      for (const int64_t k : chosen(t, n, most))
        if (wanted(t.channel(n, k))) of_node.push_back({n, k});
  }
  return all;
}

/** What tells how far a node is as a part of all. */
std::function<void(int64_t, int64_t)> progress_of(const Question& question, const std::vector<std::vector<ChannelOf>>& channels,
                                                  size_t node) {
  if (!question.progress) return {};
  int64_t before = 0, total = 0;
  for (size_t k = 0; k < channels.size(); ++k) {
    if (k < node) before += std::ssize(channels[k]);
    total += std::ssize(channels[k]);
  }
  return [&question, before, total](int64_t done, int64_t) { question.progress(before + done, total); };
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

/** The node's map of each image, Σ w_k A_k over its channels; `weigh` makes the weights of what was found for them, in place. */
void add_weighted_maps(CamSheets& sheets, const Tapped& t, std::span<const ChannelOf> channels, std::span<double> found, auto&& weigh) {
  size_t first = 0;
  for (int64_t n = 0; n < t.activation.shape()[0]; ++n) {
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
}

std::vector<std::string> names_of(const std::vector<Tapped>& nodes) {
  std::vector<std::string> names;
  for (const Tapped& t : nodes) names.push_back(t.node);
  return names;
}

/** Numbers of the images' channels become weights that sum to 1. */
void softmax(std::span<double> scores) {
  const double highest = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - highest);
  for (double& score : scores) score /= sum;
}

/** [channels] the target's number where each of them is 0. */
std::vector<double> without_each(Subject& subject, const Tensor& x, const Question& question, const Tapped& t,
                                 std::span<const ChannelOf> channels, const std::function<void(int64_t, int64_t)>& progress) {
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
    if (progress) progress(first + count, total);
  }
  return left;
}

}  // namespace

ScoreCam::ScoreCam(Options options) : options_(std::move(options)) { check(options_, "score-cam"); }
AblationCam::AblationCam(Options options) : options_(std::move(options)) { check(options_, "ablation-cam"); }

Maps ScoreCam::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const std::vector<Tapped> nodes = tapped(subject, x, question.objective, options_, "score-cam");
  const auto channels = asked(nodes, options_.channels, varies);
  CamSheets sheets(x, false);
  for (size_t node = 0; node < nodes.size(); ++node) {
    const Tapped& t = nodes[node];
    const auto of = [&](int64_t i) { return channels[node][static_cast<size_t>(i)]; };
    const auto seen_through = [&](int64_t i, std::span<float> picture) {
      const auto [n, k] = of(i);
      const std::vector<double> mask = mask_of(t.channel(n, k), t, x.shape()[2], x.shape()[3]);
      const auto image = x.row(n);
      for (size_t p = 0; p < picture.size(); ++p) picture[p] = static_cast<float>(image[p] * mask[p % mask.size()]);
    };
    std::vector<double> scores = numbers_of_made(
        subject, question.objective, std::ssize(channels[node]), seen_through,
        [&](int64_t i) { return question.targets[static_cast<size_t>(of(i).image)]; }, progress_of(question, channels, node));
    add_weighted_maps(sheets, t, channels[node], scores, [](int64_t, std::span<double> of_image) { softmax(of_image); });
  }
  return std::move(sheets).finish(names_of(nodes));
}

Maps AblationCam::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const std::vector<Tapped> nodes = tapped(subject, x, question.objective, options_, "ablation-cam");
  const std::vector<double> whole = values(subject.table(x, question.objective), question.objective, question.targets);
  const auto channels = asked(nodes, options_.channels, [](auto) { return true; });
  CamSheets sheets(x, false);
  for (size_t node = 0; node < nodes.size(); ++node) {
    std::vector<double> left = without_each(subject, x, question, nodes[node], channels[node], progress_of(question, channels, node));
    add_weighted_maps(sheets, nodes[node], channels[node], left, [&](int64_t n, std::span<double> of_image) {
      const double own = whole[static_cast<size_t>(n)],
                   scale = own == 0 ? 1 : std::abs(own);  // of a number below 0 too a channel that raises it speaks for it
      for (double& value : of_image) value = (own - value) / scale;
    });
  }
  return std::move(sheets).finish(names_of(nodes));
}

}  // namespace convscope
