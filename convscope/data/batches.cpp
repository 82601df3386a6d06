#include "convscope/data/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"

namespace convscope {

std::vector<int64_t> Order::indices(uint64_t epoch) const {
  if (shuffle_) return permutation(size_, RandomStream(seed_, "order"), epoch);
  std::vector<int64_t> all(static_cast<size_t>(size_));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Batches::Batches(std::vector<int64_t> order, int64_t batch, LastBatch last) : order_(std::move(order)), batch_(batch) {
  require(batch > 0, "a batch of {} samples; at least 1 is wanted", batch);
  const int64_t samples = static_cast<int64_t>(order_.size());
  count_ = samples / batch + (last == LastBatch::keep && samples % batch != 0 ? 1 : 0);
}

std::span<const int64_t> Batches::operator[](int64_t i) const {
  const int64_t begin = i * batch_, left = static_cast<int64_t>(order_.size()) - begin;
  return std::span(order_).subspan(static_cast<size_t>(begin), static_cast<size_t>(std::min(batch_, left)));
}

void read_batch(const Dataset& dataset, std::span<const int64_t> indices, uint64_t epoch, std::span<float> pixels, std::span<float> labels,
                std::span<int64_t> numbers) {
  const size_t count = indices.size(), image = static_cast<size_t>(dataset.image_shape().size());
  require(pixels.size() == count * image && (labels.empty() || labels.size() == count) && (numbers.empty() || numbers.size() == count),
          "a batch of {} images {} was asked for, with room for {} pixels, {} labels and {} numbers", count, dataset.image_shape(),
          pixels.size(), labels.size(), numbers.size());
  for (const int64_t i : indices)
    require(i >= 0 && i < dataset.size(), "no sample {}; the data set has {}, numbered from 0", i, dataset.size());

  constexpr int64_t kPixelsAThread = 1 << 15;  // below it, waking a thread costs more than it saves
  parallel(static_cast<int64_t>(count), kPixelsAThread / static_cast<int64_t>(std::max<size_t>(1, image)), [&](int64_t begin, int64_t end) {
    for (size_t n = static_cast<size_t>(begin); n < static_cast<size_t>(end); ++n) {
      dataset.pixels(indices[n], epoch, pixels.subspan(n * image, image));
      if (!labels.empty()) labels[n] = static_cast<float>(dataset.label(indices[n]));
      if (!numbers.empty()) numbers[n] = dataset.number(indices[n]);
    }
  });
}

}  // namespace convscope
