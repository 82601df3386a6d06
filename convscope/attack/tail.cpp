#include "convscope/attack/tail.h"

#include <algorithm>

namespace convscope {

namespace {

/** What an image costs in small batches, relative to one in a large batch: threads have less to share. */
constexpr double kSmallCost = 1.3;

Tensor rows(const Tensor& x, int64_t first, int64_t count) {
  Tensor some(x.shape().with_batch(count));
  std::copy_n(x.data() + first * x.shape().inner(), some.size(), some.data());
  return some;
}

/** `second` below `first`. */
Tensor joined(const Tensor& first, const Tensor& second) {
  Tensor both(first.shape().with_batch(first.shape()[0] + second.shape()[0]));
  std::copy_n(first.data(), first.size(), both.data());
  std::copy_n(second.data(), second.size(), both.data() + first.size());
  return both;
}

}  // namespace

int64_t TailSubject::in_large(int64_t count) const {
  const int64_t large = large_.batch(), small = small_.batch(), rest = count % large;
  const int64_t padded = (rest + small - 1) / small * small;
  return kSmallCost * static_cast<double>(padded) < static_cast<double>(large) ? count - rest : count;
}

Tensor TailSubject::table(const Tensor& x, const Objective& objective) {
  const int64_t count = x.shape()[0], many = in_large(count);
  if (many == count) return large_.table(x, objective);
  if (many == 0) return small_.table(x, objective);
  return joined(large_.table(rows(x, 0, many), objective), small_.table(rows(x, many, count - many), objective));
}

Slope TailSubject::slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) {
  const int64_t count = x.shape()[0], many = in_large(count);
  if (many == count) return large_.slope(x, objective, targets);
  if (many == 0) return small_.slope(x, objective, targets);
  const auto cut = static_cast<size_t>(many);
  Slope first = large_.slope(rows(x, 0, many), objective, targets.first(cut));
  Slope second = small_.slope(rows(x, many, count - many), objective, targets.subspan(cut));
  first.gradient = joined(first.gradient, second.gradient);
  first.table = joined(first.table, second.table);
  first.value.insert(first.value.end(), second.value.begin(), second.value.end());
  return first;
}

}  // namespace convscope
