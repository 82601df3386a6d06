#include "convscope/study/smoothed_best.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/train/published_meter.h"

namespace convscope {

double smoothed_deviation(double accuracy, int64_t batch) {
  return std::sqrt(0.3 / 1.7) * std::sqrt(accuracy * (1 - accuracy) / static_cast<double>(batch));
}

namespace {

/** Answers of one training, epoch after epoch: two numbers decide about an image, whether it is drawn anew and whether it is right. */
class Answers {
 public:
  Answers(const SmoothedBest& options, int64_t trial)
      : options_(options), random_(options.seed, fmt::format("smoothed-best/{}", trial)), right_(static_cast<size_t>(options.images), 0) {}

  const std::vector<uint8_t>& next() {
    for (size_t i = 0; i < right_.size(); ++i) {
      const RandomStream::Block b = random_.block(i, epoch_);
      const auto chance = [&](uint64_t k) { return static_cast<double>(b[k]) * 0x1p-32; };
      if (epoch_ == 0 || chance(0) >= options_.keep) right_[i] = chance(1) < options_.accuracy;
    }
    ++epoch_;
    return right_;
  }

 private:
  const SmoothedBest& options_;
  RandomStream random_;
  std::vector<uint8_t> right_;
  uint64_t epoch_ = 0;
};

double mean_of(std::span<const uint8_t> right) {
  return static_cast<double>(std::count(right.begin(), right.end(), uint8_t{1})) / static_cast<double>(right.size());
}

}  // namespace

std::vector<SmoothingTrial> simulate_smoothed_best(const SmoothedBest& o, std::span<const int64_t> epochs) {
  require(o.accuracy >= 0 && o.accuracy <= 1 && o.keep >= 0 && o.keep < 1,
          "smoothed best: accuracy {} and keep {} are shares, keep below 1", o.accuracy, o.keep);
  require(o.images >= 1 && o.batch >= 1 && o.trials >= 1 && !epochs.empty() && *std::min_element(epochs.begin(), epochs.end()) >= 1,
          "smoothed best: images, batch, trials and counts of epochs are from 1 on");
  const int64_t longest = *std::max_element(epochs.begin(), epochs.end());
  std::vector<SmoothingTrial> rows;
  for (const int64_t count : epochs) {
    SmoothingTrial row;
    row.accuracy = o.accuracy;
    row.keep = o.keep;
    row.images = o.images;
    row.batch = o.batch;
    row.epochs = count;
    row.trials = o.trials;
    row.closed_form = smoothed_deviation(o.accuracy, o.batch);
    rows.push_back(row);
  }
  for (int64_t trial = 0; trial < o.trials; ++trial) {
    Answers answers(o, trial);
    PublishedMeter meter;
    meter.smoothed = o.accuracy;
    double best_smoothed = 0, best_exact = 0, sum = 0, squares = 0;
    for (int64_t epoch = 1; epoch <= longest; ++epoch) {
      const std::vector<uint8_t>& right = answers.next();
      meter.look(right, o.batch);
      best_smoothed = std::max(best_smoothed, meter.smoothed);
      best_exact = std::max(best_exact, mean_of(right));
      sum += meter.smoothed;
      squares += (meter.smoothed - o.accuracy) * (meter.smoothed - o.accuracy);
      for (SmoothingTrial& row : rows) {
        if (row.epochs != epoch) continue;
        row.best_smoothed += best_smoothed / static_cast<double>(o.trials);
        row.best_exact += best_exact / static_cast<double>(o.trials);
        row.mean += sum / static_cast<double>(o.trials * row.epochs);
        row.deviation += squares / static_cast<double>(o.trials * row.epochs);  // its square
      }
    }
  }
  for (SmoothingTrial& row : rows) row.deviation = std::sqrt(row.deviation);
  return rows;
}

}  // namespace convscope
