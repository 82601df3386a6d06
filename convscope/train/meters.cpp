#include "convscope/train/meters.h"

#include <algorithm>
#include <cmath>

#include "convscope/results/learning_signs.h"
#include "convscope/train/published_meter.h"

namespace convscope {

namespace {

double mean_loss(const Position& p) { return p.loss / static_cast<double>(p.seen); }
double share_correct(const Position& p) { return static_cast<double>(p.correct) / static_cast<double>(p.seen); }

/** The network on test pictures, as the published meters go on from the epochs before. */
void read_published_meters(const Evaluator& test, int64_t batch, std::span<const EpochMetrics> before, EpochMetrics& m) {
  PublishedMeter meter;
  if (!before.empty() && std::isfinite(before.back().test_accuracy_smoothed)) meter.smoothed = before.back().test_accuracy_smoothed;
  if (!before.empty() && std::isfinite(before.back().test_loss_smoothed)) meter.smoothed_loss = before.back().test_loss_smoothed;
  meter.look(test.right(), batch);
  m.test_accuracy_smoothed = meter.smoothed;
  m.test_accuracy_batch_mean = meter.batch_mean;
  if (test.sample_losses().empty()) return;
  meter.look_at_losses(test.sample_losses(), batch);
  m.test_loss_smoothed = meter.smoothed_loss;
}

}  // namespace

void Meters::begin(const Position& position) {
  timer_.restart();
  waited_ = position.waited;
  seconds_before_ = position.seconds;
  untimed_ = position.seconds > 0 ? 0 : position.seen;
}

void Meters::pause(Position& position) const {
  position.seconds = seconds_before_ + timer_.seconds();
  position.waited = waited_;
}

TrainProgress Meters::progress(const Position& position, int64_t samples, int64_t updates) const {
  const double rate = static_cast<double>(position.seen - untimed_) / (seconds_before_ + timer_.seconds());
  const double left = static_cast<double>((options_.epochs - position.epoch) * samples - position.seen);
  return {position.epoch, options_.epochs, position.step, updates, mean_loss(position), share_correct(position), rate, left / rate};
}

void Meters::end(const Position& position) {
  seconds_ = std::max(1e-9, seconds_before_ + timer_.seconds());  // a run stopped behind an epoch's last update resumes with none left
  images_per_second_ = static_cast<double>(position.seen - untimed_) / seconds_;
}

EpochMetrics Meters::metrics(const Position& position, std::span<const EpochMetrics> before) {
  EpochMetrics m;
  m.epoch = position.epoch + 1;
  m.lr = position.rate;
  m.train_loss = mean_loss(position);
  m.train_accuracy = share_correct(position);
  m.seconds = seconds_;
  m.images_per_second = images_per_second_;
  m.data_wait = waited_ / seconds_;
  const bool published = options_.meters == "published";
  if (published) {
    m.train_accuracy_smoothed = position.smoothed_accuracy;
    m.train_loss_smoothed = position.smoothed_loss;
  }
  if (!test_) return m;
  tested_ = test_->run();
  (test_is_validation_ ? m.validation_loss : m.test_loss) = tested_.loss;
  (test_is_validation_ ? m.validation_accuracy : m.test_accuracy) = tested_.accuracy;
  if (published) read_published_meters(*test_, options_.meter_batch > 0 ? options_.meter_batch : options_.batch, before, m);
  return m;
}

std::vector<std::string> Meters::signs_of_not_learning(const EpochMetrics& m, int64_t samples) const {
  return convscope::signs_of_not_learning(tested_, m, samples);
}

}  // namespace convscope
