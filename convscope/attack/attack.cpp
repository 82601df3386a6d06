#include "convscope/attack/attack.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/attack/search.h"

namespace convscope {

void round_to_levels(std::span<float> x) {
  for (float& v : x) v = static_cast<float>(std::lround(std::clamp(v, 0.0f, 1.0f) * 255.0f)) / 255.0f;
}

namespace {

void check(Subject& subject, const AttackedImages& images) {
  const Shape wanted = subject.image(), &came = images.x.shape();
  require(came.rank() == 4 && came.inner() == wanted.size() && came[1] == wanted[0] && came[2] == wanted[1],
          "images {}: the network takes [N, {}, {}, {}]", came, wanted[0], wanted[1], wanted[2]);
  require(came[0] > 0, "no images to attack");
  require(subject.classes() > 1, "a network of one class can name no other");
  const auto count = static_cast<size_t>(came[0]);
  require(images.labels.size() == count, "{} labels for {} images; an attack wants to know each image's true class", images.labels.size(),
          count);
  require(images.numbers.empty() || images.numbers.size() == count, "{} numbers for {} images", images.numbers.size(), count);
  for (const int64_t label : images.labels)
    require(label >= 0 && label < subject.classes(), "label {}: the network has classes 0 to {}", label, subject.classes() - 1);
  for (int64_t n = 0; n < came[0]; ++n)
    for (const float v : images.x.row(n))
      require(v >= 0 && v <= 1, "image {} has a pixel of {}: pixels lie in [0, 1], and an attack stays there; divide levels by 255",
              images.numbers.empty() ? n : images.numbers[static_cast<size_t>(n)], v);
}

/** Ascending, each once. */
std::vector<double> checked(std::span<const double> epsilons, Norm norm, int64_t pixels) {
  const double largest = farthest(norm, pixels);
  require(!epsilons.empty(), "an attack wants an epsilon: how far from the image its pictures may be, such as 8/255");
  for (const double epsilon : epsilons)
    require(epsilon >= 0 && epsilon <= largest, "epsilon {}: 0 to {:.4g} was wanted, in units of pixels that lie in [0, 1]", epsilon,
            largest);
  std::vector<double> sorted(epsilons.begin(), epsilons.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

/** Other than the image's own. */
int64_t least_likely(std::span<const float> logits, int64_t label) {
  int64_t least = label == 0 ? 1 : 0;
  for (int64_t y = 0; y < std::ssize(logits); ++y)
    if (y != label && logits[static_cast<size_t>(y)] < logits[static_cast<size_t>(least)]) least = y;
  return least;
}

void check(const Goal& goal, const AttackedImages& images, int64_t classes) {
  if (goal.kind == Goal::Kind::untargeted) return;
  require(classes > 1, "a network of one class has none to aim at");
  if (goal.kind == Goal::Kind::least_likely) return;
  require(std::ssize(goal.targets) == images.x.shape()[0], "{} targets for {} images", goal.targets.size(), images.x.shape()[0]);
  for (size_t n = 0; n < goal.targets.size(); ++n) {
    const int64_t target = goal.targets[n];
    require(target >= 0 && target < classes, "target {}: the network has classes 0 to {}", target, classes - 1);
    require(target != images.labels[n], "image {}: the target {} is its true class; another one was wanted",
            images.numbers.empty() ? static_cast<int64_t>(n) : images.numbers[n], target);
  }
}

/** `logits` [N, Y] of the clean images. */
std::vector<int64_t> targets_of(const Goal& goal, const AttackedImages& images, const Tensor& logits) {
  if (goal.kind != Goal::Kind::least_likely) return goal.kind == Goal::Kind::targeted ? goal.targets : std::vector<int64_t>();
  std::vector<int64_t> targets;
  for (size_t n = 0; n < images.labels.size(); ++n) targets.push_back(least_likely(logits.row(static_cast<int64_t>(n)), images.labels[n]));
  return targets;
}

}  // namespace

/** What all of a member's searches are about. */
struct Attack::Task {
  Subject& subject;
  Subject& judge;
  const AttackedImages& images;
  const AttackSettings& settings;
  const Tensor& logits;
  double confidence;
  const std::vector<int64_t>& targets;

  Search search(const Attack& attack, std::function<Steps(Walk&)> run) const {
    return Search({.subject = subject,
                   .judge = judge,
                   .images = images,
                   .logits = logits,
                   .targets = targets,
                   .confidence = confidence,
                   .settings = settings,
                   .norm = attack.norm(),
                   .from_black = attack.from_black(),
                   .pixels_only = attack.pixels_only(),
                   .ends_when_reached = attack.ends_when_reached() || attack.minimises(),
                   .floats_suffice = settings.floats_suffice,
                   .goes_its_way = attack.minimises(),
                   .run = std::move(run)});
  }
};

namespace {

/** Nearer and nearer to the image on the straight line to what was found, as long as that is still there. */
Steps come_nearer(Walk& walk, std::span<const float> found) {
  constexpr int64_t kHalves = 12;
  const auto clean = walk.clean();
  const auto go_to = [&](double share) {
    for (size_t i = 0; i < clean.size(); ++i)
      walk.x()[i] = static_cast<float>(clean[i] + share * (static_cast<double>(found[i]) - clean[i]));
    walk.keep_inside();
  };
  double inside = 0, beyond = 1;
  for (int64_t half = 0; half < kHalves; ++half) {
    const double middle = (inside + beyond) / 2;
    go_to(middle);
    co_await walk.answer();
    (walk.reached() ? beyond : inside) = middle;
  }
  go_to(beyond);
  co_await walk.look();
}

double size_of(const Outcome& outcome, Norm norm) { return norm == Norm::linf ? outcome.linf : outcome.l2; }

}  // namespace

/** Its pictures within the largest of balls, brought as near as they go; then each ε has those that are as near. */
void Attack::minimise(const Task& task, std::span<const int64_t> rows, AttackResult& result) const {
  const Tensor& clean = task.images.x;
  const auto with_one_radius = [&] {
    AttackResult one;
    one.epsilons = {farthest(norm(), clean.shape().inner())};
    one.radius.assign(1, result.radius.front());
    one.flat = result.flat;
    one.x = clean;
    return one;
  };
  AttackResult found = with_one_radius();
  task.search(*this, [this](Walk& walk) { return run(walk); }).run(rows, found);
  std::vector<int64_t> there;
  for (const int64_t n : rows)
    if (found.radius[0][static_cast<size_t>(n)].exact.success) there.push_back(n);
  AttackResult nearer = with_one_radius();
  task.search(*this, [&](Walk& walk) { return come_nearer(walk, found.x.row(walk.image().row)); }).run(there, nearer);

  result.nearest.assign(static_cast<size_t>(clean.shape()[0]), HUGE_VAL);
  result.flat = found.flat;
  for (const int64_t n : rows)
    for (auto& outcomes : result.radius) {
      Outcome& untouched = outcomes[static_cast<size_t>(n)];
      untouched.whole = true;
      untouched.iterations = found.radius[0][static_cast<size_t>(n)].iterations;
    }
  result.slopes += found.slopes + nearer.slopes;
  result.looks += found.looks + nearer.looks;
  for (const int64_t n : there) {
    const auto at = static_cast<size_t>(n);
    Outcome& far = found.radius[0][at];
    Outcome near = nearer.radius[0][at];
    if (near.exact.success && size_of(near, norm()) < size_of(far, norm())) {
      near.iterations += far.iterations;
      far = near;
      std::copy(nearer.x.row(n).begin(), nearer.x.row(n).end(), found.x.row(n).begin());
    }
    result.nearest[at] = size_of(far, norm());
    for (size_t e = 0; e < result.epsilons.size(); ++e) {
      if (size_of(far, norm()) > static_cast<double>(static_cast<float>(result.epsilons[e]))) continue;
      result.radius[e][at] = far;
      result.radius[e][at].epsilon = result.epsilons[e];
      if (e + 1 == result.epsilons.size()) std::copy(found.x.row(n).begin(), found.x.row(n).end(), result.x.row(n).begin());
    }
  }
}

AttackResult Attack::perform(Subject& subject, const AttackedImages& images, const Goal& goal, std::span<const double> epsilons,
                             const AttackSettings& settings) const {
  check(subject, images);
  AttackResult result;
  result.epsilons = checked(epsilons, norm(), images.x.shape().inner());
  const double confidence = settings.confidence.value_or(usual_confidence());
  require(confidence >= 0 && confidence < 1, "confidence {}: a share from 0 to below 1 was wanted", confidence);
  Subject& judge = settings.judge ? *settings.judge : subject;
  check(goal, images, judge.classes());
  const Tensor logits = judge.logits(images.x);
  result.targets = targets_of(goal, images, logits);
  // One that minimises ends a hair beyond the boundary, which must be the judge's own.
  const Task task{minimises() ? judge : subject, judge, images, settings, logits, confidence, result.targets};
  Search search = task.search(*this, [this](Walk& walk) { return run(walk); });

  const auto count = static_cast<size_t>(images.x.shape()[0]);
  std::vector<int64_t> all(count), attacked;
  std::iota(all.begin(), all.end(), 0);
  for (const int64_t n : all) result.clean.push_back(search.verdict(logits.row(n), n));
  result.looks = std::ssize(all);
  result.attacked.resize(count);
  result.flat.resize(count);
  for (const int64_t n : all) {
    const auto i = static_cast<size_t>(n);
    result.attacked[i] = settings.independent || result.clean[i].correct;
    if (result.attacked[i]) attacked.push_back(n);
  }
  require(!attacked.empty(), "none of {} images is classified correctly: there is no image to start from", count);

  // An image that nothing is done to is its own outcome.
  std::vector<Outcome> untouched(count);
  for (size_t n = 0; n < count; ++n) untouched[n].exact = untouched[n].png = result.clean[n];
  result.radius.assign(result.epsilons.size(), untouched);
  result.x = images.x;
  if (minimises())
    minimise(task, attacked, result);
  else
    search.run(attacked, result);
  return result;
}

}  // namespace convscope
