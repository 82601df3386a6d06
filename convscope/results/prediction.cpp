#include "convscope/results/prediction.h"

#include <numeric>

namespace convscope {

Prediction::Prediction(std::string image, std::vector<RankedClass> likeliest)
    : file(std::move(image)),
      name(likeliest.front().name),
      index(likeliest.front().index),
      confidence(likeliest.front().confidence),
      top(std::move(likeliest)) {}

std::vector<RankedClass> ranked(std::span<const float> confidences, std::span<const std::string> classes, size_t most) {
  std::vector<size_t> order(confidences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return confidences[a] > confidences[b]; });
  order.resize(std::min(most, order.size()));
  std::vector<RankedClass> top;
  for (const size_t i : order)
    top.push_back({i < classes.size() ? classes[i] : std::to_string(i), static_cast<int64_t>(i), static_cast<double>(confidences[i])});
  return top;
}

}  // namespace convscope
