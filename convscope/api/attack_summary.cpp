#include "convscope/api/attack_summary.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "convscope/results/evaluation.h"

namespace convscope {

namespace {

double share(int64_t some, int64_t all) { return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all); }

AttackPoint point_of(const AttackResult& r, size_t e, int64_t classes, bool in_ball) {
  AttackPoint point;
  point.epsilon = r.epsilons[e];
  int64_t right = 0, right_8bit = 0, top5 = 0, was_right = 0, successes_8bit = 0, flips = 0, attacked = 0;
  double l2 = 0, l1 = 0, iterations = 0, confidence = 0;
  bool whole = true;
  for (size_t n = 0; n < r.clean.size(); ++n) {
    const Outcome& o = r.radius[e][n];
    right += o.exact.correct;
    right_8bit += o.png.correct;
    top5 += o.exact.top5;
    flips += o.exact.predicted != r.clean[n].predicted;
    if (!r.attacked[n]) continue;
    ++attacked;
    whole = whole && o.whole;
    point.linf_max = std::max(point.linf_max, o.linf);
    point.linf_max_8bit = std::max(point.linf_max_8bit, o.linf_png);
    // Of levels: the floats of two neighbouring ones may be a hair farther than 1 / 255 apart.
    point.outside_8bit += in_ball && o.linf_png > point.epsilon + 1e-6;
    point.l2_max = std::max(point.l2_max, o.l2);
    l2 += o.l2;
    l1 += o.l1;
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
  point.accuracy_8bit_interval_95 = wilson_interval(right_8bit, total);
  point.top5_accuracy = classes > 5 && whole ? share(top5, total) : kUnknown;
  if (classes > 5 && whole) point.top5_interval_95 = wilson_interval(top5, total);
  if (was_right > 0) {
    point.success_rate = share(point.successes, was_right);
    point.success_interval_95 = wilson_interval(point.successes, was_right);
    point.success_rate_8bit = share(successes_8bit, was_right);
  }
  point.flip_rate = share(flips, total);
  point.l2_mean = !whole ? kUnknown : attacked == 0 ? 0 : l2 / static_cast<double>(attacked);
  point.l1_mean = !whole ? kUnknown : attacked == 0 ? 0 : l1 / static_cast<double>(attacked);
  if (!whole) point.l2_max = kUnknown;
  point.iterations_mean = attacked == 0 ? 0 : iterations / static_cast<double>(attacked);
  if (point.successes > 0) point.confidence_mean = confidence / static_cast<double>(point.successes);
  return point;
}

std::vector<AttackClass> classes_of(const AttackResult& r, const ChosenImages& chosen, std::span<const std::string> names) {
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
      c.accuracy_interval_95.push_back(wilson_interval(right, c.total));
      c.success_rate.push_back(share(successes, c.correct));
    }
    all.push_back(std::move(c));
  }
  return all;
}

std::vector<AttackPair> pairs_of(const AttackResult& r, const ChosenImages& chosen, std::span<const std::string> names) {
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

std::vector<AttackImage> images_of(const AttackResult& r, const ChosenImages& chosen, std::span<const std::string> names) {
  std::vector<AttackImage> all;
  for (size_t n = 0; n < r.clean.size(); ++n) {
    const Outcome& o = r.radius.back()[n];
    AttackImage image;
    image.attacked = r.attacked[n] != 0;
    image.index = chosen.pictures.numbers()[n];
    image.row = static_cast<int64_t>(n);
    image.from = class_name(names, chosen.labels[n]);
    image.taken_for = class_name(names, r.clean[n].predicted);
    image.from_confidence = r.clean[n].confidence;
    if (!r.targets.empty()) image.target = class_name(names, r.targets[n]);
    image.to = class_name(names, o.exact.predicted);
    image.confidence = o.exact.confidence;
    const bool counts = image.attacked && r.clean[n].correct;
    image.success = counts && o.exact.success;
    image.outcome = !r.clean[n].correct ? "wrong before" : image.success ? "reached" : "missed";
    image.epsilon = o.epsilon;
    image.iterations = o.iterations;
    image.linf = o.linf;
    image.l2 = o.l2;
    image.l1 = o.l1;
    image.to_8bit = class_name(names, o.png.predicted);
    image.confidence_8bit = o.png.confidence;
    image.success_8bit = counts && o.png.success;
    image.linf_8bit = o.linf_png;
    all.push_back(std::move(image));
  }
  return all;
}

/** Of images that were right. */
std::optional<NearestAdversaries> nearest_of(const AttackResult& r) {
  if (r.nearest.empty()) return std::nullopt;
  std::vector<double> distances;
  for (size_t n = 0; n < r.clean.size(); ++n)
    if (r.attacked[n] && r.clean[n].correct) distances.push_back(r.nearest[n]);
  NearestAdversaries all;
  all.images = std::ssize(distances);
  double sum = 0;
  for (const double distance : distances) {
    if (!std::isfinite(distance)) continue;
    ++all.found;
    sum += distance;
  }
  if (all.found > 0) all.mean = sum / static_cast<double>(all.found);
  if (distances.empty()) return all;
  std::sort(distances.begin(), distances.end());
  const size_t half = distances.size() / 2;
  all.median = distances.size() % 2 == 1 ? distances[half] : (distances[half - 1] + distances[half]) / 2;
  return all;
}

}  // namespace

void summarise(const AttackResult& result, const ChosenImages& chosen, int64_t classes, bool in_ball, AttackRecord& record) {
  const std::vector<std::string>& names = chosen.pictures.classes();
  record.attacked = std::count(result.attacked.begin(), result.attacked.end(), 1);
  record.clean_accuracy = share(chosen.correct, chosen.examined);
  record.clean_accuracy_interval_95 = wilson_interval(chosen.correct, chosen.examined);
  if (classes > 5) record.clean_top5_accuracy = share(chosen.top5, chosen.examined);
  record.flat = std::count(result.flat.begin(), result.flat.end(), 1);
  if (!result.parts.empty()) record.parts.emplace();
  for (const AttackPart& part : result.parts) {
    AttackPartRecord& told = record.parts->emplace_back();
    told.attack = part.attack;
    told.left_out = part.left_out;
    told.slopes = part.slopes;
    told.looks = part.looks;
    told.seconds = part.seconds;
    for (const int64_t right : part.right) told.accuracies.push_back(share(right, std::ssize(result.clean)));
    for (const int64_t right : part.alone) told.alone.push_back(share(right, std::ssize(result.clean)));
    told.accuracy = told.accuracies.back();
  }
  record.nearest = nearest_of(result);
  record.slopes = result.slopes;
  record.looks = result.looks + chosen.examined;
  for (size_t e = 0; e < result.epsilons.size(); ++e) record.curve.push_back(point_of(result, e, classes, in_ball));
  record.robust_accuracy = record.curve.back().accuracy;
  record.interval_95 = record.curve.back().accuracy_interval_95;
  record.classes = classes_of(result, chosen, names);
  record.pairs = pairs_of(result, chosen, names);
  record.images = images_of(result, chosen, names);
}

}  // namespace convscope
