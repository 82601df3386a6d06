#include "convscope/train/options.h"

#include <cmath>

#include "convscope/engine/program.h"
#include "convscope/graph/op.h"
#include "convscope/models/model.h"
#include "convscope/nn/one_of.h"
#include "convscope/train/optimiser.h"
#include "convscope/train/schedule.h"

namespace convscope {

namespace {

void require_at_least(std::string_view option, int64_t least, int64_t came) {
  require(came >= least, "train: {} is {}; a whole number from {} on was wanted", option, came, least);
}

void require_validation(double held_out) {
  const bool count = held_out >= 1;
  require(std::isfinite(held_out) && held_out >= 0 && (!count || held_out == std::floor(held_out)),
          "train: validation is {}; a share of the training images below 1, or how many of them, was wanted", held_out);
}

/** A loss that networks are trained with; of all the ops, only this one is. */
void require_loss(const std::string& text) {
  const Choice loss = parse_choice(text);
  const std::vector<std::string> known{"cross-entropy"};
  require(loss.name == known[0], "no loss '{}'{}", loss.name, known_names(loss.name, known));
  const Shape logits{1, 2}, labels{1};
  (void)ops().make(loss)->shapes(std::vector{logits, labels});  // looks at the options too
}

void check(const TrainOptions& options) {
  require(!options.model.empty(), "train: no model; say one, or a preset that has one; known: {}", fmt::join(models().names(), ", "));
  require(!options.data.empty(), "train: no data; say a data set or a folder of pictures, or a preset that has one");
  require_at_least("epochs", 1, options.epochs);
  require_at_least("batch", 1, options.batch);
  require_at_least("pad_crop", 0, options.pad_crop);
  require_at_least("limit", 0, options.limit);
  require_at_least("save_every", 1, options.save_every);
  require(std::isfinite(options.lr) && options.lr >= 0, "train: lr is {}; a number from 0 on was wanted", options.lr);
  require_validation(options.validation);
  require_at_least("cutout", 0, options.cutout);
  require_at_least("patience", 0, options.patience);
  for (const auto& [name, value] : {std::pair{"clip_value", options.clip_value}, {"clip_norm", options.clip_norm}})
    require(std::isfinite(value) && value >= 0, "train: {} is {}; a number from 0 (no clipping) on was wanted", name, value);
  require(options.ema >= 0 && options.ema < 1, "train: ema is {}; a number from 0 (no average) to below 1 was wanted: 0.999", options.ema);
  require(options.stop_at >= 0 && options.stop_at <= 1, "train: stop_at is {}; a share from 0 (not) to 1 was wanted: 0.91",
          options.stop_at);
  require_one_of("train", "decay_on", options.decay_on, {"all", "kernels"});
  require_one_of("train", "meters", options.meters, {"exact", "published"});
  // What has a name of its own is made once: an unknown name or option shows now, not after the data are read.
  (void)models().make(parse_choice(options.model));
  (void)optimisers().make(parse_choice(options.optimiser));
  (void)schedules().make(parse_choice(options.schedule));
  require_loss(options.loss);
  (void)precision_of(options.precision);
}

}  // namespace

TrainOptions resolve_options(const Json& given) {
  TrainOptions options = fields_from_json<TrainOptions>(given, "train");
  if (!options.preset.empty()) {
    const Preset& recipe = preset(options.preset);
    options = fields_from_json<TrainOptions>(given, "train", fields_from_json<TrainOptions>(recipe.values, recipe.name));
  }
  check(options);
  return options;
}

}  // namespace convscope
