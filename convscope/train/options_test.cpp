#include "convscope/train/options.h"

#include <limits>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

Json given(Json more = json_object()) {
  Json j{{"model", "resnet20"}, {"data", "cifar10"}, {"preset", kNoPreset}};
  j.update(more);
  return j;
}

TEST(TrainPresets, AllResolveToTheirOwnValues) {
  for (const Preset& row : presets()) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(row.summary.empty());
    if (row.values.empty()) continue;  // auto and none
    const Json resolved = fields_to_json(resolve_options({{"preset", row.name}}));
    EXPECT_EQ(resolved["preset"], row.name);
    for (const auto& [option, value] : row.values.items()) EXPECT_EQ(resolved[option], value) << option;
  }
}

TEST(TrainPresets, HaveNamesOfTheirOwn) {
  for (const Preset& row : presets()) EXPECT_EQ(&preset(row.name), &row);
}

TEST(TrainOptions, GivenValuesStandOverThePresetsAndThoseOverTheDefaults) {
  const TrainOptions o = resolve_options({{"preset", "cifar-resnet-he"}, {"epochs", 2}, {"model", "resnet32"}});
  EXPECT_EQ(o.model, "resnet32");
  EXPECT_EQ(o.epochs, 2);
  EXPECT_EQ(o.augment, "pad-crop,pad=4+flip");
  EXPECT_EQ(o.optimiser, "sgd,momentum=0.9,weight_decay=1e-4");
  EXPECT_EQ(o.save_every, TrainOptions().save_every);
}

TEST(TrainOptions, ResolveToThemselvesOnceResolved) {
  for (const Preset& row : presets()) {
    if (row.values.empty()) continue;
    const Json once = fields_to_json(resolve_options({{"preset", row.name}, {"seed", 5}, {"augment", "none"}}));
    EXPECT_EQ(fields_to_json(resolve_options(once)), once) << row.name;
  }
}

TEST(TrainOptions, AnswerUnknownNamesWithTheNearest) {
  EXPECT_THROW_SAYING(resolve_options({{"preset", "scrach"}}),
                      "no preset 'scrach'; did you mean 'scratch'?; known: auto, none, fashion-deep");
  EXPECT_THROW_SAYING(resolve_options(given({{"epoch", 3}})), "train: no option 'epoch'; did you mean 'epochs'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"model", "resnet21"}})), "no model 'resnet21'; did you mean 'resnet20'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"optimiser", "adm"}})), "no optimiser 'adm'; did you mean 'adam'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"optimiser", "adam,beta=0.9"}})), "adam: no option 'beta'; did you mean 'beta1'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"schedule", "onecycle"}})), "no schedule 'onecycle'; did you mean 'one-cycle'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"loss", "crossentropy"}})), "no loss 'crossentropy'; did you mean 'cross-entropy'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"loss", "conv2d"}})), "no loss 'conv2d'");
  EXPECT_THROW_SAYING(resolve_options(given({{"loss", "cross-entropy,of=logit"}})), "no of 'logit'; did you mean 'logits'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"augment", "flop"}})), "no augmentation 'flop'; did you mean 'flip'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"pad_crop", 4}})), "train: no option 'pad_crop'");
  EXPECT_THROW_SAYING(resolve_options(given({{"precision", "fp16"}})), "no precision 'fp16'");
  EXPECT_THROW_SAYING(resolve_options(given({{"engine", "chekc"}})), "no engine 'chekc'; did you mean 'check'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"engine", "check,slack=1"}})), "no option 'slack'");
}

TEST(TrainOptions, WantAModelAndData) {
  EXPECT_THROW_SAYING(resolve_options({{"data", "cifar10"}}), "train: no model");
  EXPECT_THROW_SAYING(resolve_options({{"model", "resnet20"}}), "train: no data");
  EXPECT_NO_THROW(resolve_options(given()));
}

TEST(TrainOptions, AnswerNumbersThatCannotBeWithThoseThatCan) {
  EXPECT_THROW_SAYING(resolve_options(given({{"epochs", 0}})), "train: epochs is 0; a whole number from 1 on was wanted");
  EXPECT_THROW_SAYING(resolve_options(given({{"batch", 0}})), "train: batch is 0; a whole number from 1 on was wanted");
  EXPECT_THROW_SAYING(resolve_options(given({{"limit", -1}})), "train: limit is -1");
  EXPECT_THROW_SAYING(resolve_options(given({{"save_every", 0}})), "train: save_every is 0");
  EXPECT_THROW_SAYING(resolve_options(given({{"lr", -0.1}})), "train: lr is -0.1; a number from 0 on was wanted");
  EXPECT_THROW_SAYING(resolve_options(given({{"lr", std::numeric_limits<double>::infinity()}})), "train: lr is inf");
  EXPECT_THROW_SAYING(resolve_options(given({{"validation", -1}})), "train: validation is -1");
  EXPECT_THROW_SAYING(resolve_options(given({{"validation", 1.5}})), "train: validation is 1.5");
  EXPECT_THROW_SAYING(resolve_options(given({{"clip_norm", -1}})), "train: clip_norm is -1");
  EXPECT_THROW_SAYING(resolve_options(given({{"clip_value", -1}})), "train: clip_value is -1");
  EXPECT_THROW_SAYING(resolve_options(given({{"ema", 1}})), "train: ema is 1; a number from 0 (no average) to below 1 was wanted");
  EXPECT_THROW_SAYING(resolve_options(given({{"patience", -1}})), "train: patience is -1");
  EXPECT_THROW_SAYING(resolve_options(given({{"stop_at", 91}})), "train: stop_at is 91; a share from 0 (not) to 1 was wanted");
  EXPECT_THROW_SAYING(resolve_options(given({{"augment", "pad-crop,pad=0"}})), "pad-crop: pad is 0; a whole number from 1 on was wanted");
  EXPECT_THROW_SAYING(resolve_options(given({{"decay_on", "kernel"}})), "did you mean 'kernels'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"meters", "publishd"}})), "did you mean 'published'?");
  EXPECT_THROW_SAYING(resolve_options(given({{"meter_batch", 10}})), "meter_batch is of published meters");
  EXPECT_THROW_SAYING(resolve_options(given({{"meter_batch", -1}, {"meters", "published"}})), "meter_batch is -1");
  EXPECT_EQ(resolve_options(given({{"validation", 5000}})).validation, 5000);
  EXPECT_THROW_SAYING(resolve_options(given({{"epochs", "three"}})), "train: option 'epochs' takes a whole number, got \"three\"");
}

}  // namespace
}  // namespace convscope
