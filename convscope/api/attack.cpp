#include "convscope/api/attack.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "convscope/api/attack_summary.h"
#include "convscope/api/attacked_network.h"
#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/attack/attack_log.h"
#include "convscope/attack/trust.h"
#include "convscope/base/join.h"
#include "convscope/base/json_file.h"
#include "convscope/base/sha256.h"
#include "convscope/base/timer.h"
#include "convscope/data/sources/array.h"
#include "convscope/models/model.h"
#include "convscope/report/attack/attack_curve.h"
#include "convscope/report/attack/attack_pairs.h"
#include "convscope/report/attack/attack_sheet.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/question.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kMostNumbers = int64_t{1} << 30;  // of pictures held at once: 4 GiB
constexpr size_t kMostListed = 10'000;              // images in the record itself

/** Of those that are listed and were attacked the first ones; where each image is there many times, some from all over. */
std::vector<size_t> places_to_show(std::span<const AttackImage> images, size_t wanted, bool all_over) {
  std::vector<size_t> attacked, places;
  for (size_t i = 0; i < std::min(images.size(), kMostListed); ++i)
    if (images[i].attacked) attacked.push_back(i);
  const size_t count = std::min(attacked.size(), wanted);
  for (size_t i = 0; i < count; ++i) places.push_back(attacked[all_over ? i * attacked.size() / count : i]);
  return places;
}

/** The gain that makes the largest change of those shown black or white, a whole number. */
double fitting_gain(std::span<const AttackImage> shown) {
  double largest = 0;
  for (const AttackImage& image : shown) largest = std::max(largest, image.linf);
  return largest > 0 ? std::max(1.0, std::floor(0.5 / largest)) : 1;
}

AttackedPicture draw(const Path& place, const Tensor& clean, const Tensor& x, const AttackRecord& record, AttackImage& image) {
  const int64_t n = image.row;
  // Nothing of the image is in a picture that is made from black: the difference would be the image's negative.
  const float of_image = record.from_black && image.iterations > 0 ? 0.0f : 1.0f;
  Tensor noise(x.shape().with_batch(1));
  for (int64_t i = 0; i < noise.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    noise[i] =
        static_cast<float>(std::clamp(0.5 + record.gain * (static_cast<double>(x.row(n)[at]) - of_image * clean.row(n)[at]), 0.0, 1.0));
  }
  // An image attacked towards several classes is there several times.
  const std::string stem = image.target.empty() ? fmt::format("{:05}", image.index) : fmt::format("{:05}-row-{}", image.index, n);
  image.clean = stem + "-clean.png";
  image.noise = stem + "-noise.png";
  image.result = stem + "-result.png";
  AttackedPicture drawn{visible(clean, n), visible(noise, 0), visible(x, n)};
  write_png(place / image.clean, drawn.clean);
  write_png(place / image.noise, drawn.noise);
  write_png(place / image.result, drawn.result);
  return drawn;
}

void write_arrays(const Path& place, const Attacked& found, AttackRecord& record) {
  record.pictures = "pictures.npy";
  record.indices = "indices.npy";
  record.csv = "images.csv";
  write_npy(place / record.pictures, found.pictures);
  write_npy(place / record.indices, {found.images.size()}, found.images.numbers());
  write_file(place / record.csv, attack_images_csv(record.images));
  PictureArray told;
  told.pictures = record.pictures;
  told.split = record.data.split.empty() ? "test" : record.data.split;
  told.classes = found.images.classes();
  told.labels = found.images.labels();
  told.numbers = found.images.samples();
  told.origin = fmt::format("{} of {}, against {}{}", attack_name(record), record.data.text(), record.network.name,
                            record.bounded && !record.curve.empty() ? ", within " + epsilon_text(record.curve.back().epsilon) : "");
  write_json(place / kPictureArrayFile, fields_to_json(told));
}

/** Draws what is to be shown; the record's images get the names of their files. */
std::vector<AttackedPicture> draw_some(const Path& place, const Tensor& clean, const Tensor& x, const AttackOptions& options,
                                       AttackRecord& record) {
  const std::vector<size_t> shown = places_to_show(record.images, static_cast<size_t>(options.show), options.target == "each");
  std::vector<AttackImage> told;
  for (const size_t i : shown) told.push_back(record.images[i]);
  record.gain = options.gain > 0 ? options.gain : fitting_gain(told);
  std::vector<AttackedPicture> drawn;
  for (const size_t i : shown) drawn.push_back(draw(place, clean, x, record, record.images[i]));
  return drawn;
}

/** A record without what changes no picture: it may be said otherwise when an attack goes on. */
Json what_decides(const AttackRecord& record) {
  Json all = fields_to_json(record);
  for (const char* shown : {"batch", "show", "gain", "captions", "arrays", "verdict", "twin"}) all["options"].erase(shown);
  return all;
}

/** What was asked, as the record tells it. */
AttackRecord record_of(const Network& network, const Choice& method, const Attack& attack, const ChosenImages& chosen,
                       const AttackOptions& options, const Setting& setting) {
  const std::vector<std::string>& names = chosen.pictures.classes();
  AttackRecord record;
  record.attack = origin(method);
  record.came_from(provenance_of(network, chosen.pictures, fields_to_json(options), setting));
  record.data.limit = options.limit;
  record.goal = options.target.empty()                               ? "untargeted"
                : chosen.targets.empty() || options.target == "each" ? options.target
                                                                     : class_name(names, chosen.targets.front());
  if (!options.source.empty()) record.source = class_name(names, chosen.labels.front());
  record.norm = attack.in_ball() ? name_of(attack.norm()) : "share";
  record.bounded = !options.epsilon.empty();
  record.from_black = attack.from_black();
  record.confidence = options.confidence.value_or(attack.usual_confidence());
  record.min_confidence = options.min_confidence;
  record.independent = options.independent;
  record.drawn = options.draw;
  record.precision = name_of(setting.execution.precision);
  record.total = chosen.pictures.size();
  record.examined = chosen.examined;
  return record;
}

void tell_trust(const TrustReport& report, AttackRecord& record) {
  record.trust = name_of(report.verdict);
  record.trust_epsilon = report.epsilon;
  record.trust_images = report.images;
  record.reasons.emplace();
  for (const TrustCheck& check : report.checks)
    record.reasons->push_back({.check = check.name,
                               .value = check.value,
                               .limit = check.limit,
                               .passed = check.finding == Trust::ok,
                               .finding = std::string(name_of(check.finding)),
                               .text = check.text});
}

/** "resnet20.th,model=resnet20,normalize=imagenet". */
Network open_twin(const std::string& twin, const Network& network) {
  const Choice choice = parse_choice(twin);
  Network other = open_network(choice.name, fields_from_json<NetworkOptions>(choice.options, "`twin`"));
  require(other.image() == network.image() && other.outputs() == network.outputs(),
          "`twin` {}: it takes pictures {} and tells {} classes, the network {} and {}; a network of the same data was wanted", choice.name,
          other.image(), other.outputs(), network.image(), network.outputs());
  return other;
}

/** The record lists what was attacked; the table has the others too. */
void keep_attacked(AttackRecord& record) {
  std::erase_if(record.images, [](const AttackImage& image) { return !image.attacked; });
}

/** `before`: seconds that an earlier run took, which was stopped. */
void write_attack(const Path& place, const Tensor& clean, const AttackOptions& options, double before, const Timer& timer,
                  Attacked& found) {
  AttackRecord& record = found.record;
  remove_answer(place, kAttackFile);
  std::error_code none;
  std::filesystem::remove(place / kPictureArrayFile, none);
  make_folder(place);
  const std::vector<AttackedPicture> drawn = draw_some(place, clean, found.pictures, options, record);
  if (options.arrays) write_arrays(place, found, record);
  keep_attacked(record);
  if (record.images.size() > kMostListed) record.images.resize(kMostListed);
  record.seconds = before + timer.seconds();
  write_json(place / kAttackFile, fields_to_json(record));
  if (!drawn.empty()) write_figure(place, "sheet", attack_sheet(record, drawn));
  write_attack_curve(place, std::span(&record, 1));
  if (const auto pairs = attack_pairs(record)) write_figure(place, "pairs", *pairs);
  write_file(place / "pairs.csv", attack_pairs_csv(record));
  write_file(place / "classes.csv", attack_classes_csv(record));
}

}  // namespace

Path attack_folder(const Path& folder, const AttackRecord& record) {
  std::vector<std::string> epsilons;
  for (const Json& epsilon : record.options.value("epsilon", json_list()))
    if (epsilon.is_number()) epsilons.push_back(epsilon_text(epsilon.get<double>()));
  std::string name = record.attack;
  if (record.goal != "untargeted") name += "-to-" + record.goal;
  if (!record.source.empty()) name += "-from-" + record.source;
  if (record.independent) name += "-independent";
  const auto share = [&](const char* option) {
    return record.options.contains(option) && record.options[option].is_number() && record.options[option] != 0
               ? record.options[option].dump()
               : std::string();
  };
  const QuestionName asked = QuestionName(name)
                                 .with("", epsilons.empty() ? "" : record.norm)
                                 .with("", std::string(join(epsilons, ",")))
                                 .with("confidence", share("confidence"))
                                 .with("min-confidence", share("min_confidence"))
                                 .with("gain", share("gain"))
                                 .with("drawn-with-seed", record.drawn ? std::to_string(record.seed) : "")
                                 .of(record);
  return question_folder(folder / kAttacks, asked, kAttackFile, record);
}

void check_attack(const Choice& method, const AttackOptions& options) {
  const auto attack = attacks().make(method);
  if (options.confidence.value_or(0) > 0 && (attack->minimises() || method.name == "autoattack"))
    throw WrongUse(fmt::format("{}: it ends just beyond a boundary; `confidence` is not for it", method.name));
  if (!options.twin.empty() && !options.verdict) throw WrongUse("`twin` is for `verdict`");
  if (options.verdict && !attack->in_ball()) throw WrongUse(fmt::format("{}: `verdict` is for attacks within a ball", method.name));
  if (options.verdict && attack->from_black()) throw WrongUse(fmt::format("{}: `verdict` is for attacks near images", method.name));
  if (options.verdict && !options.target.empty()) throw WrongUse("`verdict` is for attacks without a `target`");
  if (options.epsilon.empty() && attack->wants_epsilon())
    throw WrongUse(fmt::format("{}: `epsilon` is missing: how far pictures may be from their images, such as 8/255", method.name));
  for (const double epsilon : options.epsilon) {
    require(epsilon >= 0, "`epsilon` {}: it is below 0; a distance was wanted", epsilon);
    require(attack->norm() != Norm::linf || epsilon <= 1, "`epsilon` {}: it is above 1, and {}", epsilon,
            attack->in_ball() ? "pixels lie in [0, 1]" : "it is a share");
  }
  require(options.limit >= 0, "`limit` {}: a count of images was wanted; 0: all", options.limit);
  require(options.show >= 0, "`show` {}: a count of images was wanted", options.show);
  require(options.captions == "decimals" || options.captions == "percent", "`captions`: no '{}'; decimals or percent was wanted",
          options.captions);
  require(options.gain >= 0 && options.gain <= 1e6, "`gain` {}: a factor was wanted; 0: as much as fits", options.gain);
  for (const auto& [name, confidence] :
       {std::pair{"confidence", options.confidence.value_or(0)}, {"min_confidence", options.min_confidence}})
    require(confidence >= 0 && confidence < 1, "`{}` {}: a share from 0 to below 1 was wanted", name, confidence);
  require(options.batch >= 0, "`batch` {}: at least 1 was wanted; 0: as suits", options.batch);
}

Attacked attack(const Network& network, const Choice& method, const Pictures& pictures, const AttackOptions& options, const Path& folder,
                const Setting& setting) {
  const Timer timer;
  check_attack(method, options);
  check_pictures(network, pictures);
  require(std::ssize(pictures.classes()) == network.outputs(), "{} names of classes for a network of {}", pictures.classes().size(),
          network.outputs());
  const auto member = attacks().make(method);
  const auto weights = network.weights();
  const int64_t batch = options.batch > 0 ? options.batch : usual_batch(network.image());
  AttackedNetwork judge(network.graph, weights, batch, {Precision::fp32, setting.execution.engine});
  std::optional<AttackedNetwork> coarser;
  if (setting.execution.precision != Precision::fp32) coarser.emplace(network.graph, weights, batch, setting.execution);

  std::optional<AttackedNetwork> twin;
  if (!options.twin.empty()) {
    const Network other = open_twin(options.twin, network);
    twin.emplace(other.graph, other.weights(), batch, Execution{Precision::fp32, setting.execution.engine});
  }
  const ChosenImages chosen = choose_images(judge.subject(), pictures, options, setting);
  const int64_t count = chosen.pictures.size(), inner = network.image().size();
  require(count <= kMostNumbers / inner, "{} pictures of {} numbers would be held at once; `limit` {} is the most", count, inner,
          kMostNumbers / inner);
  AttackRecord record = record_of(network, method, *member, chosen, options, setting);
  require_alike_question(*setting.ranks, record, *chosen.pictures.dataset());
  const Path place = folder.empty() || !setting.ranks->is_root() ? Path() : attack_folder(folder, record);
  if (!place.empty()) require_no_loss(place / kAttackFile, record, setting.force);
  Goal goal;
  if (options.target == "least-likely") goal.kind = Goal::Kind::least_likely;
  if (!chosen.targets.empty()) goal = {Goal::Kind::targeted, chosen.targets};
  std::optional<FolderLock> lock;
  std::optional<AttackLog> log;
  if (!place.empty() && member->takes_long()) {
    make_folder(place);
    lock.emplace(place);
    if (setting.force && std::filesystem::exists(place / kAttackFile)) std::filesystem::remove(place / kUnfinishedAttack);
    log.emplace(place / kUnfinishedAttack, sha256(what_decides(record).dump()), judge.subject().classes());
    if (log->known() > 0)
      setting.tell(fmt::format("goes on where it was stopped: {} attacks on an image are known, which took {:.0f} s", log->known(),
                               log->seconds_before()));
  }
  const AttackSettings settings{.confidence = record.confidence,
                                .independent = options.independent,
                                .seed = setting.seed,
                                .judge = &judge.subject(),
                                .progress = setting.progress,
                                .stop = setting.stop,
                                .log = log ? &*log : nullptr,
                                .ranks = setting.ranks.get()};
  const std::vector<double> epsilons = options.epsilon.empty() ? std::vector{farthest(member->norm(), inner)} : options.epsilon;
  const Tensor clean = chosen.pictures.pixels();
  const std::vector<int64_t> samples = chosen.pictures.samples();
  const AttackedImages images{clean, chosen.labels, samples, &chosen.logits};
  AttackResult result = member->perform((coarser ? *coarser : judge).subject(), images, goal, epsilons, settings);
  const double before = log ? log->seconds_before() : 0;
  if (options.verdict) {
    TrustOptions trust;
    trust.twin = twin ? &twin->subject() : nullptr;
    tell_trust(judge_robustness(*member, (coarser ? *coarser : judge).subject(), images, result, settings, trust), record);
  }
  summarise(result, chosen, judge.subject().classes(), member->in_ball() && member->norm() == Norm::linf, record);
  if (record.flat > 0)
    setting.tell(fmt::format(
        "FLAT: of {} of {} images the slope was 0 in every pixel: no attack by slopes moves them, and that they stay right is no "
        "sign of robustness",
        record.flat, record.attacked));
  Attacked found{std::move(record), chosen.pictures, std::move(result.x)};
  found.record.seconds = before + timer.seconds();
  if (place.empty())
    keep_attacked(found.record);
  else
    write_attack(place, clean, options, before, timer, found);
  if (log) log->remove();
  return found;
}

}  // namespace convscope
