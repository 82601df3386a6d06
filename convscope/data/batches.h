#pragma once

#include "convscope/data/dataset.h"

namespace convscope {

/** The order in which an epoch visits 0 … size−1: a permutation drawn from (seed, epoch), or as they are. */
class Order {
 public:
  Order(int64_t size, bool shuffle, uint64_t seed) : size_(size), shuffle_(shuffle), seed_(seed) {}
  std::vector<int64_t> indices(uint64_t epoch) const;

 private:
  int64_t size_;
  bool shuffle_;
  uint64_t seed_;
};

/** What becomes of the last batch where it is not full. */
enum class LastBatch { keep, drop };

/** Cuts an epoch's order into batches of `batch` samples, the last one shorter or dropped. */
class Batches {
 public:
  Batches(std::vector<int64_t> order, int64_t batch, LastBatch last = LastBatch::keep);

  int64_t count() const { return count_; }
  std::span<const int64_t> operator[](int64_t i) const;

 private:
  std::vector<int64_t> order_;
  int64_t batch_;
  int64_t count_;
};

/**
 * Reads samples with all threads; N is the count of `indices`.
 *
 *   pixels   [N, C, H, W]
 *   labels   [N], or empty where they are not wanted
 *   numbers  [N], or empty: each sample's number in its published split
 */
void read_batch(const Dataset& dataset, std::span<const int64_t> indices, uint64_t epoch, std::span<float> pixels, std::span<float> labels,
                std::span<int64_t> numbers);

}  // namespace convscope
