#include "convscope/api/tensorboard.h"

#include "convscope/engine/weights.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

/** "test_accuracy" → "accuracy/test": TensorBoard draws what begins alike on neighbouring axes. */
std::string tag_of(const std::string& key) {
  for (const char* split : {"train_", "test_", "validation_"})
    if (key.starts_with(split))
      return key.substr(std::string_view(split).size()) + "/" + std::string(split, std::string_view(split).size() - 1);
  return "training/" + key;
}

}  // namespace

void TensorBoardLog::before_update(const BeforeUpdate& update) {
  weights_ = update.weights;
  if (update.step == 0) weights(0);
}

void TensorBoardLog::epoch_done(const EpochMetrics& metrics) {
  const Json told = fields_to_json(metrics);
  for (const auto& [key, value] : told.items())
    if (key != "epoch" && value.is_number()) events_.scalar(tag_of(key), metrics.epoch, value.get<double>());
  weights(metrics.epoch);
}

void TensorBoardLog::weights(int64_t step) {
  if (!weights_) return;
  for (const Weights::Entry& entry : weights_->entries())
    if (entry.trained) events_.histogram("weights/" + entry.name, step, weights_->get(entry.name).span());
}

void TensorBoardLog::finish(const Path& run, int64_t epochs) {
  const auto show = [&](const char* tag, const Path& picture) {
    if (std::filesystem::exists(run / picture)) events_.image(tag, epochs, read_image(run / picture));
  };
  show("figures/learning-curves", Path(kFigures) / "learning-curves.png");
  show("figures/confusion-matrix", Path(kFigures) / "confusion-matrix.png");
}

void attach(const std::shared_ptr<TensorBoardLog>& log, TrainHooks& hooks) {
  hooks.observers.push_back(log);
  hooks.epoch_done = [log, told = std::move(hooks.epoch_done)](const EpochMetrics& metrics) {
    if (told) told(metrics);
    log->epoch_done(metrics);
  };
}

}  // namespace convscope
