#include "convscope/train/auto_recipe.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "convscope/base/join.h"
#include "convscope/data/locate.h"
#include "convscope/data/sources/folder.h"
#include "convscope/data/subset.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/models/file_model.h"
#include "convscope/models/foreign/adopt.h"
#include "convscope/models/onnx/import.h"
#include "convscope/train/training_data.h"

namespace convscope {

namespace {

constexpr const char* kChosen[] = {"epochs", "batch", "optimiser", "lr", "schedule", "decay_on", "normalize", "augment"};

constexpr int64_t kUsualBatch = 128;

/** Mean and deviation of pictures taken evenly from all of them. */
Normalization statistics(const std::shared_ptr<const Dataset>& data) {
  constexpr int64_t kMost = 2000;
  const int64_t count = std::min(data->size(), kMost);
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < count; ++i) indices.push_back(i * data->size() / count);
  const SplitFacts known = facts(Subset(data, std::move(indices)), split_name(Split::train));
  Normalization n{known.mean, known.deviation};
  for (double& deviation : n.std)
    if (deviation < 1e-3) deviation = 1;  // a channel that says nothing
  return n;
}

std::string text_of(const Normalization& n) {
  const auto numbers = [](const std::vector<double>& values) {
    std::vector<std::string> texts;
    for (const double v : values) texts.push_back(fmt::format("{:.4g}", v));
    return fmt::format("{}", join(texts, ","));
  };
  return numbers(n.mean) + "/" + numbers(n.std);
}

/** Whether a convolution's filters may grow or shrink and nothing else changes, wherever there is one. */
bool normalises_convolutions(const Graph& network) {
  const auto readers = network.readers();
  bool any = false;
  for (size_t i = 0; i < network.nodes().size(); ++i) {
    if (network.nodes()[i].op->kind() != Conv2dOp::kKind) continue;
    any = true;
    for (const int reader : readers[i])
      if (network.node(reader).op->kind() != BatchNormOp::kKind) return false;
  }
  return any;
}

/** Whether the kernels start from N(0, 1), whatever their fan: a step that suits them is larger by as much as they are. */
bool starts_unscaled(const Graph& network) {
  const std::vector<ParameterInfo> all = parameters(network);
  return std::any_of(all.begin(), all.end(), [](const ParameterInfo& p) { return p.shape.rank() == 4 && p.init == "normal"; });
}

/** Numbers that a filter of the widest convolution reads, in a network that normalises nothing; 0 in others. */
int64_t widest_unnormalised(const Graph& network) {
  for (const Node& node : network.nodes())
    if (node.op->kind() == BatchNormOp::kKind || node.op->kind() == StandardizeOp::kKind) return 0;
  int64_t widest = 0;
  for (const ParameterInfo& p : parameters(network))
    if (p.shape.rank() == 4) widest = std::max(widest, p.shape.inner());  // [filters, channels, rows, columns]
  return widest;
}

/**
 * Adam's steps are as large for each weight, however many there are: what a filter gives moves in proportion to its inputs, and where
 * nothing normalises it the rate falls in proportion to them (Yang et al. 2022, 2203.03466).
 */
double rate_for(const Graph& network, int64_t batch) {
  constexpr double kSgd = 0.1, kAdam = 4e-3, kAdamUnscaled = 2e-2, kInputs = 576;
  if (normalises_convolutions(network)) return kSgd * static_cast<double>(batch) / static_cast<double>(kUsualBatch);
  if (starts_unscaled(network)) return kAdamUnscaled;
  return kAdam * std::min(1.0, kInputs / std::max(1.0, static_cast<double>(widest_unnormalised(network))));
}

int64_t epochs_for(int64_t samples) {
  constexpr double kUsual = 20, kSamples = 60'000;
  return std::clamp<int64_t>(std::llround(kUsual * std::sqrt(kSamples / static_cast<double>(samples))), 10, 60);
}

int64_t batch_for(int64_t samples) {
  constexpr uint64_t kUpdates = 100;  // of an epoch, at least
  const uint64_t most = std::bit_floor(std::max<uint64_t>(1, static_cast<uint64_t>(samples) / kUpdates));
  return static_cast<int64_t>(std::clamp<uint64_t>(most, 16, kUsualBatch));
}

}  // namespace

LearningTask learning_task(TrainOptions options, std::span<const Path> roots) {
  options.seed = TrainOptions().seed;  // trainings that differ by their seed have one recipe
  Choice choice = training_choice(options, roots);
  const auto source = data_sources().make(choice);
  std::shared_ptr<const Dataset> all, some;
  if (const auto folder = image_folder_of(choice)) {
    // Counted without being read: statistics want a few of what may be a million photos.
    constexpr int64_t kRead = 512;
    const auto chosen = fields_from_json<FolderSource::Options>(choice.options, folder->string());
    all = list_image_folder(*folder, chosen, Split::train);
    choice.options["sample"] = std::min(all->size(), kRead);
    some = open_dataset(choice, Split::train, roots, usual_picture(options));
  } else {
    all = some = open_dataset(choice, Split::train, roots);
  }
  const auto learnt = training_part(all, options.limit, options.validation, options.seed).training;
  const Shape image = some->image_shape();
  return {image, std::ssize(all->classes()), learnt->size(), statistics(some), source->harmless_changes(image)};
}

Json auto_recipe(const std::string& model, const LearningTask& task) {
  const int64_t batch = batch_for(task.samples);
  const Graph network = model_named(model)->build(task.image, task.classes);
  return {
      {"epochs", epochs_for(task.samples)},
      {"batch", batch},
      {"optimiser", normalises_convolutions(network) ? "sgd,momentum=0.9,nesterov=true,weight_decay=5e-4" : "adamw,weight_decay=0.05"},
      {"lr", rate_for(network, batch)},
      {"schedule", "one-cycle"},
      {"decay_on", "kernels"},
      {"normalize", text_of(task.statistics)},
      {"augment", task.harmless_changes},
  };
}

bool begins_elsewhere(const std::string& from) { return !from.empty() && (is_onnx_file(from) || is_state_dict(from)); }

Json fine_tuning_recipe(const LearningTask& task) {
  constexpr uint64_t kUpdates = 20;  // of an epoch, at least
  const uint64_t most = std::bit_floor(std::max<uint64_t>(1, static_cast<uint64_t>(task.samples) / kUpdates));
  return {
      {"epochs", 12},
      {"batch", static_cast<int64_t>(std::clamp<uint64_t>(most, 8, 32))},
      {"optimiser", "adamw,weight_decay=0.05"},
      {"lr", 1e-3},
      {"schedule", "one-cycle"},
      {"decay_on", "kernels"},
      {"normalize", "none"},
      {"augment", task.harmless_changes},
      {"rates", "head=1+*=0.1"},
  };
}

bool chosen_by_auto_recipe(const Json& given) {
  return std::all_of(std::begin(kChosen), std::end(kChosen), [&](const char* option) { return given.contains(option); });
}

Json without_recipe(Json options) {
  for (const char* option : kChosen) options.erase(option);
  return options;
}

std::string recipe_text(const TrainOptions& o) {
  return fmt::format("{} epoch{}, batch {}, {}, learning rate {:.3g}, {}, decay on {}, normalised by {}, augmented by {}", o.epochs,
                     o.epochs == 1 ? "" : "s", o.batch, o.optimiser, o.lr, o.schedule, o.decay_on, o.normalize, o.augment);
}

}  // namespace convscope
