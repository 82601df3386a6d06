#include "convscope/study/perturbative_recipes.h"

#include <algorithm>

#include "convscope/models/model.h"
#include "convscope/train/options.h"

namespace convscope {

namespace {

constexpr int64_t kPublishedBatch = 10;  // of the original network's figures

const std::string kEarlier = "Published on an earlier state of the page.";

const std::vector<PerturbativeRecipe>& recipes() {
  constexpr const char* kMixed = "perturb-resnet18,width=128,first_filter_size=3,filter_size=0,nmasks=64,unique_masks=false,mix_maps=true";
  constexpr const char* kTrained =
      "perturb-resnet18,width=128,first_filter_size=3,filter_size=0,nmasks=64,unique_masks=false,train_masks=true,mix_maps=true";
  static const std::vector<PerturbativeRecipe> rows{
      {"baseline", "ResNet-18", "published", "3×3", "baseline", "perturbative-resnet18", "", 91.8},
      {"pointwise", "1×1 behind a 3×3 stem, no masks", "published", "1×1", "pointwise", "perturbative-no-masks", "", 85.5},
      {"masks-one", "1 mask a channel behind a 3×3 stem", "history", "masks", "masks", "perturbative-no-masks",
       "perturb-resnet18,width=128,first_filter_size=3,filter_size=0", 85.8, kEarlier.c_str()},
      {"everywhere", "masks in the first layer too", "published", "masks", "everywhere", "perturbative-masks-everywhere", "", 72.6,
       "74.6 on an earlier state of the page."},
      {"original-7", "original network, 7×7 stem", "published", "masks", "meters", "perturbative-noise-7", "", 85.7,
       "Its recipe is not the original's: SGD for Adam, level 0.5 for 0.1."},
      {"original-3", "original network, 3×3 stem", "published", "masks", "", "perturbative-noise-3", "", 86.2},
      {"many-unique", "{masks} masks a channel, mixed", "published", "masks", "", "perturbative-64-masks", "", 82.7},
      {"many-shared", "{masks} masks, the same for all channels", "published", "masks", "", "perturbative-64-shared", "", 82.4,
       "As commanded, without mix_maps. 84.4 on an earlier state of the page."},
      {"many-trained", "{masks} trained masks, the same for all channels", "published", "masks", "", "perturbative-64-trained", "", 85.9,
       "As commanded, without mix_maps."},
      {"many-shared-mixed", "{masks} masks, the same for all channels, mixed", "history", "masks", "", "perturbative-64-shared", kMixed,
       82.4, "The same figure was published as if mixed.", false},
      {"many-trained-mixed", "{masks} trained masks, the same for all channels, mixed", "history", "masks", "", "perturbative-64-trained",
       kTrained, 85.9, "The same figure was published as if mixed.", false},
      {"many-unique-unmixed", "{masks} masks a channel", "history", "masks", "", "perturbative-64-masks",
       "perturb-resnet18,width=128,first_filter_size=3,filter_size=0,nmasks=64", 84.7, kEarlier.c_str(), false},
      {"pointwise-everywhere", "1×1 everywhere, no masks", "history", "1×1", "", "perturbative-no-masks",
       "perturb-resnet18,width=128,first_filter_size=1,filter_size=1", 74.3, kEarlier.c_str(), false},
      {"wide", "ResNet-18 of width {width}", "history", "3×3", "", "perturbative-resnet18", "resnet18,stem=cifar,width=128", 94.2,
       kEarlier.c_str(), false},
      {"authors", "original network, the authors' recipe", "history", "masks", "", "perturbative-original", "", kUnknown,
       "Published as about 92 to 93 after 80 epochs, by the smoothed meter.", false},
      {"authors-later", "3×3 stem that is not trained, the authors' later recipe", "history", "masks", "", "perturbative-authors-later", "",
       90.35, "89.38 when somebody else ran it.", false},
      {"authors-everywhere", "masks everywhere, a wide first layer, the authors' later recipe", "history", "masks", "",
       "perturbative-authors-masks-everywhere", "", 85.92, "", false},
      {"budget-3x3-22", "3×3, width {width}", "budget", "3×3", "", "perturbative-no-masks",
       "perturb-resnet18,width=22,first_filter_size=3,filter_size=3"},
      {"budget-3x3-44", "3×3, width {width}", "budget", "3×3", "", "perturbative-no-masks",
       "perturb-resnet18,width=44,first_filter_size=3,filter_size=3"},
      {"budget-separable-64", "depthwise separable, width {width}", "budget", "separable", "", "perturbative-no-masks",
       "perturb-resnet18,width=64,first_filter_size=3,filter_size=3,separable=true"},
      {"budget-separable-128", "depthwise separable, width {width}", "budget", "separable", "", "perturbative-no-masks",
       "perturb-resnet18,width=128,first_filter_size=3,filter_size=3,separable=true"},
      {"budget-1x1-64", "1×1, width {width}", "budget", "1×1", "", "perturbative-no-masks",
       "perturb-resnet18,width=64,first_filter_size=3,filter_size=1"},
      {"budget-masks-64", "masks, width {width}", "budget", "masks", "", "perturbative-no-masks",
       "perturb-resnet18,width=64,first_filter_size=3,filter_size=0"},
  };
  return rows;
}

bool is_metered(const PerturbativeRecipe& r) { return r.role == kMetersRole; }

}  // namespace

bool is_budget(const PerturbativeRecipe& r) { return r.group == std::string_view("budget"); }
bool is_curve(const PerturbativeRecipe& r) {
  const std::string_view role = r.role;
  return role == "baseline" || role == "pointwise" || role == "masks";
}
bool has_many_masks(const PerturbativeRecipe& r) { return std::string_view(r.name).starts_with("many-"); }
/** Of an evening: whether masks are better than none, at full width, and what the meters make of the original network. */
bool is_done(const PerturbativeRecipe& r, const PerturbativePlan& plan) {
  if (plan.scale == Scale::medium) return is_curve(r) || is_metered(r);
  return r.quick || plan.scale == Scale::full;
}

/** Those of shorter scales may be narrower, with fewer masks where there are several. */
std::string perturbative_model(const PerturbativeRecipe& r, const PerturbativePlan& plan) {
  Choice model = parse_choice(*r.model ? std::string(r.model) : preset(r.preset).values.at("model").get<std::string>());
  if (plan.scale == Scale::full) return origin(model);
  const auto divide = [&](const char* option, int64_t by, int64_t least) {
    if (model.options.contains(option)) model.options[option] = std::max(least, model.options[option].get<int64_t>() / by);
  };
  divide("width", plan.divide, 1);
  divide("nmasks", plan.divide_masks, 2);
  return origin(model);
}

std::string perturbative_label(const PerturbativeRecipe& r, const PerturbativePlan& plan) {
  const Json options = parse_choice(perturbative_model(r, plan)).options;
  return fmt::format(fmt::runtime(r.label), fmt::arg("masks", options.value("nmasks", 1)), fmt::arg("width", options.value("width", 0)));
}

std::span<const PerturbativeRecipe> perturbative_recipes() { return recipes(); }

PerturbativePlan perturbative_plan(Scale scale) {
  PerturbativePlan plan;
  plan.scale = scale;
  if (scale == Scale::quick) return plan;
  plan.trials = 200;
  plan.fit_side = 16;
  plan.divide = plan.divide_masks = 1;
  plan.limit = 0;
  if (scale == Scale::full) return plan;
  plan.epochs = 10;
  plan.meter_epochs = 45;
  plan.batch = 128;
  plan.meter_batch = kPublishedBatch;
  plan.rate = 0.05;
  plan.seeds = 1;
  return plan;
}

Json perturbative_options(const PerturbativeRecipe& r, const PerturbativePlan& plan) {
  Json options = {{"preset", r.preset}, {"model", perturbative_model(r, plan)}, {"meters", "published"}};
  if (plan.scale == Scale::full) return options;
  options.update(
      {{"epochs", is_metered(r) ? plan.meter_epochs : plan.epochs}, {"limit", plan.limit}, {"lr", plan.rate}, {"schedule", "one-cycle"}});
  if (plan.batch > 0) options["batch"] = plan.batch;
  if (plan.meter_batch > 0) options["meter_batch"] = plan.meter_batch;
  return options;
}

}  // namespace convscope
