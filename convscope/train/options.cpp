#include "convscope/train/options.h"

#include <cmath>

#include "convscope/base/join.h"
#include "convscope/data/augmentation.h"
#include "convscope/engine/program.h"
#include "convscope/models/file_model.h"
#include "convscope/nn/one_of.h"
#include "convscope/train/adversarial.h"
#include "convscope/train/auto_recipe.h"
#include "convscope/train/loss.h"
#include "convscope/train/optimiser.h"
#include "convscope/train/part_rates.h"
#include "convscope/train/schedule.h"

namespace convscope {

namespace {

void require_at_least(std::string_view whose, std::string_view option, int64_t least, int64_t came) {
  require(came >= least, "{}: {} is {}; a whole number from {} on was wanted", whose, option, came, least);
}

void require_validation(std::string_view whose, double held_out) {
  const bool count = held_out >= 1;
  require(std::isfinite(held_out) && held_out >= 0 && (!count || held_out == std::floor(held_out)),
          "{}: validation is {}; a share of the training images below 1, or how many of them, was wanted", whose, held_out);
}

/** Auto where nothing is said; options that were filled in by hand have none, and their text is empty. */
std::string preset_of(const Json& given) {
  if (!given.contains("preset") || !given["preset"].is_string()) return kAutoPreset;
  const auto name = given["preset"].get<std::string>();
  return name.empty() ? kNoPreset : name;
}

}  // namespace

void TrainOptions::check(std::string_view whose) const {
  require(!model.empty(), "{}: no model; say one, or a preset that has one; known: {}", whose, join(models().names(), ", "));
  require(!data.empty(), "{}: no data; say a data set or a folder of pictures, or a preset that has one", whose);
  require_at_least(whose, "epochs", 1, epochs);
  require_at_least(whose, "batch", 1, batch);
  require_at_least(whose, "limit", 0, limit);
  require_at_least(whose, "save_every", 1, save_every);
  require(shards >= 1 && shards <= batch, "{}: shards is {}; from 1 to the {} images of a batch were wanted", whose, shards, batch);
  require(std::isfinite(lr) && lr >= 0, "{}: lr is {}; a number from 0 on was wanted", whose, lr);
  require_validation(whose, validation);
  require_at_least(whose, "patience", 0, patience);
  for (const auto& [name, value] : {std::pair{"clip_value", clip_value}, {"clip_norm", clip_norm}})
    require(std::isfinite(value) && value >= 0, "{}: {} is {}; a number from 0 (no clipping) on was wanted", whose, name, value);
  require(ema >= 0 && ema < 1, "{}: ema is {}; a number from 0 (no average) to below 1 was wanted: 0.999", whose, ema);
  require(stop_at >= 0 && stop_at <= 1, "{}: stop_at is {}; a share from 0 (not) to 1 was wanted: 0.91", whose, stop_at);
  require_one_of(whose, "decay_on", decay_on, {"all", "kernels"});
  require_one_of(whose, "meters", meters, {"exact", "published"});
  require_at_least(whose, "meter_batch", 0, meter_batch);
  require(meter_batch == 0 || meters == "published", "{}: meter_batch is of published meters; `meters` is {}", whose, meters);
  // What has a name of its own is made once: an unknown name or option shows now, not after the data are read.
  (void)model_named(model);
  (void)optimisers().make(parse_choice(optimiser));
  (void)schedules().make(parse_choice(schedule));
  (void)losses().make(parse_choice(loss));
  (void)inner_search(*this);
  require_at_least(whose, "robust_images", 0, robust_images);
  require(adversarial == kNotAdversarial || !inner_search(*this)->pairs() || loss == TrainOptions().loss,
          "{}: adversarial {} has a loss of its own; `loss` {} cannot go with it", whose, adversarial, loss);
  const std::string computed_by = parse_choice(engine).name;
  require(!sync_bn || shards == 1 || computed_by == usual_engine().name,
          "{}: sync_bn is for the engine {}; {} takes whole batches, shards 1", whose, usual_engine().name, computed_by);
  require(shards == 1 || adversarial == kNotAdversarial || inner_search(*this)->start != InnerSearch::Start::kept,
          "{}: adversarial {} carries its noise on from batch to batch, which has no shards; `shards` is {}, 1 was wanted", whose,
          adversarial, shards);
  require(
      !sync_bn || shards == 1 || adversarial == kNotAdversarial || !inner_search(*this)->by_batch,
      "{}: adversarial {} moves pictures by the statistics of each part of a batch, which sync_bn does not bring together: mode=eval, or "
      "shards 1",
      whose, adversarial);
  (void)parse_augmentations(augment);
  (void)parse_part_rates(rates);
  (void)execution_of(precision, engine);
}

TrainOptions resolve_options(const Json& given, std::span<const Path> roots) {
  if (!given.is_object()) return fields_from_json<TrainOptions>(given, "train");
  const std::string name = preset_of(given);
  Json all = preset(name).values;
  all.update(given);
  const TrainOptions options = fields_from_json<TrainOptions>(all, "train");
  if (name != kAutoPreset || chosen_by_auto_recipe(given)) return options;
  all = begins_elsewhere(options.from) || is_model_file(options.model) ? fine_tuning_recipe(learning_task(options, roots))
                                                                       : auto_recipe(options.model, learning_task(options, roots));
  all["preset"] = kAutoPreset;
  all.update(given);
  return fields_from_json<TrainOptions>(all, "train");
}

}  // namespace convscope
