#include "convscope/inspect/neurons/top_activations.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"

namespace convscope {

namespace {

bool stronger(const Answer& a, const Answer& b) { return a.activation != b.activation ? a.activation > b.activation : a.image < b.image; }

/** Of many numbers at once, without branches; NaN where all are. */
float largest(std::span<const float> map) {
  constexpr size_t kLanes = 16;
  float lanes[kLanes];
  std::fill(std::begin(lanes), std::end(lanes), -std::numeric_limits<float>::infinity());
  size_t i = 0;
  for (; i + kLanes <= map.size(); i += kLanes)
    for (size_t l = 0; l < kLanes; ++l) lanes[l] = map[i + l] > lanes[l] ? map[i + l] : lanes[l];
  for (; i < map.size(); ++i) lanes[0] = map[i] > lanes[0] ? map[i] : lanes[0];
  const float most = *std::max_element(std::begin(lanes), std::end(lanes));
  return std::isinf(most) && std::find(map.begin(), map.end(), most) == map.end() ? std::numeric_limits<float>::quiet_NaN() : most;
}

}  // namespace

TopActivations::TopActivations(Subject& subject, std::string node, std::vector<int64_t> channels, int64_t count, const Position* position)
    : subject_(subject),
      node_(std::move(node)),
      channels_(std::move(channels)),
      count_(static_cast<size_t>(count)),
      everywhere_(position == nullptr),
      position_(position ? *position : Position{}) {
  const Shape shape = subject_.shape(node_);
  require(shape.rank() == 1 || shape.rank() == 3, "node '{}' gives {}; neurons are channels of [C, H, W] or numbers of [F]", node_, shape);
  shape_ = shape.rank() == 3 ? shape : Shape{shape[0], 1, 1};
  require(count >= 1, "count {}: at least one image is to be shown", count);
  if (channels_.empty())
    for (int64_t k = 0; k < shape_[0]; ++k) channels_.push_back(k);
  for (const int64_t k : channels_) require(k >= 0 && k < shape_[0], "node '{}' has channels 0 to {}, got {}", node_, shape_[0] - 1, k);
  require(position_.row >= 0 && position_.row < shape_[1] && position_.column >= 0 && position_.column < shape_[2],
          "node '{}' has {} × {} positions, got row {} and column {}", node_, shape_[1], shape_[2], position_.row, position_.column);
  best_.resize(channels_.size());
  sum_.resize(channels_.size());
  squares_.resize(channels_.size());
}

void TopActivations::see(const Tensor& x, std::span<const int64_t> numbers) { see_answers(subject_.activation(x, node_), numbers); }

void TopActivations::see_answers(const Tensor& y, std::span<const int64_t> numbers) {
  const int64_t plane = shape_[1] * shape_[2];
  parallel(static_cast<int64_t>(channels_.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      auto& best = best_[static_cast<size_t>(k)];
      double sum = 0, squares = 0;
      for (size_t n = 0; n < numbers.size(); ++n) {
        const auto map = y.row(static_cast<int64_t>(n))
                             .subspan(static_cast<size_t>(channels_[static_cast<size_t>(k)] * plane), static_cast<size_t>(plane));
        const float value = everywhere_ ? largest(map) : map[static_cast<size_t>(position_.row * shape_[2] + position_.column)];
        sum += value;
        squares += static_cast<double>(value) * value;
        Answer answer{numbers[n], value, position_.row, position_.column};
        if (std::isnan(value) || (best.size() == count_ && !stronger(answer, best.front()))) continue;
        if (everywhere_) {  // where it stands matters to few images only
          const int64_t place = std::find(map.begin(), map.end(), value) - map.begin();
          answer.row = place / shape_[2];
          answer.column = place % shape_[2];
        }
        if (best.size() == count_) {
          std::pop_heap(best.begin(), best.end(), stronger);
          best.pop_back();
        }
        best.push_back(answer);
        std::push_heap(best.begin(), best.end(), stronger);
      }
      sum_[static_cast<size_t>(k)] += sum;
      squares_[static_cast<size_t>(k)] += squares;
    }
  });
  seen_ += std::ssize(numbers);
}

std::vector<Answer> TopActivations::top(size_t k) const {
  std::vector<Answer> all = best_[k];
  std::sort(all.begin(), all.end(), stronger);
  return all;
}

double TopActivations::mean(size_t k) const { return sum_[k] / static_cast<double>(std::max<int64_t>(1, seen_)); }

double TopActivations::deviation(size_t k) const {
  const double m = mean(k);
  return std::sqrt(std::max(0.0, squares_[k] / static_cast<double>(std::max<int64_t>(1, seen_)) - m * m));
}

double TopActivations::selectivity(size_t k) const {
  const double spread = deviation(k);
  if (best_[k].empty() || !(spread > 0)) return 0;
  double sum = 0;
  for (const Answer& a : best_[k]) sum += a.activation;
  return (sum / static_cast<double>(best_[k].size()) - mean(k)) / spread;
}

}  // namespace convscope
