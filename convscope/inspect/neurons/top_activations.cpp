#include "convscope/inspect/neurons/top_activations.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"

namespace convscope {

namespace {

bool stronger(const Answer& a, const Answer& b) { return a.activation != b.activation ? a.activation > b.activation : a.image < b.image; }

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

void TopActivations::see(const Tensor& x, std::span<const int64_t> numbers) {
  const Tensor y = subject_.activation(x, node_);
  const int64_t count = x.shape()[0], plane = shape_[1] * shape_[2];
  parallel(static_cast<int64_t>(channels_.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      auto& best = best_[static_cast<size_t>(k)];
      for (int64_t n = 0; n < count; ++n) {
        const auto map = y.row(n).subspan(static_cast<size_t>(channels_[static_cast<size_t>(k)] * plane), static_cast<size_t>(plane));
        int64_t place = position_.row * shape_[2] + position_.column;
        if (everywhere_) {
          // The largest number first: that loop has no branches, and where it stands matters to few images only.
          float largest = map[0];
          for (const float v : map) largest = v > largest ? v : largest;
          place = std::find(map.begin(), map.end(), largest) - map.begin();
          if (place == plane) place = 0;  // NaN
        }
        const float value = map[static_cast<size_t>(place)];
        sum_[static_cast<size_t>(k)] += value;
        squares_[static_cast<size_t>(k)] += static_cast<double>(value) * value;
        const Answer answer{numbers[static_cast<size_t>(n)], value, place / shape_[2], place % shape_[2]};
        if (best.size() == count_ && !stronger(answer, best.front())) continue;
        if (best.size() == count_) {
          std::pop_heap(best.begin(), best.end(), stronger);
          best.pop_back();
        }
        best.push_back(answer);
        std::push_heap(best.begin(), best.end(), stronger);
      }
    }
  });
  seen_ += count;
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

}  // namespace convscope
