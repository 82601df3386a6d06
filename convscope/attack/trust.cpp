#include "convscope/attack/trust.h"

#include <algorithm>
#include <cmath>

namespace convscope {

namespace {

constexpr double kChance = 0.005, kDoubt = 0.05;  // shares of the images: up to the first no finding, up to the second a doubtful one

/** A share of images that should not be there. */
TrustCheck check_of_share(std::string name, int64_t count, int64_t images, std::string text) {
  const double share = static_cast<double>(std::max<int64_t>(0, count)) / static_cast<double>(images);
  return {std::move(name), share, kChance,
          share <= kChance  ? Trust::ok
          : share <= kDoubt ? Trust::doubtful
                            : Trust::broken,
          std::move(text)};
}

/** The first images that were attacked and right. */
struct Looked {
  std::vector<size_t> rows;
  Tensor x;
  std::vector<int64_t> labels, numbers;

  Looked(const AttackedImages& images, const AttackResult& r, int64_t count) {
    for (size_t n = 0; n < r.clean.size() && std::ssize(rows) < count; ++n)
      if (r.attacked[n] && r.clean[n].correct) rows.push_back(n);
    x = Tensor(images.x.shape().with_batch(std::ssize(rows)));
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<int64_t>(rows[i]);
      std::copy_n(images.x.row(row).begin(), x.shape().inner(), x.row(static_cast<int64_t>(i)).begin());
      labels.push_back(images.labels[rows[i]]);
      numbers.push_back(images.numbers.empty() ? row : images.numbers[rows[i]]);
    }
  }
  AttackedImages images() const { return {x, labels, numbers}; }
};

/** The radius that tells most: the largest that left some of these images right. */
size_t telling_radius(const AttackResult& r, const Looked& looked) {
  for (size_t e = r.epsilons.size(); e-- > 0;)
    for (const size_t n : looked.rows)
      if (r.epsilons[e] > 0 && r.radius[e][n].exact.correct) return e;
  return r.epsilons.size() - 1;
}

int64_t right_in(const std::vector<Outcome>& outcomes) {
  return std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.exact.correct; });
}

TrustCheck same_answer_twice(Subject& subject, const Looked& looked) {
  constexpr double kRounding = 1e-4;
  const Tensor once = subject.logits(looked.x), again = subject.logits(looked.x);
  const double apart = max_difference(once, again) / std::max(1e-12f, max_abs(once.span()));
  const bool same = apart <= kRounding;
  return {
      "same answer twice", apart, kRounding, same ? Trust::ok : Trust::broken,
      same ? "the network answers alike when it is asked again"
           : fmt::format("logits differ by {:.3g} of their largest when the network is asked again: slopes of a network that draws random "
                         "numbers are of another draw",
                         apart)};
}

TrustCheck logits_are_no_probabilities(Subject& subject, const Looked& looked) {
  const Tensor answers = subject.logits(looked.x);
  bool probabilities = true;
  for (int64_t n = 0; n < answers.shape()[0]; ++n) {
    double sum = 0;
    for (const float v : answers.row(n)) {
      probabilities = probabilities && v >= -1e-5f && v <= 1 + 1e-5f;
      sum += v;
    }
    probabilities = probabilities && std::abs(sum - 1) <= 1e-5;
  }
  return {"logits", probabilities ? 1.0 : 0.0, 0, probabilities ? Trust::doubtful : Trust::ok,
          probabilities ? "the answers look like probabilities: the network ends in a softmax, and an attack's loss takes another one of it"
                        : "the answers are no probabilities"};
}

TrustCheck slopes(const AttackResult& r, const Looked& looked) {
  const auto flat = std::count_if(looked.rows.begin(), looked.rows.end(), [&](size_t n) { return r.flat[n] != 0; });
  return check_of_share("slopes", flat, std::ssize(looked.rows),
                        fmt::format("of {} of {} images the slope was 0 in every pixel", flat, looked.rows.size()));
}

/** How far the label is ahead of all others. */
double lead_of(std::span<const float> logits, int64_t label) {
  return -attack_loss(attack_loss_name({.of = Objective::Of::margin}), logits, {label, label});
}

TrustCheck stable(Subject& subject, const Looked& looked, const TrustOptions& options, uint64_t seed) {
  constexpr double kRadius = 4.0 / 255, kMost = 0.5;
  const Tensor clean = subject.logits(looked.x);
  double sum = 0;
  for (int64_t draw = 0; draw < options.draws; ++draw) {
    const RandomStream random(seed, fmt::format("around an image {}", draw));
    Tensor x = looked.x;
    for (int64_t n = 0; n < x.shape()[0]; ++n)
      for (size_t i = 0; i < x.row(n).size(); ++i) {
        const double by = kRadius * (2 * random.uniform(i, static_cast<uint64_t>(looked.numbers[static_cast<size_t>(n)])) - 1);
        x.row(n)[i] = static_cast<float>(std::clamp(x.row(n)[i] + by, 0.0, 1.0));
      }
    const Tensor near = subject.logits(x);
    for (int64_t n = 0; n < x.shape()[0]; ++n) {
      const int64_t label = looked.labels[static_cast<size_t>(n)];
      const double before = lead_of(clean.row(n), label), change = std::abs(lead_of(near.row(n), label) - before);
      sum += change < std::abs(before) ? change / std::abs(before) : change > 0;  // also of what is no number
    }
  }
  const double mean = sum / static_cast<double>(options.draws * looked.x.shape()[0]);
  return {
      "stable", mean, kMost, mean <= kMost ? Trust::ok : Trust::doubtful,
      fmt::format("where pixels change by up to 4/255 at random, how far the class is ahead changes by {:.0f} % in the mean", 100 * mean)};
}

TrustCheck curve(const AttackResult& r) {
  int64_t rise = 0;
  for (size_t e = 1; e < r.radius.size(); ++e) rise = std::max(rise, right_in(r.radius[e]) - right_in(r.radius[e - 1]));
  return check_of_share(
      "curve", rise, std::ssize(r.clean),
      rise > 0 ? fmt::format("a larger epsilon leaves {} images more right", rise) : "no larger epsilon leaves more images right");
}

}  // namespace

std::string_view name_of(Trust trust) { return trust == Trust::ok ? "ok" : trust == Trust::doubtful ? "doubtful" : "broken"; }

TrustReport judge_robustness(const Attack& attack, Subject& subject, const AttackedImages& images, const AttackResult& result,
                             const AttackSettings& settings, const TrustOptions& options) {
  TrustReport report;
  const Looked looked(images, result, options.images);
  const size_t e = telling_radius(result, looked);
  report.epsilon = result.epsilons[e];
  report.images = std::ssize(looked.rows);
  require(report.images > 0, "no image was right before the attack: there is nothing to judge");
  report.checks = {same_answer_twice(subject, looked), logits_are_no_probabilities(subject, looked)};
  if (result.slopes > 0) report.checks.push_back(slopes(result, looked));
  report.checks.push_back(stable(settings.judge ? *settings.judge : subject, looked, options, settings.seed));
  // Otherwise what was found within a smaller ε counts within larger ones, so that no curve can rise.
  if (settings.independent && result.epsilons.size() > 1) report.checks.push_back(curve(result));

  const std::string_view norm = name_of(attack.norm());
  AttackSettings plain{
      .seed = settings.seed, .floats_suffice = true, .judge = settings.judge, .stop = settings.stop, .ranks = settings.ranks};
  /** Images that are still right under another attack. */
  const auto right_under = [&](const std::string& other, double epsilon) {
    return right_in(attacks().make(parse_choice(other))->perform(subject, looked.images(), {}, std::vector{epsilon}, plain).radius[0]);
  };
  const auto of_all = [&](int64_t count) { return fmt::format("{} of {}", count, report.images); };
  int64_t ours = 0;
  for (const size_t n : looked.rows) ours += result.radius[e][n].exact.correct;

  const auto add = [&](const char* name, int64_t count, std::string text) {
    report.checks.push_back(check_of_share(name, count, report.images, std::move(text)));
  };
  const int64_t unbounded = right_under(fmt::format("pgd,norm={},steps=50", norm), farthest(attack.norm(), images.x.shape().inner()));
  add("unbounded", unbounded,
      fmt::format("within the whole pixel range steps along slopes leave {} right; a way to fool each of them is there",
                  of_all(unbounded)));
  if (attack.norm() == Norm::linf) {
    const int64_t noise = right_under("noise", report.epsilon);
    add("noise", ours - noise, fmt::format("random signs leave {} right, the attack {}", of_all(noise), of_all(ours)));
  }
  const int64_t longer =
      right_under(fmt::format("pgd,norm={},steps={},random_start=true,restarts={}", norm, options.steps, options.restarts), report.epsilon);
  add("more steps", ours - longer,
      fmt::format("PGD of {} steps from {} random places leaves {} right, the attack {}", options.steps, options.restarts, of_all(longer),
                  of_all(ours)));
  const int64_t blind = right_under(fmt::format("square,norm={},queries={}", norm, options.queries), report.epsilon);
  add("black box", ours - blind,
      fmt::format("{} random squares, which want no slopes, leave {} right, the attack {}", options.queries, of_all(blind), of_all(ours)));
  if (options.twin) {
    plain.independent = true;  // each picture as far as it goes there
    plain.judge = nullptr;
    const Tensor pictures = attacks()
                                .make(parse_choice(fmt::format("pgd,norm={},steps=50", norm)))
                                ->perform(*options.twin, looked.images(), {}, std::vector{report.epsilon}, plain)
                                .x;
    const std::vector<int64_t> says = predicted(settings.judge ? *settings.judge : subject, pictures);
    int64_t right = 0;
    for (size_t n = 0; n < says.size(); ++n) right += says[n] == looked.labels[n];
    add("transfer", ours - right,
        fmt::format("pictures that PGD makes for the twin leave {} right here, the attack {}", of_all(right), of_all(ours)));
  }
  for (const TrustCheck& check : report.checks) report.verdict = std::max(report.verdict, check.finding);
  return report;
}

}  // namespace convscope
