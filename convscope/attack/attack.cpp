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
  // No two pictures are farther from each other.
  const double largest = norm == Norm::linf ? 1 : std::sqrt(static_cast<double>(pixels));
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
  Search search({.subject = subject,
                 .judge = judge,
                 .images = images,
                 .classes = result.targets.empty() ? images.labels : std::span<const int64_t>(result.targets),
                 .targeted = !result.targets.empty(),
                 .confidence = confidence,
                 .settings = settings,
                 .norm = norm(),
                 .from_black = from_black(),
                 .pixels_only = pixels_only(),
                 .ends_when_reached = ends_when_reached(),
                 .run = [this](Walk& walk) { return run(walk); }});

  const auto count = static_cast<size_t>(images.x.shape()[0]);
  std::vector<int64_t> all(count), attacked;
  std::iota(all.begin(), all.end(), 0);
  for (const int64_t n : all) result.clean.push_back(search.verdict(logits.row(n), n));
  result.looks = std::ssize(all);
  result.attacked.resize(count);
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
  search.run(attacked, result);
  return result;
}

}  // namespace convscope
