#include "convscope/inspect/attribution/masking_cam.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/inspect/attribution/cam.h"
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

/** Σ w_k A_k. */
std::vector<double> weighted(const Tapped& t, int64_t n, std::span<const int64_t> channels, std::span<const double> weights) {
  std::vector<double> map(static_cast<size_t>(t.h() * t.w()));
  for (size_t k = 0; k < channels.size(); ++k) {
    const auto a = t.channel(n, channels[k]);
    for (size_t p = 0; p < map.size(); ++p) map[p] += weights[k] * a[p];
  }
  return map;
}

/** A channel in the picture's size, its smallest number 0 and its largest 1; empty where all are the same. */
std::vector<double> mask_of(std::span<const float> channel, const Tapped& t, const Tensor& x) {
  const std::vector<double> numbers(channel.begin(), channel.end());
  std::vector<double> mask = upsampled(numbers, t.h(), t.w(), x.shape()[2], x.shape()[3]);
  const auto [low, high] = std::minmax_element(mask.begin(), mask.end());
  const double least = *low, range = *high - least;
  if (range <= 1e-8) return {};
  for (double& v : mask) v = (v - least) / range;
  return mask;
}

/** body(first, count) over that many rows, as many at once as fill the subject's batch. */
void in_groups(int64_t rows, int64_t batch, auto&& body) {
  for (int64_t first = 0; first < rows; first += batch) body(first, std::min(batch, rows - first));
}

}  // namespace

ScoreCam::ScoreCam(Options options) : options_(std::move(options)) { check(options_, "score-cam"); }
AblationCam::AblationCam(Options options) : options_(std::move(options)) { check(options_, "ablation-cam"); }

Maps ScoreCam::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Tapped t = tapped(subject, x, question.objective, options_, "score-cam");
  CamSheets sheets(x, false);
  const int64_t planes = x.shape()[1], size = x.shape()[2] * x.shape()[3];
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    std::vector<int64_t> channels = chosen(t, n, options_.channels);
    std::erase_if(channels, [&](int64_t k) { return mask_of(t.channel(n, k), t, x).empty(); });
    std::vector<double> scores;
    in_groups(std::ssize(channels), subject.batch(), [&](int64_t first, int64_t count) {
      Tensor masked(x.shape().with_batch(count));
      for (int64_t m = 0; m < count; ++m) {
        const std::vector<double> mask = mask_of(t.channel(n, channels[static_cast<size_t>(first + m)]), t, x);
        for (int64_t i = 0; i < planes * size; ++i)
          masked.row(m)[static_cast<size_t>(i)] =
              static_cast<float>(x.row(n)[static_cast<size_t>(i)] * mask[static_cast<size_t>(i % size)]);
      }
      const std::vector<int64_t> targets(static_cast<size_t>(count), question.targets[static_cast<size_t>(n)]);
      const auto some = values(subject.table(masked, question.objective), question.objective, targets);
      scores.insert(scores.end(), some.begin(), some.end());
    });
    const double highest = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double& score : scores) sum += score = std::exp(score - highest);
    for (double& score : scores) score /= sum;
    sheets.add(n, weighted(t, n, channels, scores), t.h(), t.w());
  }
  return std::move(sheets).finish({t.node});
}

Maps AblationCam::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const Tapped t = tapped(subject, x, question.objective, options_, "ablation-cam");
  const std::vector<double> whole = values(subject.table(x, question.objective), question.objective, question.targets);
  CamSheets sheets(x, false);
  const size_t positions = static_cast<size_t>(t.h() * t.w());
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    const std::vector<int64_t> channels = chosen(t, n, options_.channels);
    const double own = whole[static_cast<size_t>(n)],
                 scale = own == 0 ? 1 : std::abs(own);  // of a number below 0 too a channel that raises it speaks for it
    std::vector<double> weights;
    in_groups(std::ssize(channels), subject.batch(), [&](int64_t first, int64_t count) {
      Tensor without(t.activation.shape().with_batch(count)), pictures(x.shape().with_batch(count));
      for (int64_t m = 0; m < count; ++m) {
        std::copy_n(t.activation.row(n).data(), t.activation.shape().inner(), without.row(m).data());
        std::fill_n(without.row(m).data() + static_cast<size_t>(channels[static_cast<size_t>(first + m)]) * positions, positions, 0.0f);
        std::copy_n(x.row(n).data(), x.shape().inner(), pictures.row(m).data());
      }
      const std::vector<int64_t> targets(static_cast<size_t>(count), question.targets[static_cast<size_t>(n)]);
      const Tensor table = subject.table_from(t.node, without, pictures, question.objective);
      for (const double left : values(table, question.objective, targets)) weights.push_back((own - left) / scale);
    });
    sheets.add(n, weighted(t, n, channels, weights), t.h(), t.w());
  }
  return std::move(sheets).finish({t.node});
}

}  // namespace convscope
