#include "convscope/nn/adaptive_avg_pool.h"

#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/resample.h"

namespace convscope {

namespace {

/** Along one axis: for each result the places of a window, `taps` of them with their weights; those beyond its end weigh nothing. */
struct Windows {
  int64_t taps = 1;
  std::vector<int64_t> places;
  std::vector<double> weights;
};

int64_t begin_of(int64_t i, int64_t from, int64_t to) { return i * from / to; }
int64_t end_of(int64_t i, int64_t from, int64_t to) { return ((i + 1) * from + to - 1) / to; }

int64_t widest(int64_t from, int64_t to) {
  int64_t most = 1;
  for (int64_t i = 0; i < to; ++i) most = std::max(most, end_of(i, from, to) - begin_of(i, from, to));
  return most;
}

Windows windows(int64_t from, int64_t to, int64_t taps) {
  Windows w{taps, {}, {}};
  for (int64_t i = 0; i < to; ++i) {
    const int64_t begin = begin_of(i, from, to), count = end_of(i, from, to) - begin;
    for (int64_t t = 0; t < taps; ++t) {
      w.places.push_back(begin + std::min(t, count - 1));
      w.weights.push_back(t < count ? 1.0 / static_cast<double>(count) : 0);
    }
  }
  return w;
}

}  // namespace

AdaptiveAvgPool::AdaptiveAvgPool(Options options) : options_(options) {
  constexpr int64_t kMost = 4096;
  require(options_.rows >= 1 && options_.rows <= kMost && options_.columns >= 1 && options_.columns <= kMost,
          "adaptive-avg-pool: {} rows and {} columns; 1 to {} are possible", options_.rows, options_.columns, kMost);
}

Value AdaptiveAvgPool::build(Builder& graph, std::string_view name, Value x) const {
  const Shape in = graph.shape(x);
  require(in.rank() == 4, "adaptive-avg-pool '{}': the input is {}, pictures [N, C, H, W] were wanted", graph.path(name), in);
  if (in[2] == options_.rows && in[3] == options_.columns) return graph.add<IdentityOp>(name, {}, {x});
  const int64_t taps = std::max(widest(in[2], options_.rows), widest(in[3], options_.columns));
  constexpr int64_t kMostPlaces = int64_t{1} << 22;
  require(taps <= kMostPlaces / std::max(options_.rows, options_.columns),
          "adaptive-avg-pool '{}': windows of {} rows or columns for {} × {} places; the widest times the places are {} at most",
          graph.path(name), taps, options_.rows, options_.columns, kMostPlaces);
  const Windows rows = windows(in[2], options_.rows, taps), columns = windows(in[3], options_.columns, taps);
  return graph.add<ResampleOp>(
      name, {.taps = taps, .rows = rows.places, .columns = columns.places, .row_weights = rows.weights, .column_weights = columns.weights},
      {x});
}

}  // namespace convscope
