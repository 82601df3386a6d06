#include "convscope/train/published_meter.h"

#include <algorithm>
#include <numeric>

namespace convscope {

void PublishedMeter::look(std::span<const uint8_t> right, int64_t batch) {
  const size_t full = static_cast<size_t>(batch);
  double sum = 0;
  int64_t batches = 0;
  for (size_t first = 0; first < right.size(); first += full, ++batches) {
    const auto samples = right.subspan(first, std::min(full, right.size() - first));
    const double share = static_cast<double>(std::accumulate(samples.begin(), samples.end(), int64_t{0})) / static_cast<double>(batch);
    if (samples.size() == full) smoothed = smoothed_on(smoothed, share);
    sum += share;
  }
  batch_mean = batches > 0 ? sum / static_cast<double>(batches) : 0;
}

void PublishedMeter::look_at_losses(std::span<const double> losses, int64_t batch) {
  const size_t full = static_cast<size_t>(batch);
  for (; losses.size() >= full; losses = losses.subspan(full)) {
    const auto samples = losses.first(full);
    smoothed_loss = smoothed_on(smoothed_loss, std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(batch));
  }
}

}  // namespace convscope
