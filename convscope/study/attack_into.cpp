#include "convscope/study/attack_into.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "convscope/attack/attack.h"
#include "convscope/base/json_file.h"
#include "convscope/base/random.h"
#include "convscope/base/timer.h"
#include "convscope/data/batches.h"
#include "convscope/data/subset.h"
#include "convscope/models/model.h"
#include "convscope/report/attack_pairs.h"
#include "convscope/report/attack_sheet.h"
#include "convscope/report/robustness_curve.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/evaluation.h"
#include "convscope/study/pictures.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr int64_t kMostNumbers = int64_t{1} << 30;  // of pictures held at once: 4 GiB
constexpr size_t kMostListed = 10'000;              // images in the record itself

/** Images and targets, one row an attempt. */
struct Chosen {
  std::vector<int64_t> indices, labels, targets;  // targets: empty where none is aimed at
  int64_t examined = 0, correct = 0, top5 = 0;
};

enum class Aim { away, least_likely, one, each };

Aim aim_of(const std::string& target) {
  if (target.empty()) return Aim::away;
  return target == "least-likely" ? Aim::least_likely : target == "each" ? Aim::each : Aim::one;
}

bool among_five(std::span<const float> logits, int64_t label) {
  const float own = logits[static_cast<size_t>(label)];
  return std::count_if(logits.begin(), logits.end(), [&](float v) { return v > own; }) < 5;
}

/** Which images, in which order, is decided by the network's clean answers, batch by batch until there are enough. */
class Selection {
 public:
  Selection(Subject& judge, const Dataset& data, const AttackRequest& request, std::span<const std::string> names)
      : judge_(judge), data_(data), request_(request), names_(names), aim_(aim_of(request.target)) {
    if (!request.source.empty()) source_ = parse_class(request.source, names);
    if (aim_ == Aim::one) target_ = parse_class(request.target, names);
    require(source_ < 0 || source_ != target_, "--source and --target are both '{}'; another class was wanted", request.source);
    require(aim_ != Aim::each || judge.classes() > 1, "a network of one class has no other to aim at");
  }

  Chosen choose() {
    Chosen chosen;
    const std::vector<int64_t> order = candidates();
    of_class_.assign(static_cast<size_t>(judge_.classes()), 0);
    const auto batch = static_cast<size_t>(std::max<int64_t>(1, judge_.batch()));
    for (size_t first = 0; first < order.size() && !full(chosen); first += batch) {
      if (request_.stop && request_.stop()) throw AttackStopped(fmt::format("stopped while choosing images, after {}", chosen.examined));
      look_at(std::span(order).subspan(first, std::min(batch, order.size() - first)), chosen);
    }
    if (chosen.indices.empty())
      throw NothingToAttack(
          fmt::format("none of {} images is classified correctly{}{}: there is no image to start from", chosen.examined,
                      request_.min_confidence > 0 ? fmt::format(" with a confidence of {}", request_.min_confidence) : "",
                      aim_ == Aim::one ? fmt::format(" and of another class than '{}'", names_[static_cast<size_t>(target_)]) : ""));
    return chosen;
  }

 private:
  /** Their indices, of the source class alone, drawn or in the data set's usual order. */
  std::vector<int64_t> candidates() const {
    std::vector<int64_t> order =
        request_.draw ? permutation(data_.size(), RandomStream(request_.seed, "images to attack")) : usual_order(data_);
    if (source_ >= 0) {
      std::erase_if(order, [&](int64_t index) { return data_.label(index) != source_; });
      require(!order.empty(), "no image of class '{}' in the data", names_[static_cast<size_t>(source_)]);
    }
    return order;
  }

  bool all_count() const { return aim_ == Aim::away && request_.min_confidence == 0; }

  bool full(const Chosen& chosen) const {
    if (request_.limit == 0) return false;
    if (aim_ != Aim::each) return std::ssize(chosen.indices) >= request_.limit;
    for (int64_t y = 0; y < std::ssize(of_class_); ++y)
      if ((source_ < 0 || y == source_) && of_class_[static_cast<size_t>(y)] < request_.limit) return false;
    return true;
  }

  void look_at(std::span<const int64_t> indices, Chosen& chosen) {
    Tensor x({std::ssize(indices), judge_.image()[0], judge_.image()[1], judge_.image()[2]});
    read_batch(data_, indices, 0, x.span(), {}, {});
    const Tensor logits = judge_.logits(x), p = softmax(logits);
    for (size_t i = 0; i < indices.size() && !full(chosen); ++i) {
      const auto row = logits.row(static_cast<int64_t>(i));
      const int64_t label = data_.label(indices[i]), says = argmax(row);
      require(label < judge_.classes(), "image {} is of class {}: the network has classes 0 to {}", indices[i], label,
              judge_.classes() - 1);
      ++chosen.examined;
      chosen.correct += says == label;
      chosen.top5 += among_five(row, label);
      const bool fit = says == label && p.row(static_cast<int64_t>(i))[static_cast<size_t>(label)] >= request_.min_confidence;
      if (all_count() || (fit && label != target_)) take(indices[i], label, chosen);
    }
  }

  void take(int64_t index, int64_t label, Chosen& chosen) {
    if (aim_ != Aim::each) {
      chosen.indices.push_back(index);
      chosen.labels.push_back(label);
      if (aim_ == Aim::one) chosen.targets.push_back(target_);
      return;
    }
    if (request_.limit > 0 && of_class_[static_cast<size_t>(label)] >= request_.limit) return;
    ++of_class_[static_cast<size_t>(label)];
    for (int64_t y = 0; y < judge_.classes(); ++y) {
      if (y == label) continue;
      chosen.indices.push_back(index);
      chosen.labels.push_back(label);
      chosen.targets.push_back(y);
    }
  }

  Subject& judge_;
  const Dataset& data_;
  const AttackRequest& request_;
  std::span<const std::string> names_;
  Aim aim_;
  int64_t source_ = -1, target_ = -1;
  std::vector<int64_t> of_class_;
};

double share(int64_t some, int64_t all) { return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all); }

AttackPoint point_of(const AttackResult& r, size_t e, int64_t classes, bool in_ball) {
  AttackPoint point;
  point.epsilon = r.epsilons[e];
  int64_t right = 0, right_8bit = 0, top5 = 0, was_right = 0, successes_8bit = 0, flips = 0, attacked = 0;
  double l2 = 0, iterations = 0, confidence = 0;
  for (size_t n = 0; n < r.clean.size(); ++n) {
    const Outcome& o = r.radius[e][n];
    right += o.exact.correct;
    right_8bit += o.png.correct;
    top5 += o.exact.top5;
    flips += o.exact.predicted != r.clean[n].predicted;
    if (!r.attacked[n]) continue;
    ++attacked;
    point.linf_max = std::max(point.linf_max, o.linf);
    point.linf_max_8bit = std::max(point.linf_max_8bit, o.linf_png);
    // Of levels: the floats of two neighbouring ones may be a hair farther than 1 / 255 apart.
    point.outside_8bit += in_ball && o.linf_png > point.epsilon + 1e-6;
    point.l2_max = std::max(point.l2_max, o.l2);
    l2 += o.l2;
    iterations += static_cast<double>(o.iterations);
    if (!r.clean[n].correct) continue;
    ++was_right;
    point.successes += o.exact.success;
    successes_8bit += o.png.success;
    if (o.exact.success) confidence += o.exact.confidence;
  }
  const int64_t total = std::ssize(r.clean);
  point.accuracy = share(right, total);
  point.accuracy_interval_95 = wilson_interval(right, total);
  point.accuracy_8bit = share(right_8bit, total);
  if (classes > 5) point.top5_accuracy = share(top5, total);
  if (was_right > 0) {
    point.success_rate = share(point.successes, was_right);
    point.success_interval_95 = wilson_interval(point.successes, was_right);
    point.success_rate_8bit = share(successes_8bit, was_right);
  }
  point.flip_rate = share(flips, total);
  point.l2_mean = attacked == 0 ? 0 : l2 / static_cast<double>(attacked);
  point.iterations_mean = attacked == 0 ? 0 : iterations / static_cast<double>(attacked);
  if (point.successes > 0) point.confidence_mean = confidence / static_cast<double>(point.successes);
  return point;
}

std::vector<AttackClass> classes_of(const AttackResult& r, const Chosen& chosen, std::span<const std::string> names) {
  std::vector<AttackClass> all;
  for (int64_t y = 0; y < std::ssize(names); ++y) {
    AttackClass c;
    c.name = names[static_cast<size_t>(y)];
    for (size_t n = 0; n < r.clean.size(); ++n) {
      if (chosen.labels[n] != y) continue;
      ++c.total;
      c.correct += r.clean[n].correct;
    }
    if (c.total == 0) continue;
    c.clean_accuracy = share(c.correct, c.total);
    for (const auto& outcomes : r.radius) {
      int64_t right = 0, successes = 0;
      for (size_t n = 0; n < outcomes.size(); ++n) {
        if (chosen.labels[n] != y) continue;
        right += outcomes[n].exact.correct;
        successes += r.clean[n].correct && r.attacked[n] && outcomes[n].exact.success;
      }
      c.accuracy.push_back(share(right, c.total));
      c.success_rate.push_back(share(successes, c.correct));
    }
    all.push_back(std::move(c));
  }
  return all;
}

std::vector<AttackPair> pairs_of(const AttackResult& r, const Chosen& chosen, std::span<const std::string> names) {
  const size_t classes = names.size();
  std::map<std::pair<size_t, size_t>, AttackPair> pairs;
  std::vector<int64_t> of_class(classes);
  const auto at = [&](size_t from, size_t to) -> AttackPair& {
    AttackPair& pair = pairs[{from, to}];
    pair.from = names[from];
    pair.to = names[to];
    return pair;
  };
  for (size_t n = 0; n < r.clean.size(); ++n) {
    if (!r.attacked[n] || !r.clean[n].correct) continue;
    const auto from = static_cast<size_t>(chosen.labels[n]);
    const Outcome& o = r.radius.back()[n];
    ++of_class[from];
    if (!r.targets.empty()) ++at(from, static_cast<size_t>(r.targets[n])).attempts;
    if (!o.exact.success) continue;
    AttackPair& pair = at(from, static_cast<size_t>(o.exact.predicted));
    const auto seen = static_cast<double>(pair.successes++);
    const auto mean = [&](double& so_far, double next) { so_far = seen == 0 ? next : (so_far * seen + next) / (seen + 1); };
    mean(pair.iterations, static_cast<double>(o.iterations));
    mean(pair.linf, o.linf);
    mean(pair.l2, o.l2);
  }
  std::vector<AttackPair> all;
  for (auto& [key, pair] : pairs) {
    if (r.targets.empty()) pair.attempts = of_class[key.first];
    pair.rate = share(pair.successes, pair.attempts);
    all.push_back(std::move(pair));
  }
  return all;
}

std::vector<AttackImage> images_of(const AttackResult& r, const Chosen& chosen, std::span<const std::string> names) {
  std::vector<AttackImage> all;
  for (size_t n = 0; n < r.clean.size(); ++n) {
    if (!r.attacked[n]) continue;
    const Outcome& o = r.radius.back()[n];
    AttackImage image;
    image.index = chosen.indices[n];
    image.row = static_cast<int64_t>(n);
    image.from = class_name(names, chosen.labels[n]);
    image.from_confidence = r.clean[n].confidence;
    if (!r.targets.empty()) image.target = class_name(names, r.targets[n]);
    image.to = class_name(names, o.exact.predicted);
    image.confidence = o.exact.confidence;
    image.success = o.exact.success;
    image.epsilon = o.epsilon;
    image.iterations = o.iterations;
    image.linf = o.linf;
    image.l2 = o.l2;
    image.to_8bit = class_name(names, o.png.predicted);
    image.confidence_8bit = o.png.confidence;
    image.success_8bit = o.png.success;
    image.linf_8bit = o.linf_png;
    all.push_back(std::move(image));
  }
  return all;
}

/** The first ones; where each image is there many times, some from all over. */
std::vector<size_t> places_to_show(size_t count, size_t wanted, bool all_over) {
  std::vector<size_t> places(std::min(count, wanted));
  for (size_t i = 0; i < places.size(); ++i) places[i] = all_over ? i * count / places.size() : i;
  return places;
}

/** The gain that makes the largest change of those shown black or white, a whole number. */
double fitting_gain(std::span<const AttackImage> shown) {
  double largest = 0;
  for (const AttackImage& image : shown) largest = std::max(largest, image.linf);
  return largest > 0 ? std::max(1.0, std::floor(0.5 / largest)) : 1;
}

AttackedPicture draw(const Path& place, const Tensor& clean, const Tensor& x, double gain, AttackImage& image) {
  const int64_t n = image.row;
  Tensor noise(x.shape().with_batch(1));
  for (int64_t i = 0; i < noise.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    noise[i] = static_cast<float>(std::clamp(0.5 + gain * (static_cast<double>(x.row(n)[at]) - clean.row(n)[at]), 0.0, 1.0));
  }
  // An image attacked towards several classes is there several times.
  const std::string stem = image.target.empty() ? fmt::format("{:05}", image.index) : fmt::format("{:05}-row-{}", image.index, n);
  image.clean = stem + "-clean.png";
  image.noise = stem + "-noise.png";
  image.result = stem + "-result.png";
  AttackedPicture drawn{to_image(shown_channels(clean, n)), to_image(shown_channels(noise, 0)), to_image(shown_channels(x, n))};
  write_png(place / image.clean, drawn.clean);
  write_png(place / image.noise, drawn.noise);
  write_png(place / image.result, drawn.result);
  return drawn;
}

void write_arrays(const Path& place, const AttackResult& result, const Chosen& chosen, AttackRecord& record) {
  record.pictures = "pictures.npy";
  record.indices = "indices.npy";
  record.csv = "images.csv";
  write_npy(place / record.pictures, result.x);
  Tensor indices({std::ssize(chosen.indices)});
  for (int64_t n = 0; n < indices.size(); ++n) indices[n] = static_cast<float>(chosen.indices[static_cast<size_t>(n)]);
  write_npy(place / record.indices, indices);
  write_file(place / record.csv, attack_images_csv(record.images));
}

}  // namespace

Path attack_folder(const Path& folder, const AttackRecord& record) {
  std::string name = record.attack;
  if (record.goal != "untargeted") name += "-to-" + record.goal;
  if (!record.source.empty()) name += "-from-" + record.source;
  if (record.independent) name += "-independent";
  return folder / kAttacks / folder_name_of(name);
}

AttackRecord attack_into(const Path& folder, Subject& subject, Subject& judge, const Dataset& data, const AttackRequest& request) {
  const Timer timer;
  const auto attack = attacks().make(request.attack);
  require(!request.epsilons.empty() || !attack->wants_epsilon(), "{}: --epsilon is missing: how far pictures may be, such as 8/255",
          request.attack.name);
  require(request.limit >= 0, "--limit {}: a count of images was wanted; 0: all", request.limit);
  require(request.show >= 0, "--show {}: a count of images was wanted", request.show);
  require(request.gain >= 0 && request.gain <= 1e6, "--gain {}: a factor was wanted; 0: as much as fits", request.gain);
  require(request.min_confidence >= 0 && request.min_confidence < 1, "--min-confidence {}: a share from 0 to below 1 was wanted",
          request.min_confidence);
  const std::vector<std::string> names = request.classes.empty() ? data.classes() : request.classes;
  require(std::ssize(names) == judge.classes(), "{} names of classes for a network of {}", names.size(), judge.classes());
  const Chosen chosen = Selection(judge, data, request, names).choose();
  const int64_t count = std::ssize(chosen.indices), inner = judge.image().size();
  require(count <= kMostNumbers / inner, "{} pictures of {} numbers would be held at once; --limit {} is the most", count, inner,
          kMostNumbers / inner);

  Tensor clean({count, judge.image()[0], judge.image()[1], judge.image()[2]});
  std::vector<int64_t> numbers(chosen.indices.size());
  read_batch(data, chosen.indices, 0, clean.span(), {}, numbers);
  Goal goal;
  if (request.target == "least-likely") goal.kind = Goal::Kind::least_likely;
  if (!chosen.targets.empty()) goal = {Goal::Kind::targeted, chosen.targets};
  const double confidence = request.confidence < 0 ? attack->usual_confidence() : request.confidence;
  AttackSettings settings{.confidence = confidence,
                          .independent = request.independent,
                          .seed = request.seed,
                          .judge = &judge,
                          .progress = request.progress,
                          .stop = request.stop};
  // Every picture lies within 1 of every other.
  const std::vector<double> epsilons = request.epsilons.empty() ? std::vector{1.0} : request.epsilons;
  const AttackResult result = attack->perform(subject, {clean, chosen.labels, numbers}, goal, epsilons, settings);

  AttackRecord record;
  record.attack = origin(request.attack);
  record.network = request.network;
  record.data = request.data_name;
  record.goal = request.target.empty()                               ? "untargeted"
                : chosen.targets.empty() || request.target == "each" ? request.target
                                                                     : class_name(names, chosen.targets.front());
  if (!request.source.empty()) record.source = class_name(names, chosen.labels.front());
  record.norm = attack->norm() == Norm::linf ? "linf" : "l2";
  record.bounded = !request.epsilons.empty();
  record.confidence = confidence;
  record.min_confidence = request.min_confidence;
  record.independent = request.independent;
  record.drawn = request.draw;
  record.seed = static_cast<int64_t>(request.seed);
  record.precision = request.precision;
  record.total = count;
  record.examined = chosen.examined;
  record.attacked = std::count(result.attacked.begin(), result.attacked.end(), 1);
  record.clean_accuracy = share(chosen.correct, chosen.examined);
  record.clean_accuracy_interval_95 = wilson_interval(chosen.correct, chosen.examined);
  if (judge.classes() > 5) record.clean_top5_accuracy = share(chosen.top5, chosen.examined);
  record.slopes = result.slopes;
  record.looks = result.looks + chosen.examined;
  for (size_t e = 0; e < result.epsilons.size(); ++e)
    record.curve.push_back(point_of(result, e, judge.classes(), attack->norm() == Norm::linf && !attack->from_black()));
  record.classes = classes_of(result, chosen, names);
  record.pairs = pairs_of(result, chosen, names);
  record.images = images_of(result, chosen, names);

  const Path place = attack_folder(folder, record);
  make_folder(place);
  const bool all_over = request.target == "each";
  const std::vector<size_t> shown =
      places_to_show(std::min(record.images.size(), kMostListed), static_cast<size_t>(request.show), all_over);
  std::vector<AttackImage> told;
  for (const size_t i : shown) told.push_back(record.images[i]);
  record.gain = request.gain > 0 ? request.gain : fitting_gain(told);
  std::vector<AttackedPicture> drawn;
  for (const size_t i : shown) drawn.push_back(draw(place, clean, result.x, record.gain, record.images[i]));
  if (request.keep) write_arrays(place, result, chosen, record);
  if (record.images.size() > kMostListed) record.images.resize(kMostListed);
  record.seconds = timer.seconds();
  write_json(place / kAttackFile, fields_to_json(record));
  if (!drawn.empty()) write_figure(place, "sheet", attack_sheet(record, drawn));
  write_robustness_curve(place, std::span(&record, 1));
  if (const auto pairs = attack_pairs(record)) write_figure(place, "pairs", *pairs);
  return record;
}

}  // namespace convscope
