#include "convscope/attack/attack.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "convscope/attack/attack_log.h"
#include "convscope/attack/search.h"
#include "convscope/base/timer.h"
#include "convscope/ranks/handout.h"
#include "convscope/ranks/mailbox.h"
#include "convscope/ranks/numbers_text.h"

namespace convscope {

void round_to_levels(std::span<float> x) {
  for (float& v : x) v = static_cast<float>(std::lround(std::clamp(v, 0.0f, 1.0f) * 255.0f)) / 255.0f;
}

double size_of(const Outcome& outcome, Norm norm) { return norm == Norm::linf ? outcome.linf : norm == Norm::l2 ? outcome.l2 : outcome.l1; }

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
  require(!images.logits || images.logits->shape() == Shape({came[0], subject.classes()}), "logits {} for {} images of {} classes",
          images.logits->shape(), count, subject.classes());
  for (const int64_t label : images.labels)
    require(label >= 0 && label < subject.classes(), "label {}: the network has classes 0 to {}", label, subject.classes() - 1);
  for (int64_t n = 0; n < came[0]; ++n)
    for (const float v : images.x.row(n))
      require(v >= 0 && v <= 1, "image {} has a pixel of {}: pixels lie in [0, 1], and an attack stays there; divide levels by 255",
              images.numbers.empty() ? n : images.numbers[static_cast<size_t>(n)], v);
}

/** Ascending, each once. */
std::vector<double> checked(std::span<const double> epsilons, const Attack& attack, int64_t pixels) {
  const double largest = attack.in_ball() ? farthest(attack.norm(), pixels) : 1;
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

}  // namespace

namespace {

/** How many images a rank has in hand: as many as fill its programs, and some that it goes on with while the root has no time for it. */
int64_t hand_of(const Subject& subject) {
  const int64_t batch = std::max<int64_t>(1, subject.batch());
  return batch + batch / 4 + 1;
}

/**
 * Shares the images at `rows` out: long walks and short ones come to all ranks, and who is through with an image gets another. What an
 * image comes to depends on nothing beside it, so the whole is what one rank would find. `search(next, total, settings)` attacks some and
 * fills the result; on the root that may hold images already. `hand` images are a rank's at first.
 */
void search_on_ranks(Ranks& ranks, std::vector<int64_t> rows, int64_t hand, const AttackSettings& settings, AttackResult& result,
                     const std::function<void(const Search::Next& next, int64_t total, const AttackSettings& settings)>& search) {
  const std::vector<int64_t> all = rows;
  if (ranks.is_root() && settings.log) rows = settings.log->go_on(settings.part, rows, result);
  rows = values_in<int64_t>(ranks.from_root(text_of(std::span<const int64_t>(rows))));
  bool is_asked = false;

  const AttackResult before = result;
  AttackSettings own = settings;
  Mailbox mailbox(ranks);
  Handout handout(ranks, mailbox, std::ssize(rows), hand);
  int64_t known = 0, done_here = 0;
  const auto take = [&](const Mailbox::Mail& mail) {
    if (mail.text.empty()) {  // somebody was asked to end
      is_asked = true;
      return;
    }
    std::string_view rest = mail.text;
    const std::optional<AttackedImage> image = AttackedImage::take(rest);
    require(image && image->fits(result), "a rank tells of an image that is none of this attack's");
    image->put_into(result);
    handout.done_by(mail.from);
    if (settings.log) settings.log->keep(settings.part, image->row, result, image->slopes, image->looks);
    ++known;
  };
  const auto asked = [&] { return is_asked || (settings.stop && settings.stop()); };
  const auto tell = [&] {
    if (settings.progress) settings.progress(done_here + known, std::ssize(rows));
  };
  if (ranks.is_root()) {
    own.progress = [&](int64_t done, int64_t) {
      done_here = done;
      tell();
    };
    own.ended = [&](int64_t, int64_t, int64_t) { handout.done_by(0); };
    own.stop = [&] {
      const std::vector<Mailbox::Mail> came = mailbox.arrived();
      for (const Mailbox::Mail& mail : came) take(mail);
      return asked();
    };
  } else {
    own.log = nullptr;
    own.progress = {};
    own.stop = [&] {
      if (!is_asked && settings.stop && settings.stop()) {
        is_asked = true;
        mailbox.post("");
      }
      return mailbox.was_told_to_stop();
    };
    own.ended = [&](int64_t row, int64_t slopes, int64_t looks) {
      mailbox.post(AttackedImage::of(settings.part, row, result, slopes, looks).bytes());
    };
  }
  const auto next = [&](bool idle) -> std::optional<int64_t> {
    for (const Timer timer;; Mailbox::pause_after(timer.seconds())) {
      const bool over = ranks.is_root() || handout.is_over();
      if (const std::optional<int64_t> place = handout.next()) return rows[static_cast<size_t>(*place)];
      if (over || !idle || own.stop()) return std::nullopt;
    }
  };
  // Who ends early still hears of what the others have found.
  std::optional<AttackStopped> stopped;
  try {
    search(next, std::ssize(rows), own);
  } catch (const AttackStopped& e) {
    stopped = e;
  }
  const bool all_stop = ranks.is_root() ? mailbox.finish(
                                              [&](const Mailbox::Mail& mail) {
                                                take(mail);
                                                tell();
                                              },
                                              [&] { return stopped || asked(); })
                                        : mailbox.close();
  if (all_stop)
    throw AttackStopped(fmt::format("stopped after {} of {} images; {}", done_here + known, rows.size(),
                                    settings.log ? "what they came to is kept, and the same question goes on with it" : "nothing is kept"));

  std::string whole;
  if (ranks.is_root()) {
    const int64_t counts[] = {result.slopes, result.looks};
    whole = text_of(std::span<const int64_t>(counts));
    for (const int64_t row : all) whole += AttackedImage::of(settings.part, row, result, 0, 0).bytes();
  }
  whole = ranks.from_root(whole);
  if (ranks.is_root()) return;
  std::string_view rest = whole;
  const auto counts = values_in<int64_t>(rest.substr(0, 2 * sizeof(int64_t)));
  rest.remove_prefix(2 * sizeof(int64_t));
  result = before;
  while (!rest.empty()) {
    const std::optional<AttackedImage> image = AttackedImage::take(rest);
    require(image && image->fits(result), "the root tells of images that are none of this attack's");
    image->put_into(result);
  }
  result.slopes = counts[0];
  result.looks = counts[1];
}

}  // namespace

AttackResult Attack::perform(Subject& subject, const AttackedImages& images, const Goal& goal, std::span<const double> epsilons,
                             const AttackSettings& settings) const {
  check(subject, images);
  AttackResult result;
  result.epsilons = checked(epsilons, *this, images.x.shape().inner());
  const double confidence = settings.confidence.value_or(usual_confidence());
  require(confidence >= 0 && confidence < 1, "confidence {}: a share from 0 to below 1 was wanted", confidence);
  Subject& judge = settings.judge ? *settings.judge : subject;
  check(goal, images, judge.classes());
  const Tensor asked = images.logits ? Tensor() : judge.logits(images.x);
  const Tensor& logits = images.logits ? *images.logits : asked;
  result.looks = asked.size() / judge.classes();
  result.targets = targets_of(goal, images, logits);
  const auto task_with = [&](const AttackSettings& with) {
    return Search::Task{.subject = minimises() ? judge : subject,  // it ends a hair beyond the boundary, which must be the judge's own
                        .judge = judge,
                        .images = images,
                        .logits = logits,
                        .targets = result.targets,
                        .confidence = confidence,
                        .settings = with,
                        .norm = norm(),
                        .radii = minimises() ? std::vector{farthest(norm(), images.x.shape().inner())} : result.epsilons,
                        .in_ball = in_ball(),
                        .from_black = from_black(),
                        .pixels_only = pixels_only(),
                        .ends_when_reached = ends_when_reached() || minimises(),
                        .floats_suffice = settings.floats_suffice,
                        .goes_its_way = minimises(),
                        .run = [this](Walk& walk) { return run(walk); },
                        .come_nearer = come_nearer};
  };
  Search search(task_with(settings));

  const auto count = static_cast<size_t>(images.x.shape()[0]);
  result.attacked.resize(count);
  result.flat.resize(count);
  if (minimises()) result.nearest.assign(count, HUGE_VAL);
  // An image that nothing is done to is its own outcome.
  std::vector<Outcome> untouched(count);
  std::vector<int64_t> attacked, wanted;
  for (size_t i = 0; i < count; ++i) {
    const auto n = static_cast<int64_t>(i);
    result.clean.push_back(search.verdict(logits.row(n), n));
    untouched[i].exact = untouched[i].png = result.clean[i];
    result.attacked[i] = settings.independent || result.clean[i].correct;
    if (!result.attacked[i]) continue;
    attacked.push_back(n);
    if (settings.radii.empty() || settings.radii[i] > 0) wanted.push_back(n);
  }
  require(!attacked.empty(), "none of {} images is classified correctly: there is no image to start from", count);
  result.radius.assign(result.epsilons.size(), untouched);
  result.x = images.x;
  if (settings.ranks && !settings.ranks->is_alone()) {
    search_on_ranks(
        *settings.ranks, wanted, hand_of(subject), settings, result,
        [&](const Search::Next& next, int64_t total, const AttackSettings& with) { Search(task_with(with)).run(next, total, result); });
    return result;
  }
  if (settings.log) wanted = settings.log->go_on(settings.part, wanted, result);
  size_t begun = 0;
  const auto next = [&](bool) { return begun < wanted.size() ? std::optional(wanted[begun++]) : std::nullopt; };
  search.run(next, std::ssize(wanted), result);
  return result;
}

}  // namespace convscope
