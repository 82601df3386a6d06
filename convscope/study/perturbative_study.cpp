#include "convscope/study/perturbative_study.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "convscope/base/json_file.h"
#include "convscope/engine/weights.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/models/checkpoint.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/perturb.h"
#include "convscope/report/page/page.h"
#include "convscope/report/perturbative/perturbative_figures.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/seeds_summary.h"
#include "convscope/study/mask_fit.h"
#include "convscope/study/smoothed_best.h"
#include "convscope/subject/network_subject.h"
#include "convscope/train/options.h"

namespace convscope {

namespace {

constexpr int64_t kPublishedEpochs = 150;
/** Where masks are fitted to a convolution. */
const std::string kConvolutionRun = "baseline", kConvolution = "layer1.0.conv1";

/** Trained numbers, numbers in masks, and multiply-adds for an image. */
void measure(PerturbativeRun& run) {
  const Graph graph = models().make(parse_choice(run.model))->build({3, 32, 32}, 10);
  run.parameters = parameter_count(graph);
  run.masks = mask_count(graph);
  run.macs = 0;
  for (const Node& node : graph.nodes()) {
    std::vector<Shape> in;
    for (const Value v : node.inputs) in.push_back(graph.shape(v));
    if (!in.empty()) run.macs += node.op->macs(in, node.shapes);
  }
}

void keep(const StudyContext& context, const PerturbativeRecord& record) {
  write_json(context.folder / kPerturbativeFile, fields_to_json(record));
}

/** Of all networks; which images their data set has is known once one is trained. */
Provenance origin_of(const StudyContext& context, DataOrigin data) {
  Provenance origin = provenance_of(context);
  origin.data = std::move(data);
  return origin;
}

/** The record as it stands, or a new one of all networks that will be trained. */
PerturbativeRecord opened(const StudyContext& context, const PerturbativePlan& plan) {
  const Path file = context.folder / kPerturbativeFile;
  PerturbativeRecord record;
  if (std::filesystem::exists(file)) {
    record = provided_record<PerturbativeRecord>(read_json(file), file.string());
    record.came_from(origin_of(context, record.data));
    return record;
  }
  record.came_from(
      origin_of(context, {.name = resolve_options(perturbative_options(perturbative_recipes().front(), plan)).data, .split = "test"}));
  for (const PerturbativeRecipe& r : perturbative_recipes()) {
    if (!is_done(r, plan)) continue;
    PerturbativeRun run{.name = r.name,
                        .label = perturbative_label(r, plan),
                        .group = r.group,
                        .kind = r.kind,
                        .role = r.role,
                        .model = perturbative_model(r, plan),
                        .published = std::round(r.published * 100) / 10'000};
    for (int64_t i = 0; i < (is_curve(r) ? plan.seeds : 1); ++i) run.seeds.push_back(context.setting.seed + i);
    run.epochs = resolve_options(perturbative_options(r, plan)).epochs;
    measure(run);
    record.runs.push_back(std::move(run));
  }
  keep(context, record);
  return record;
}

size_t place_of(const PerturbativeRecord& record, const std::string& name) {
  for (size_t i = 0; i < record.runs.size(); ++i)
    if (record.runs[i].name == name) return i;
  fail("{}: it has no run {}; it is of another version: a new `run` begins anew", kPerturbativeFile, name);
}

StudyFigure percent(std::string what, double published, double ours, std::string note) {
  StudyFigure f;
  f.what = std::move(what);
  f.published = published;
  f.ours = ours;
  f.note = std::move(note);
  return f;
}

/** What a shorter scale does not do as published. Told once where it is the same for all: the page shows the rows below each other. */
std::string less_than_published(const PerturbativeRecipe& recipe, const PerturbativeRun& run, const PerturbativePlan& plan) {
  const bool first = &recipe == &perturbative_recipes().front();
  if (plan.scale == Scale::full || (!first && run.epochs == plan.epochs)) return "";
  std::string text = fmt::format("{} of {} epochs", run.epochs, kPublishedEpochs);
  if (plan.limit > 0) text += fmt::format(", {} images", plan.limit);
  if (plan.divide > 1) text += fmt::format(", widths / {}", plan.divide);
  if (plan.divide_masks > 1) text += fmt::format(", counts of masks / {}", plan.divide_masks);
  if (plan.batch > 0) text += fmt::format(", batch {}", plan.batch);
  return text + fmt::format(", one cycle up to a rate of {}{}. ", plan.rate, first ? ", here and below" : "");
}

/** All seeds of a recipe. */
std::vector<StudyFigure> train_recipe(const StudyContext& context, const PerturbativeRecipe& recipe, const PerturbativePlan& plan) {
  PerturbativeRecord record = opened(context, plan);
  const size_t place = place_of(record, recipe.name);
  const PerturbativeRun& run = record.runs[place];
  for (const int64_t seed : run.seeds) {
    Json options = perturbative_options(recipe, plan);
    options["seed"] = seed;
    if (run.seeds.size() > 1) context.setting.tell(fmt::format("{}, seed {}", recipe.name, seed));
    (void)context.train(fmt::format("runs/{}/{}", recipe.name, seed_folder_name(seed)), options);
  }
  record.data = test_pictures(context, resolve_options(perturbative_options(recipe, plan))).where();
  keep(context, record);
  write_perturbative_figures(context.folder);
  const PerturbativeView view = read_perturbative(context.folder);
  const AccuracyOfRuns best = best_outcome(view, place), last = last_outcome(view, place);
  const std::string smaller = less_than_published(recipe, run, plan);
  StudyFigure highest = percent(fmt::format("{}: best epoch", run.label), recipe.published, best.mean,
                                fmt::format("{}Chosen on the test images, as published. {}", smaller, recipe.note));
  StudyFigure f =
      percent(fmt::format("{}: last epoch", run.label), kUnknown, last.mean,
              fmt::format("{}{} parameters{}.", last.trainings > 1 ? fmt::format("Mean of {} seeds. ", last.trainings) : "One training. ",
                          run.parameters, run.masks > 0 ? fmt::format(", {} numbers in masks", run.masks) : ""));
  f.low = last.low;
  f.high = last.high;
  if (std::isnan(recipe.published)) return {std::move(f)};  // nothing to set a best epoch beside
  return {std::move(highest), std::move(f)};
}

/** A training of the original network by both meters. */
std::vector<StudyFigure> meter_figures(const MeterRow& m, const PerturbativePlan& plan) {
  const std::string shorter =
      plan.scale == Scale::full
          ? ""
          : fmt::format(" {} epochs here, each better than the one before, so that noise has less to choose from.", m.epochs);
  std::vector<StudyFigure> figures{
      percent("highest smoothed accuracy, original network", 90.53, m.smoothed_best,
              fmt::format("A running mean over the last batches{}.{}",
                          plan.meter_batch > 0 ? fmt::format(", of {} images as published", plan.meter_batch) : "", shorter)),
      percent("highest proper accuracy, the same training", 85.91, m.best, "Each test image counts once." + shorter)};
  if (std::isnan(m.train_smoothed_best)) return figures;
  const auto loss = [](std::string what, double ours, const char* note) {
    StudyFigure f = percent(std::move(what), kUnknown, ours, note);
    f.unit = "";
    return f;
  };
  figures.push_back(percent("highest smoothed training accuracy", kUnknown, m.train_smoothed_best, "Over the last updates of an epoch."));
  figures.push_back(percent("highest training accuracy", kUnknown, m.train_best, "Over all of an epoch."));
  figures.push_back(loss("lowest smoothed test loss", m.test_loss_smoothed_best, "The same running mean."));
  figures.push_back(loss("lowest test loss", m.test_loss_best, "Each test image counts once."));
  figures.push_back(loss("lowest smoothed training loss", m.train_loss_smoothed_best, "Over the last updates of an epoch."));
  figures.push_back(loss("lowest training loss", m.train_loss_best, "Over all of an epoch."));
  return figures;
}

/** What the meters made of the original network. */
std::vector<StudyFigure> compare_meters(const StudyContext& context, const PerturbativePlan& plan) {
  PerturbativeRecord record = opened(context, plan);
  record.trials.clear();
  const int64_t epochs[] = {10, 100, kPublishedEpochs};
  for (const double stays : {0.0, 0.9, 0.98})
    for (const SmoothingTrial& t :
         simulate_smoothed_best({.accuracy = 0.86, .keep = stays, .trials = plan.trials, .seed = context.setting.seed}, epochs))
      record.trials.push_back(t);
  keep(context, record);
  write_perturbative_figures(context.folder);
  const PerturbativeView view = read_perturbative(context.folder);
  const std::optional<size_t> metered = view.of_role(kMetersRole);
  require(metered.has_value(), "{}: it has no run for the meters; it is of another version: a new `run` begins anew", kPerturbativeFile);
  const std::string& label = record.runs[*metered].label;
  std::vector<StudyFigure> figures;
  for (const MeterRow& m : meter_rows(view)) {
    if (m.label != label || !m.finished) continue;
    for (StudyFigure& f : meter_figures(m, plan)) figures.push_back(std::move(f));
  }
  require(!figures.empty(), "{}: the {} is not trained yet", context.folder.string(), label);
  for (const SmoothingTrial& t : record.trials) {
    if (t.epochs != 100 || t.keep != 0.9) continue;
    figures.push_back(
        percent("simulated: highest of 100 smoothed values for 86 %", kUnknown, 100 * t.best_smoothed,
                fmt::format("{:.0f} % of the answers kept; the highest proper one is {:.2f} %.", 100 * t.keep, 100 * t.best_exact)));
  }
  return figures;
}

/** Some images of [N, C, P]. */
Tensor images_of(const Tensor& t, int64_t first, int64_t count) {
  Tensor part({count, t.shape()[1], t.shape()[2]});
  const int64_t inner = t.shape().inner();
  std::copy_n(t.data() + first * inner, count * inner, part.data());
  return part;
}

std::string counted(int64_t n, const char* one, const char* many) { return fmt::format("{} {}", n, n == 1 ? one : many); }

std::vector<StudyFigure> fit_masks_to_convolution(const StudyContext& context, const PerturbativePlan& plan) {
  PerturbativeRecord record = opened(context, plan);
  const PerturbativeRun& run = record.runs[place_of(record, kConvolutionRun)];
  const auto recipe =
      std::find_if(perturbative_recipes().begin(), perturbative_recipes().end(), [](const auto& r) { return r.name == kConvolutionRun; });
  const TrainOptions options = resolve_options(perturbative_options(*recipe, plan));
  const auto test = open_split(options, Split::test, context.setting.data_roots);
  const int64_t most = *std::max_element(plan.fit_images.begin(), plan.fit_images.end()), all = most + plan.fresh_images;
  require(test->size() >= all, "{}: {} test images, {} are wanted", options.data, test->size(), all);

  const Path folder = perturbative_run_folder(context.folder, run.name, run.seeds.front());
  require(is_finished(options, folder), "{}: the {} whose convolution masks stand in for is not trained yet", folder.string(), run.label);
  const Checkpoint network = load_network(folder);
  const std::string input = network.graph.name(network.graph.node(network.graph.at(kConvolution)).inputs.front());
  const Tensor weight = network.tensors.at(kConvolution + ".weight");
  Tensor pixels({all, 3, 32, 32});
  for (int64_t i = 0; i < all; ++i) test->pixels(i, 0, pixels.row(i));
  NetworkSubject subject(network.graph, std::make_shared<Weights>(network.graph, network.tensors));
  const ConvolutionSample sample =
      sample_convolution(subject.activation(pixels, input), weight, plan.fit_channels, plan.fit_channels, plan.fit_side);

  MaskFitRecord& fit = record.fit;
  fit = {.layer = kConvolution, .network = run.model};
  fit.channels = sample.x.shape()[1];
  fit.filters = sample.y.shape()[1];
  fit.positions = sample.x.shape()[2];
  fit.fresh_images = plan.fresh_images;
  fit.noise_images = all;
  const Tensor fresh_x = images_of(sample.x, most, plan.fresh_images), fresh_y = images_of(sample.y, most, plan.fresh_images);
  for (const int64_t masks : plan.fit_masks)
    for (const int64_t images : plan.fit_images) {
      if (context.setting.stop && context.setting.stop()) throw Stopped("masks: stopped");
      context.setting.tell(fmt::format("{}, {}", counted(masks, "mask a channel", "masks a channel"), counted(images, "image", "images")));
      const MaskFit found = fit_masks(images_of(sample.x, 0, images), images_of(sample.y, 0, images), {.masks = masks});
      fit.points.push_back({masks, images, found.residual, relative_residual(found.predict(fresh_x), fresh_y)});
    }
  fit.without_masks = relative_residual(pointwise_fit(images_of(sample.x, 0, most), images_of(sample.y, 0, most), fresh_x), fresh_y);
  const NoiseShares shares = noise_shares(sample.noise, sample.x);
  fit.by_mask = shares.by_mask;
  fit.by_pixel = shares.by_pixel;
  keep(context, record);
  write_perturbative_figures(context.folder);

  std::vector<StudyFigure> figures;
  for (const MaskFitPoint& p : fit.points) {
    if (p.images != plan.fit_images.front() && p.images != plan.fit_images.back()) continue;
    figures.push_back(percent(fmt::format("{} fitted to {}: unexplained", counted(p.masks, "mask a channel", "masks a channel"),
                                          counted(p.images, "image", "images")),
                              kUnknown, 100 * p.fitted,
                              fmt::format("Of the variance of {} ({}); {:.1f} % on other images.", fit.layer, fit.network, 100 * p.fresh)));
  }
  figures.push_back(percent("variance of a convolution's 'noise' that any fixed mask can have", kUnknown, 100 * fit.by_mask,
                            fmt::format("What the neighbours add; the pixel itself tells {:.1f} % more.", 100 * fit.by_pixel)));
  return figures;
}

std::vector<StudyFigure> train_budget(const StudyContext& context, const PerturbativePlan& plan) {
  std::vector<StudyFigure> figures;
  for (const PerturbativeRecipe& r : perturbative_recipes()) {
    if (!is_budget(r)) continue;
    context.setting.tell(perturbative_label(r, plan));
    for (StudyFigure& f : train_recipe(context, r, plan)) figures.push_back(std::move(f));
    write_report(context.folder);
  }
  return figures;
}

/** Sizes of all, and how many trainings there are. */
std::vector<StudyFigure> list_networks(const StudyContext& context, const PerturbativePlan& plan) {
  const PerturbativeRecord record = opened(context, plan);
  int64_t trainings = 0;
  for (const PerturbativeRun& r : record.runs) {
    trainings += std::ssize(r.seeds);
    context.setting.tell(fmt::format("  {:<22} {:>10} parameters {:>10} in masks {:>8.1f} million multiply-adds", r.name, r.parameters,
                                     r.masks, static_cast<double>(r.macs) / 1e6));
  }
  context.setting.tell(
      fmt::format("{} networks, {} trainings. Ctrl-C keeps what is done; the same command goes on.", record.runs.size(), trainings));
  return {};
}

}  // namespace

std::vector<Part> perturbative_parts(const PerturbativePlan& plan) {
  const auto of_plan = [plan](auto deed) { return [=](const StudyContext& context) { return deed(context, plan); }; };
  std::vector<Part> parts{{"networks", "parameters, masks and multiply-adds", "", of_plan(list_networks)}};
  const auto trainings = [&](bool many_masks) {
    for (const PerturbativeRecipe& r : perturbative_recipes()) {
      if (is_budget(r) || !is_done(r, plan) || has_many_masks(r) != many_masks) continue;
      const std::string seeds = is_curve(r) && plan.seeds > 1 ? fmt::format(", {} seeds", plan.seeds) : "";
      parts.push_back({r.name, perturbative_label(r, plan) + seeds, "",
                       [&r, plan](const StudyContext& context) { return train_recipe(context, r, plan); }});
    }
  };
  trainings(false);
  parts.push_back({"meters", "how the accuracy was measured, and what that does to the best of many epochs", "", of_plan(compare_meters)});
  parts.push_back({"mask-fit", "masks fitted to a convolution, for one image and for many", "", of_plan(fit_masks_to_convolution)});
  if (plan.scale != Scale::medium)
    parts.push_back({"budget", "accuracy against parameters, multiply-adds and time", "", of_plan(train_budget)});
  trainings(true);
  return parts;
}

}  // namespace convscope
