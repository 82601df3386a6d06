#include "convscope/study/antialiasing_study.h"

#include <algorithm>
#include <map>

#include "convscope/api/alias.h"
#include "convscope/api/attack.h"
#include "convscope/api/consistency.h"
#include "convscope/api/convert.h"
#include "convscope/api/corruptions.h"
#include "convscope/api/evaluate.h"
#include "convscope/api/fourier.h"
#include "convscope/attack/attack.h"
#include "convscope/base/join.h"
#include "convscope/base/json_file.h"
#include "convscope/data/corruption.h"
#include "convscope/results/antialiasing_comparison.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/bootstrap.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/seeds_summary.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

/** A way to drop samples; of the main ones there are three trainings beyond quick scale. */
struct Way {
  const char* name;
  bool main;
};
constexpr Way kWays[] = {{"plain", true},    {"blur:3", true}, {"blur:4", false}, {"blur:5", true}, {"area", false},
                         {"lanczos", false}, {"flc", true},    {"asap", true},    {"aps", true}};
constexpr int64_t kShift = 3, kPgdSteps = 10, kSeeds = 3;
constexpr double kEpsilon = 1.0 / 255;
constexpr const char* kNoise = "gaussian_noise,severity=5,share=1";  // σ = 0.1 on every picture, as Yin et al. train

/** How much is done at a scale. */
struct Size {
  int64_t epochs, limit, seeds, images, autoattack, corrupted, fourier;
};
Size size_at(Scale scale) {
  switch (scale) {
    case Scale::quick:
      return {3, 10000, 1, 500, 20, 100, 50};
    case Scale::medium:
      return {10, 0, kSeeds, 2000, 100, 500, 500};
    case Scale::full:
      break;
  }
  return {40, 0, kSeeds, 10000, 1000, 2000, 1000};
}

/** Options of the training with a way to drop samples and a seed. */
using RecipeOf = std::function<Json(const std::string& downsample, int64_t seed)>;

int64_t images_at(const StudyContext& context) { return context.limit > 0 ? context.limit : size_at(context.scale).images; }

/** A network, its folder and the images that all networks are asked about. */
struct Candidate {
  std::string downsample;
  int64_t seed;
  Path folder;
  Network network;
  Pictures pictures;
};

Candidate trained(const StudyContext& context, const RecipeOf& recipe, const std::string& downsample, int64_t seed,
                  const std::string& folder) {
  const Json options = recipe(downsample, seed);
  (void)context.train(folder, options);
  const TrainOptions resolved = resolve_options(options);
  Network network = open_network(context.trained(folder).string());
  network.name = resolved.model;
  return {downsample, seed, context.folder / folder, std::move(network), test_pictures(context, resolved)};
}

Candidate brought(const StudyContext& context, const std::string& downsample, const std::string& folder) {
  constexpr int64_t kAll = 0;
  Network network = open_network(context.network, context.network_options);
  Pictures pictures = choose_pictures({.data = context.data}, network, context.setting, kAll);
  if (downsample != "plain") network = converted(std::move(network), downsample);
  return {downsample, static_cast<int64_t>(context.setting.seed), context.folder / folder, std::move(network), std::move(pictures)};
}

/** What one network is measured by; keeps the row, and what each image was like. */
class Measurement {
 public:
  Measurement(const StudyContext& context, const Candidate& candidate)
      : context_(context),
        c_(candidate),
        pictures_(candidate.pictures.first(images_at(context))),
        setting_(context.setting),
        images_({pictures_.size(), Row::kColumns}) {
    for (int64_t n = 0; n < pictures_.size(); ++n) {
      std::fill(images_.row(n).begin(), images_.row(n).end(), static_cast<float>(kUnknown));
      cell(n, Row::kNumber) = static_cast<float>(pictures_.numbers()[static_cast<size_t>(n)]);
    }
    setting_.execution.precision = Precision::fp32;
    setting_.progress = [&](int64_t, int64_t) { pause(); };
  }

  AntialiasingRow run() {
    row_.downsample = c_.downsample;
    row_.seed = c_.seed;
    row_.network = c_.network.name;
    row_.macs = macs(c_.network.graph);
    const Evaluation e = evaluate(c_.network, pictures_, {}, setting_);
    row_.accuracy = e.accuracy;
    row_.accuracy_interval_95 = e.accuracy_interval_95;
    row_.images_per_second = e.images_per_second;
    look_at_frequencies();
    move();
    const AttackRecord fgsm = attacked("fgsm", pictures_, row_.fgsm_interval_95);
    row_.fgsm = fgsm.curve.back().accuracy;
    note_right(fgsm, pictures_, Row::kRightUnderFgsm);
    const AttackRecord pgd = attacked(fmt::format("pgd,steps={}", kPgdSteps), pictures_, row_.pgd_interval_95);
    row_.pgd = pgd.curve.back().accuracy;
    look_at_fooled(pgd);
    tell("corruptions");
    corrupt();
    tell("AutoAttack");
    const AttackRecord autoattack = attacked("autoattack", autoattacked(), row_.autoattack_interval_95);
    row_.autoattack = autoattack.curve.back().accuracy;
    note_right(autoattack, autoattacked(), Row::kRightUnderAutoattack);
    row_.per_image = keep_array("images", images_);
    return std::move(row_);
  }

  Pictures autoattacked() const { return first_of(size_at(context_.scale).autoattack); }
  Pictures corrupted() const { return first_of(size_at(context_.scale).corrupted); }

  const Pictures& pictures() const { return pictures_; }
  static double epsilon(const StudyContext& context) { return context.epsilons.empty() ? kEpsilon : context.epsilons.back(); }

 private:
  using Row = AntialiasingRow;

  Pictures first_of(int64_t count) const { return pictures_.first(std::min(count, pictures_.size())); }
  void tell(const char* what) const { context_.setting.tell(fmt::format("{}, seed {}: {}", c_.downsample, c_.seed, what)); }

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
      cell(n, Row::kEnergy) = static_cast<float>(energy_.back());
      cell(n, Row::kFate) = wrong.back() > 0 ? Row::kWrong : Row::kRight;
      row_.folded_energy = n == 0 ? energy_[0] : row_.folded_energy + (energy_.back() - row_.folded_energy) / static_cast<double>(n + 1);
    }
    row_.folded_energy_interval_95 = bootstrap_interval_of_mean(energy_);
    row_.relations.push_back(relation_of("wrong", energy_, wrong));
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
    for (int64_t n = 0; n < images_.shape()[0]; ++n) {
      const double stays = moved.circular_by_image[static_cast<size_t>(n)];
      away.push_back(1 - stays);
      cell(n, Row::kStays) = static_cast<float>(stays);
      cell(n, Row::kCropsAgree) = static_cast<float>(moved.crop_by_image[static_cast<size_t>(n)]);
    }
    row_.relations.push_back(relation_of("shifted away", energy_, away));
  }

  AttackRecord attacked(const std::string& method, const Pictures& pictures, std::array<double, 2>& interval) {
    Setting setting = setting_;
    setting.progress = {};
    AttackRecord record;
    if (!any_right(pictures)) {
      interval = wilson_interval(0, pictures.size());
      record.curve.resize(1);
      return record;
    }
    try {
      record = attack(c_.network, parse_choice(method), pictures, {.epsilon = {epsilon(context_)}, .show = 0, .arrays = false}, c_.folder,
                      setting)
                   .record;
    } catch (const AttackStopped& e) {
      throw Stopped(e.what());
    }
    interval = record.curve.back().accuracy_interval_95;
    return record;
  }

  /** Whether one of these, the first of the images, is right without an attack. */
  bool any_right(const Pictures& pictures) {
    for (int64_t n = 0; n < pictures.size(); ++n)
      if (cell(n, Row::kFate) != Row::kWrong) return true;
    return false;
  }

  float& cell(int64_t image, Row::Column column) { return images_.row(image)[column]; }

  /** Places of images by their numbers in the data. */
  static std::map<int64_t, int64_t> places_of(const Pictures& pictures) {
    std::map<int64_t, int64_t> place;
    for (int64_t n = 0; n < pictures.size(); ++n) place[pictures.numbers()[static_cast<size_t>(n)]] = n;
    return place;
  }

  /** Which of these, the first of the images, are right under an attack: those that were attacked and held. */
  void note_right(const AttackRecord& record, const Pictures& pictures, Row::Column column) {
    for (int64_t n = 0; n < pictures.size(); ++n) cell(n, column) = 0;
    const std::map<int64_t, int64_t> place = places_of(pictures);
    for (const AttackImage& image : record.images)
      if (image.attacked) cell(place.at(image.index), column) = image.success ? 0 : 1;
  }

  /** Of the images that were right before. */
  void look_at_fooled(const AttackRecord& record) {
    const std::map<int64_t, int64_t> place = places_of(pictures_);
    std::vector<double> energy, fooled;
    for (const AttackImage& image : record.images) {
      if (!image.attacked) continue;
      const int64_t n = place.at(image.index);
      energy.push_back(energy_[static_cast<size_t>(n)]);
      fooled.push_back(image.success);
      if (image.success) cell(n, Row::kFate) = Row::kFooled;
    }
    if (!energy.empty()) row_.relations.push_back(relation_of("fooled", energy, fooled));
  }

  void corrupt() {
    try {
      check_corruptible(c_.network.image());
    } catch (const Error& e) {
      return context_.setting.tell(fmt::format("{}: corruptions are left out: {}", c_.downsample, e.what()));
    }
    const CorruptedPictures found =
        evaluate_corrupted(c_.network, corrupted(), {.corruptions = benchmark_corruptions()}, c_.folder, setting_);
    row_.corrupted = found.mean_accuracy;
    row_.corrupted_interval_95 = found.mean_interval_95;
    for (const CorruptionMean& mean : found.means) row_.corruption_errors.push_back({mean.name, 1 - mean.accuracy});
    Tensor wrong({corrupted().size(), std::ssize(found.means)});
    for (int64_t n = 0; n < wrong.shape()[0]; ++n) {
      const auto at = static_cast<size_t>(n);
      cell(n, Row::kRightCorrupted) = static_cast<float>(found.right_by_image[at]);
      for (size_t c = 0; c < found.means.size(); ++c) wrong.row(n)[c] = static_cast<float>(1 - found.right_by_corruption[c][at]);
    }
    row_.per_image_corrupted = keep_array("corrupted", wrong);
  }

  /** Names of the 15 that benchmarks count. */
  static std::string benchmark_corruptions() {
    std::vector<std::string> names;
    for (const auto& entry : corruptions().rows())
      if (counted(entry.name)) names.push_back(entry.name);
    return std::string(join(names, "+"));
  }

  /** Beside the record; the array's name. */
  std::string keep_array(const char* kind, const Tensor& array) const {
    std::string name = fmt::format("{}-{}-seed-{}.npy", kind, c_.downsample, c_.seed);
    std::replace(name.begin(), name.end(), ':', '-');
    write_npy(context_.folder / name, array);
    return name;
  }

  const StudyContext& context_;
  const Candidate& c_;
  Pictures pictures_;
  Setting setting_;
  std::vector<double> energy_;  // [N] that folds, mean over signals
  Tensor images_;               // [N, Row::kColumns]
  AntialiasingRow row_;
};

/** The record so far; an error where it is of other images. */
AntialiasingRecord kept(const StudyContext& context, int64_t images) {
  const Path file = context.folder / kAntialiasingFile;
  AntialiasingRecord record;
  if (std::filesystem::exists(file)) record = provided_record<AntialiasingRecord>(read_json(file), file.string());
  require(record.rows.empty() || (record.images == images && record.epsilon == Measurement::epsilon(context)),
          "{} holds figures of {} images within {}; other images and ε want a folder of their own, another `run`", file.string(),
          record.images, record.epsilon);
  return record;
}

/** The record so far with this network's row in it, in the order of the parts. */
AntialiasingRecord keep(const StudyContext& context, const Measurement& measurement, AntialiasingRow row) {
  AntialiasingRecord record = kept(context, measurement.pictures().size());
  record.came_from(provenance_of(context));
  record.data = measurement.pictures().where();
  record.images = measurement.pictures().size();
  record.autoattack_images = measurement.autoattacked().size();
  record.corrupted_images = measurement.corrupted().size();
  record.shift = kShift;
  record.pgd_steps = kPgdSteps;
  record.epsilon = Measurement::epsilon(context);
  record.trained = context.network.empty();
  std::erase_if(record.rows, [&](const AntialiasingRow& r) { return r.downsample == row.downsample && r.seed == row.seed; });
  record.rows.push_back(std::move(row));
  const auto rank = [](const AntialiasingRow& r) {
    const auto way = std::find_if(std::begin(kWays), std::end(kWays), [&](const Way& w) { return r.downsample == w.name; });
    return std::pair(way - std::begin(kWays), r.seed);
  };
  std::stable_sort(record.rows.begin(), record.rows.end(),
                   [&](const AntialiasingRow& a, const AntialiasingRow& b) { return rank(a) < rank(b); });
  write_json(context.folder / kAntialiasingFile, fields_to_json(record));
  return record;
}

std::vector<StudyFigure> figures_of(const AntialiasingRecord& record, const Path& folder, const std::string& downsample,
                                    const std::string& note) {
  const int64_t trainings = std::ssize(record.of(downsample));
  std::vector<StudyFigure> all;
  const auto add = [&](const std::string& what, const AntialiasingNumber& n, double factor, std::string unit, std::string text) {
    if (!std::isfinite(n.value)) return;
    StudyFigure f;
    f.what = fmt::format("{}: {}", downsample, what);
    f.ours = factor * n.value;
    f.low = factor * n.interval_95[0];
    f.high = factor * n.interval_95[1];
    f.unit = std::move(unit);
    f.note = std::move(text);
    all.push_back(std::move(f));
  };
  const auto share = [&](const char* what, double AntialiasingRow::*number, RowInterval interval, std::string text) {
    add(what, number_of(record, downsample, number, interval), 100, "%", std::move(text));
    const DifferenceToPlain d = difference_to_plain(record, downsample, number, folder);
    add(fmt::format("{}, less plain's", what), d, 100, "points",
        d.trainings > 1      ? fmt::format("Paired: Student's t over {} seeds that both have.", d.trainings)
        : std::isfinite(d.p) ? fmt::format("Paired by images; McNemar's p = {:.2g}.", d.p)
                             : "Paired by images.");
  };
  using Row = AntialiasingRow;
  const std::string within = fmt::format("ε = {}.", epsilon_text(record.epsilon));
  share("accuracy", &Row::accuracy, &Row::accuracy_interval_95,
        trainings > 1 ? fmt::format("{} Means of {} seeds and their intervals, here and below.", note, trainings) : note);
  share("two crops get the same class", &Row::crop, &Row::crop_interval_95, fmt::format("Windows up to {} pixels apart.", 2 * kShift));
  share("keeps its class, circular shifts", &Row::circular, &Row::circular_interval_95,
        fmt::format("Mean over all shifts of up to {} pixels.", kShift));
  share("keeps its class at every shift", &Row::worst, &Row::worst_interval_95, "");
  share("right under FGSM", &Row::fgsm, &Row::fgsm_interval_95, within);
  share("right under PGD", &Row::pgd, &Row::pgd_interval_95, within);
  share("right under AutoAttack", &Row::autoattack, &Row::autoattack_interval_95,
        fmt::format("{} The first {} images.", within, record.autoattack_images));
  share("right under corruptions", &Row::corrupted, &Row::corrupted_interval_95,
        fmt::format("15 corruptions, five severities, the first {} images.", record.corrupted_images));
  add("mean corruption error", mean_corruption_error(record, downsample, folder), 100, "%",
      "Hendrycks and Dietterich 2019, relative to the plain network instead of AlexNet, whose errors spread alike.");
  share("energy that folds", &Row::folded_energy, &Row::folded_energy_interval_95,
        "Mean over the places that drop samples, behind their filters.");
  const AntialiasingRow& first = *record.of(downsample).front();
  add("multiply-adds of an image", {.value = static_cast<double>(first.macs)}, 1e-6, "million", "");
  for (const ImageRelation& r : first.relations) {
    const AntialiasingNumber n = correlation_of(record, downsample, r.what);
    const bool told = n.interval_95[0] > 0 || n.interval_95[1] < 0;
    add(fmt::format("rank correlation of what folds with being {}", r.what), n, 1, "",
        fmt::format("{} of {} images are so{}. {}", r.cases, r.images, trainings > 1 ? " with the first seed" : "",
                    told ? "" : "No relation can be told."));
  }
  return all;
}

std::string folder_of(const std::string& downsample) {
  std::string folder = downsample;
  std::replace(folder.begin(), folder.end(), ':', '-');
  return folder;
}

/** Of the training with a seed, in the folder of its way. */
std::string folder_of(const std::string& downsample, int64_t seed) {
  return fmt::format("{}/{}", folder_of(downsample), seed_folder_name(seed));
}

std::vector<StudyFigure> do_way(const StudyContext& context, const RecipeOf& recipe, const Way& way) {
  const bool own = context.network.empty();
  const auto first = static_cast<int64_t>(context.setting.seed);
  const int64_t seeds = own && way.main ? size_at(context.scale).seeds : 1;
  AntialiasingRecord record;
  for (int64_t seed = first; seed < first + seeds; ++seed) {
    if (seeds > 1) context.setting.tell(fmt::format("{}, seed {}", way.name, seed));
    const Candidate candidate =
        own ? trained(context, recipe, way.name, seed, folder_of(way.name, seed)) : brought(context, way.name, folder_of(way.name));
    Measurement measurement(context, candidate);
    record = kept(context, measurement.pictures().size());
    const auto before = record.of(way.name);
    if (std::any_of(before.begin(), before.end(), [&](const AntialiasingRow* row) { return row->seed == seed; })) continue;
    AntialiasingRow row = measurement.run();
    record = keep(context, measurement, std::move(row));
  }
  std::string note = "Weights kept, not trained on: what it lost is no fault of the filter.";
  if (own) {
    const TrainOptions o = resolve_options(recipe(way.name, first));
    note = fmt::format("{} images; trained for {} epochs{}.", record.images, o.epochs,
                       o.limit > 0 ? fmt::format(" on {} images", o.limit) : "");
  } else if (std::string_view(way.name) == "plain") {
    note = "As it was brought.";
  }
  return figures_of(record, context.folder, way.name, note);
}

/** A plain network that was trained with noise, beside the one without. */
std::vector<StudyFigure> do_noise(const StudyContext& context, const RecipeOf& recipe) {
  const auto seed = static_cast<int64_t>(context.setting.seed);
  Json with = recipe("plain", seed);
  with["augment"] = resolve_options(with).augment + "+" + kNoise;
  std::vector<StudyFigure> figures;
  for (const auto& [name, folder, options] : {std::tuple{"trained without noise", folder_of("plain", seed), recipe("plain", seed)},
                                              std::tuple{"trained with noise of σ = 0.1", std::string("noise"), with}}) {
    (void)context.train(folder, options);
    const Network network = open_network(context.trained(folder).string());
    Setting setting = context.setting;
    setting.execution.precision = Precision::fp32;
    setting.force = false;  // a map that was begun goes on
    setting.progress = [&](int64_t done, int64_t total) {
      if (context.setting.progress) context.setting.progress(done, total);
      if (setting.stop && setting.stop()) throw Stopped("stopped between two frequencies");
    };
    const FourierErrors found =
        measure_fourier(network, test_pictures(context, resolve_options(options)),
                        {.fourier_images = std::min(size_at(context.scale).fourier, images_at(context))}, context.folder / folder, setting)
            .fourier;
    StudyFigure f;
    f.what = fmt::format("plain, {}: wrong under noise of high frequency", name);
    f.ours = 100 * high_frequency_error(found);
    f.note = fmt::format("Mean over the outer three quarters of the Fourier map of {} images, norm {}.", found.images, found.norm);
    figures.push_back(f);
  }
  return figures;
}

}  // namespace

std::vector<Part> AntialiasingStudy::parts(Scale scale) const {
  const RecipeOf recipe_of = [this, scale](const std::string& downsample, int64_t seed) { return recipe(scale, downsample, seed); };
  std::vector<Part> all;
  for (const Way& way : kWays)
    all.push_back({way.name, fmt::format("the network with {}: accuracy, frequencies, shifts, attacks, corruptions", way.name),
                   folder_of(way.name), [recipe_of, way](const StudyContext& context) { return do_way(context, recipe_of, way); }});
  all.push_back({"noise", "the plain network trained with noise: which frequencies of noise it withstands", "noise",
                 [recipe_of](const StudyContext& context) { return do_noise(context, recipe_of); }, true});
  return all;
}

Json AntialiasingStudy::recipe(Scale scale, const std::string& downsample, int64_t seed) const {
  const Size size = size_at(scale);
  return {{"preset", "cifar-resnet-fast"},
          {"model", "resnet20,downsample=" + downsample},
          {"epochs", size.epochs},
          {"limit", size.limit},
          {"seed", seed}};
}

}  // namespace convscope
