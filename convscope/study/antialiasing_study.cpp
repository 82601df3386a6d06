#include "convscope/study/antialiasing_study.h"

#include <algorithm>
#include <map>

#include "convscope/api/alias.h"
#include "convscope/api/attack.h"
#include "convscope/api/consistency.h"
#include "convscope/api/convert.h"
#include "convscope/api/evaluate.h"
#include "convscope/attack/attack.h"
#include "convscope/base/json_file.h"
#include "convscope/results/antialiasing_record.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/bootstrap.h"
#include "convscope/results/correlation.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr const char* kWays[] = {"plain", "blur:4", "area", "lanczos", "flc", "asap", "aps"};
constexpr int64_t kShift = 3, kPgdSteps = 10;
constexpr double kEpsilon = 1.0 / 255;

Json recipe(Scale scale, const std::string& downsample) {
  Json options = {{"preset", "cifar-resnet-fast"}, {"model", "resnet20,downsample=" + downsample}};
  if (scale == Scale::quick) options.update({{"epochs", 3}, {"limit", 10000}});
  if (scale == Scale::medium) options["epochs"] = 15;
  return options;
}

int64_t images_at(const StudyContext& context) {
  if (context.limit > 0) return context.limit;
  return context.scale == Scale::quick ? 500 : context.scale == Scale::medium ? 2000 : 10000;
}

/** A network, its part's folder and the images that all networks are asked about. */
struct Candidate {
  std::string downsample;
  Path folder;
  Network network;
  Pictures pictures;
};

Candidate trained(const StudyContext& context, const std::string& downsample, const std::string& folder) {
  const Json options = recipe(context.scale, downsample);
  (void)context.train(folder, options);
  const TrainOptions resolved = resolve_options(options);
  Network network = open_network(context.trained(folder).string());
  network.name = resolved.model;
  return {downsample, context.folder / folder, std::move(network), test_pictures(context, resolved)};
}

Candidate brought(const StudyContext& context, const std::string& downsample, const std::string& folder) {
  constexpr int64_t kAll = 0;
  Network network = open_network(context.network, context.network_options);
  Pictures pictures = choose_pictures({.data = context.data}, network, context.setting, kAll);
  if (downsample != "plain") network = converted(std::move(network), downsample);
  return {downsample, context.folder / folder, std::move(network), std::move(pictures)};
}

ImageRelation relation(std::string what, const std::vector<double>& energy, const std::vector<double>& outcome) {
  ImageRelation r{.what = std::move(what),
                  .images = std::ssize(energy),
                  .cases = std::count_if(outcome.begin(), outcome.end(), [](double v) { return v > 0; })};
  const auto of_places = [&](std::span<const int64_t> places) {
    std::vector<double> a, b;
    for (const int64_t i : places) {
      a.push_back(energy[static_cast<size_t>(i)]);
      b.push_back(outcome[static_cast<size_t>(i)]);
    }
    return rank_correlation(a, b);
  };
  r.correlation = rank_correlation(energy, outcome);
  r.interval_95 = bootstrap_interval_95(r.images, of_places);
  return r;
}

/** What one network is measured by; keeps the row, and what each image was like. */
class Measurement {
 public:
  Measurement(const StudyContext& context, const Candidate& candidate)
      : context_(context), c_(candidate), pictures_(candidate.pictures.first(images_at(context))), setting_(context.setting) {
    setting_.execution.precision = Precision::fp32;
    setting_.progress = [&](int64_t, int64_t) { pause(); };
  }

  AntialiasingRow run() {
    row_.downsample = c_.downsample;
    row_.network = c_.network.name;
    row_.macs = macs(c_.network.graph);
    const Evaluation e = evaluate(c_.network, pictures_, {}, setting_);
    row_.accuracy = e.accuracy;
    row_.accuracy_interval_95 = e.accuracy_interval_95;
    row_.images_per_second = e.images_per_second;
    look_at_frequencies();
    move();
    row_.fgsm = attacked("fgsm", row_.fgsm_interval_95);
    row_.pgd = attacked(fmt::format("pgd,steps={}", kPgdSteps), row_.pgd_interval_95);
    return std::move(row_);
  }

  const Pictures& pictures() const { return pictures_; }
  static double epsilon(const StudyContext& context) { return context.epsilons.empty() ? kEpsilon : context.epsilons.back(); }

 private:
  void pause() const {
    if (setting_.stop && setting_.stop()) throw Stopped("stopped between two images");
  }

  void look_at_frequencies() {
    const Aliased found = alias(c_.network, pictures_, {.maps = 0}, c_.folder, setting_);
    row_.shares = found.record.mean.published;
    const Tensor energy = read_npy(found.folder / found.record.per_image_energy);
    const Tensor table = read_npy(found.folder / found.record.image_table);
    std::vector<double> wrong;
    for (int64_t n = 0; n < energy.shape()[0]; ++n) {
      double sum = 0;
      for (const float share : energy.row(n)) sum += share;
      energy_.push_back(sum / static_cast<double>(energy.shape()[1]));
      wrong.push_back(table.row(n)[3] == 0);
      row_.folded_energy = n == 0 ? energy_[0] : row_.folded_energy + (energy_.back() - row_.folded_energy) / static_cast<double>(n + 1);
    }
    row_.folded_energy_interval_95 = bootstrap_interval_of_mean(energy_);
    row_.relations.push_back(relation("wrong", energy_, wrong));
  }

  void move() {
    const MovedPictures moved = measure_consistency(c_.network, pictures_, {.shifts = kShift}, c_.folder, setting_);
    const Consistency& c = moved.consistency;
    row_.crop = c.crop;
    row_.crop_interval_95 = c.crop_interval_95;
    row_.circular = c.circular;
    row_.circular_interval_95 = c.circular_interval_95;
    row_.worst = c.worst;
    row_.worst_interval_95 = c.worst_interval_95;
    std::vector<double> away;
    for (const double stays : moved.circular_by_image) away.push_back(1 - stays);
    row_.relations.push_back(relation("shifted away", energy_, away));
  }

  double attacked(const std::string& method, std::array<double, 2>& interval) {
    Setting setting = setting_;
    setting.progress = {};
    AttackRecord record;
    try {
      record = attack(c_.network, parse_choice(method), pictures_, {.epsilon = {epsilon(context_)}, .show = 0, .arrays = false}, c_.folder,
                      setting)
                   .record;
    } catch (const AttackStopped& e) {
      throw Stopped(e.what());
    }
    interval = record.curve.back().accuracy_interval_95;
    if (method != "fgsm") fooled(record);
    return record.curve.back().accuracy;
  }

  /** Of the images that were right before. */
  void fooled(const AttackRecord& record) {
    std::map<int64_t, size_t> place;
    for (size_t n = 0; n < energy_.size(); ++n) place[pictures_.numbers()[n]] = n;
    std::vector<double> energy, fooled;
    for (const AttackImage& image : record.images) {
      if (!image.attacked) continue;
      energy.push_back(energy_[place.at(image.index)]);
      fooled.push_back(image.success);
    }
    if (!energy.empty()) row_.relations.push_back(relation("fooled", energy, fooled));
  }

  const StudyContext& context_;
  const Candidate& c_;
  Pictures pictures_;
  Setting setting_;
  std::vector<double> energy_;  // [N] that folds, mean over signals
  AntialiasingRow row_;
};

/** The record so far with this network's row in it, in the order of the parts. */
void keep(const StudyContext& context, const Pictures& pictures, AntialiasingRow row) {
  const Path file = context.folder / kAntialiasingFile;
  AntialiasingRecord record;
  if (std::filesystem::exists(file)) record = provided_record<AntialiasingRecord>(read_json(file), file.string());
  require(record.rows.empty() || (record.images == pictures.size() && record.epsilon == Measurement::epsilon(context)),
          "{} holds figures of {} images within {}; other images and ε want a folder of their own, another `run`", file.string(),
          record.images, record.epsilon);
  record.came_from(provenance_of(context));
  record.data = pictures.where();
  record.images = pictures.size();
  record.shift = kShift;
  record.pgd_steps = kPgdSteps;
  record.epsilon = Measurement::epsilon(context);
  record.trained = context.network.empty();
  std::erase_if(record.rows, [&](const AntialiasingRow& r) { return r.downsample == row.downsample; });
  record.rows.push_back(std::move(row));
  const auto rank = [](const AntialiasingRow& r) {
    return std::find(std::begin(kWays), std::end(kWays), r.downsample) - std::begin(kWays);
  };
  std::stable_sort(record.rows.begin(), record.rows.end(),
                   [&](const AntialiasingRow& a, const AntialiasingRow& b) { return rank(a) < rank(b); });
  write_json(file, fields_to_json(record));
}

std::vector<StudyFigure> figures_of(const AntialiasingRow& row, const std::string& note, double epsilon) {
  std::vector<StudyFigure> all;
  const auto add = [&](std::string what, double ours, const std::array<double, 2>& interval, std::string text) {
    StudyFigure f;
    f.what = fmt::format("{}: {}", row.downsample, what);
    f.ours = 100 * ours;
    f.low = 100 * interval[0];
    f.high = 100 * interval[1];
    f.note = std::move(text);
    all.push_back(std::move(f));
  };
  add("accuracy", row.accuracy, row.accuracy_interval_95, note);
  add("two crops get the same class", row.crop, row.crop_interval_95, fmt::format("Windows up to {} pixels apart.", 2 * kShift));
  add("keeps its class, circular shifts", row.circular, row.circular_interval_95,
      fmt::format("Mean over all shifts of up to {} pixels.", kShift));
  add("keeps its class at every shift", row.worst, row.worst_interval_95, "");
  const std::string within = fmt::format("ε = {}.", epsilon_text(epsilon));
  add("right under FGSM", row.fgsm, row.fgsm_interval_95, within);
  add("right under PGD", row.pgd, row.pgd_interval_95, within);
  add("energy that folds", row.folded_energy, row.folded_energy_interval_95,
      "Mean over the places that drop samples, behind their filters.");
  StudyFigure cost;
  cost.what = row.downsample + ": multiply-adds of an image";
  cost.ours = static_cast<double>(row.macs) / 1e6;
  cost.unit = "million";
  all.push_back(std::move(cost));
  for (const ImageRelation& r : row.relations) {
    StudyFigure f;
    f.what = fmt::format("{}: rank correlation of what folds with being {}", row.downsample, r.what);
    f.ours = r.correlation;
    f.low = r.interval_95[0];
    f.high = r.interval_95[1];
    f.unit = "";
    f.note = fmt::format("{} of {} images are so. {}", r.cases, r.images, r.found() ? "" : "No relation can be told.");
    all.push_back(std::move(f));
  }
  return all;
}

std::vector<StudyFigure> do_way(const StudyContext& context, const std::string& downsample, const std::string& folder) {
  const bool own = context.network.empty();
  const Candidate candidate = own ? trained(context, downsample, folder) : brought(context, downsample, folder);
  Measurement measurement(context, candidate);
  const AntialiasingRow row = measurement.run();
  keep(context, measurement.pictures(), row);
  std::string note = "Weights kept, not trained on: what it lost is no fault of the filter.";
  if (own) {
    const TrainOptions o = resolve_options(recipe(context.scale, downsample));
    note = fmt::format("{} images; trained for {} epochs{}.", measurement.pictures().size(), o.epochs,
                       o.limit > 0 ? fmt::format(" on {} images", o.limit) : "");
  } else if (downsample == "plain") {
    note = "As it was brought.";
  }
  return figures_of(row, note, Measurement::epsilon(context));
}

}  // namespace

std::vector<Part> AntialiasingStudy::parts(Scale) const {
  std::vector<Part> all;
  for (const std::string way : kWays) {
    std::string folder = way;
    std::replace(folder.begin(), folder.end(), ':', '-');
    all.push_back({way, fmt::format("the network with {}: accuracy, frequencies, shifts, attacks", way), folder,
                   [way, folder](const StudyContext& context) { return do_way(context, way, folder); }});
  }
  return all;
}

}  // namespace convscope
