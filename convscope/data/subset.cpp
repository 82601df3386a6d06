#include "convscope/data/subset.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "convscope/base/random.h"
#include "convscope/data/sample_names.h"

namespace convscope {

Subset::Subset(std::shared_ptr<const Dataset> base, std::vector<int64_t> indices) : base_(std::move(base)), indices_(std::move(indices)) {
  require(!indices_.empty(), "a subset of no samples; choose at least one of the {}", base_->size());
  for (const int64_t i : indices_)
    require(i >= 0 && i < base_->size(), "no sample {}; the data set has {}, numbered from 0", i, base_->size());
}

std::shared_ptr<const Dataset> Subset::first(std::shared_ptr<const Dataset> base, int64_t count) {
  require(count >= 1 && count <= base->size(), "the first {} samples were asked for; the data set has {}", count, base->size());
  std::vector<int64_t> indices = usual_order(*base);
  indices.resize(static_cast<size_t>(count));
  return std::make_shared<Subset>(std::move(base), std::move(indices));
}

std::vector<int64_t> usual_order(const Dataset& data) {
  std::vector<int64_t> order(static_cast<size_t>(data.size()));
  std::iota(order.begin(), order.end(), 0);
  std::vector<int64_t> place_in_class(order.size());
  std::set<int64_t> begun;
  if (data.size() > 0) begun.insert(data.label(0));
  for (size_t i = 1; i < order.size(); ++i) {
    const int64_t label = data.label(static_cast<int64_t>(i)), before = data.label(static_cast<int64_t>(i) - 1);
    if (label == before) place_in_class[i] = place_in_class[i - 1] + 1;
    if (label != before && !begun.insert(label).second) return order;  // its images lie in more places than one
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return place_in_class[static_cast<size_t>(a)] < place_in_class[static_cast<size_t>(b)]; });
  return order;
}

namespace {

/** Places of samples that lie in files of their own, in an order that each name draws for itself: other pictures change nothing for it. */
std::vector<int64_t> by_draw_of_names(const Dataset& data, uint64_t seed) {
  std::vector<std::pair<uint64_t, int64_t>> draws;
  for (const std::string& name : sample_names(data)) draws.emplace_back(draw_by_name(name, "validation", seed), std::ssize(draws));
  std::sort(draws.begin(), draws.end());
  std::vector<int64_t> order;
  for (const auto& [draw, place] : draws) order.push_back(place);
  return order;
}

}  // namespace

TrainingAndValidation split_validation(const std::shared_ptr<const Dataset>& dataset, double held_out, uint64_t seed) {
  const int64_t size = dataset->size();
  require(held_out > 0 && held_out < static_cast<double>(size) && (held_out < 1 || held_out == std::floor(held_out)),
          "{} samples cannot be held out; a fraction below 1 or a count below the data set's {} were wanted", held_out, size);
  const int64_t count = held_out < 1 ? std::llround(held_out * static_cast<double>(size)) : static_cast<int64_t>(held_out);
  require(count >= 1 && count < size, "holding out {} of {} samples leaves nothing on one side; change the fraction", held_out, size);

  std::vector<int64_t> order =
      dataset->file(0).empty() ? permutation(size, RandomStream(seed, "validation")) : by_draw_of_names(*dataset, seed);
  const auto border = order.begin() + count;
  std::sort(order.begin(), border);
  std::sort(border, order.end());
  return {.training = std::make_shared<Subset>(dataset, std::vector<int64_t>(border, order.end())),
          .validation = std::make_shared<Subset>(dataset, std::vector<int64_t>(order.begin(), border))};
}

}  // namespace convscope
