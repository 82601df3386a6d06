#include "convscope/attack/search.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/attack_log.h"
#include "convscope/base/threads.h"
#include "convscope/graph/ops/attack_loss.h"

namespace convscope {

namespace {

/** How much a picture reaches: the one that reaches more is kept. */
enum Reach { nothing, another_class, in_floats, in_8_bits_too };

Reach reach_of(const Outcome& o) {
  if (o.exact.success) return o.png.success ? in_8_bits_too : in_floats;
  return o.exact.correct ? nothing : another_class;
}

/** An image of 8 bits moves to another level from half a level on. */
bool levels_can_change(double epsilon) { return epsilon * 255 >= 0.5; }

Reach wanted_within(double epsilon, bool floats_suffice) {
  return levels_can_change(epsilon) && !floats_suffice ? in_8_bits_too : in_floats;
}

}  // namespace

/** One image through all radii. */
struct Search::Trial {
  int64_t row;
  size_t radius = 0;  // index into the radii
  Walk walk;
  Steps steps = {};
  Outcome best = {};  // and its picture
  std::vector<float> x;
  std::vector<float> levels_seen;  // the last 8-bit picture that was looked at
  Outcome far = {};                // what it found before it came nearer, and its picture; empty: it has not yet
  std::vector<float> far_x = {};
  bool flat = false;
  int64_t slopes = 0, looks = 0;
};

Search::Search(Task task) : task_(std::move(task)), black_(static_cast<size_t>(task_.images.x.shape().inner())) {}

Search::~Search() = default;

Verdict Search::verdict(std::span<const float> logits, int64_t row) const {
  const auto at = static_cast<size_t>(row);
  const int64_t label = task_.images.labels[at];
  const Tensor p = softmax(Tensor({1, std::ssize(logits)}, logits));
  Verdict v;
  v.predicted = argmax(logits);
  v.confidence = p[v.predicted];
  v.correct = v.predicted == label;
  const float own = logits[static_cast<size_t>(label)];
  int64_t ahead = 0;
  for (size_t y = 0; y < logits.size(); ++y)
    if (logits[y] > own || (logits[y] == own && static_cast<int64_t>(y) < label)) ++ahead;
  v.top5 = ahead < 5;
  v.success = (task_.targets.empty() ? !v.correct : v.predicted == task_.targets[at]) && v.confidence >= task_.confidence;
  return v;
}

bool Search::reached(std::span<const float> logits, int64_t row) const {
  const auto at = static_cast<size_t>(row);
  const int64_t says = argmax(logits);
  const bool there = task_.targets.empty() ? says != task_.images.labels[at] : says == task_.targets[at];
  return there && verdict(logits, row).success;
}

std::vector<Verdict> Search::judge(const Tensor& x, std::span<const int64_t> rows) {
  const Tensor logits = task_.judge.logits(x);
  std::vector<Verdict> all;
  for (size_t i = 0; i < rows.size(); ++i) all.push_back(verdict(logits.row(static_cast<int64_t>(i)), rows[i]));
  return all;
}

void Search::require_going_on() const {
  if (task_.settings.stop && task_.settings.stop())
    throw AttackStopped(
        fmt::format("stopped after {} of {} images; {}", done_, total_,
                    task_.settings.log ? "what they came to is kept, and the same question goes on with it" : "nothing is kept"));
}

void Search::run(const Next& next, int64_t total, AttackResult& result) {
  result_ = &result;
  total_ = total;
  const auto batch = static_cast<size_t>(std::max<int64_t>(1, task_.subject.batch()));
  const Shape& all = task_.images.x.shape();
  const auto is_idle = [&] { return sloping_.empty() && answering_.empty() && looking_.empty(); };
  for (;;) {
    bool ran_out = false;
    while (sloping_.size() < batch && answering_.size() < batch && looking_.size() < batch) {
      const std::optional<int64_t> given = next(is_idle());
      ran_out = !given;
      if (ran_out) break;
      const int64_t row = *given;
      const auto at = static_cast<size_t>(row);
      const auto clean = task_.images.x.row(row);
      const std::span<const float> centre = task_.from_black ? std::span<const float>(black_) : clean;
      const Walk::Image image{.clean = clean,
                              .shape = {all[1], all[2], all[3]},
                              .logits = task_.logits.row(row),
                              .label = task_.images.labels[at],
                              .goal = task_.targets.empty() ? -1 : task_.targets[at],
                              .number = task_.images.numbers.empty() ? row : task_.images.numbers[at],
                              .row = row};
      auto trial = std::make_unique<Trial>(Trial{.row = row,
                                                 .walk = Walk(image, centre, task_.norm, task_.settings.seed, task_.pixels_only),
                                                 .best = result.radius.front()[static_cast<size_t>(row)],
                                                 .x = {clean.begin(), clean.end()},
                                                 .levels_seen = {}});
      begin(std::move(trial));
    }
    if (is_idle()) break;
    require_going_on();
    // Two rows a walk are looked at. When images run out, those that wait for a look are what could fill the rows.
    const bool looks_fill = 2 * looking_.size() >= batch || (ran_out && 2 * looking_.size() >= sloping_.size() + answering_.size());
    if (!looking_.empty() && (looks_fill || (sloping_.empty() && answering_.empty())))
      look();
    else if (!sloping_.empty() && sloping_.size() >= answering_.size())
      ask_for_slopes();
    else if (!answering_.empty())
      ask_for_answers();
  }
}

/** From its present radius on: to its first question, or to the end where no radius wants anything any more. */
void Search::begin(std::unique_ptr<Trial> trial) {
  const auto row = static_cast<size_t>(trial->row);
  const size_t known_from = task_.settings.radii.empty() ? task_.radii.size() : task_.settings.radii[row];
  for (; trial->radius < task_.radii.size(); ++trial->radius) {
    const double epsilon = task_.radii[trial->radius];
    const bool wanted = epsilon > 0 && trial->radius < known_from &&
                        (task_.settings.independent || reach_of(trial->best) < wanted_within(epsilon, task_.floats_suffice));
    if (!wanted) {
      trial->best.whole = epsilon == 0;  // nothing can move there
      result_->radius[trial->radius][row] = trial->best;
      continue;
    }
    trial->walk.begin(static_cast<float>(epsilon), task_.in_ball);
    trial->levels_seen.clear();
    trial->steps = task_.run(trial->walk);
    Trials one;
    one.push_back(std::move(trial));
    return go_on(one);
  }
  end(*trial);
}

void Search::end(Trial& trial) {
  const auto row = static_cast<size_t>(trial.row);
  if (task_.goes_its_way)
    spread(trial);
  else
    std::copy(trial.x.begin(), trial.x.end(), result_->x.row(trial.row).begin());
  result_->slopes += trial.slopes;
  result_->looks += trial.looks;
  result_->flat[row] = trial.flat;
  if (task_.settings.ended) task_.settings.ended(trial.row, trial.slopes, trial.looks);
  if (task_.settings.log) task_.settings.log->keep(task_.settings.part, trial.row, *result_, trial.slopes, trial.looks);
  ++done_;
  if (task_.settings.progress) task_.settings.progress(done_, total_);
}

void Search::spread(Trial& trial) {
  const auto row = static_cast<size_t>(trial.row);
  const double size = trial.best.exact.success ? size_of(trial.best, task_.norm) : HUGE_VAL;
  result_->nearest[row] = size;
  for (size_t e = 0; e < result_->epsilons.size(); ++e) {
    Outcome& within = result_->radius[e][row];
    const double epsilon = result_->epsilons[e];
    if (size <= static_cast<double>(static_cast<float>(epsilon))) {
      within = trial.best;
      within.epsilon = epsilon;
      if (e + 1 == result_->epsilons.size()) std::copy(trial.x.begin(), trial.x.end(), result_->x.row(trial.row).begin());
    } else {
      within.whole = true;
      within.iterations = trial.best.iterations;
    }
  }
}

/** Lets walks move that have their answer. */
void Search::go_on(Trials& trials) {
  parallel(std::ssize(trials), 16, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) trials[static_cast<size_t>(i)]->steps.resume();
  });
  for (auto& trial : trials) {
    const bool ended = trial->steps.done();
    if (ended && trial->walk.was_looked_at()) {
      trial->best.whole = trial->best.whole || trial->best.iterations == trial->walk.iterations();
      finish(std::move(trial));
      continue;
    }
    const Walk::Question question = ended ? Walk::Question::look : trial->walk.question();
    Trials& queue = question == Walk::Question::look ? looking_ : question == Walk::Question::slope ? sloping_ : answering_;
    queue.push_back(std::move(trial));
  }
  trials.clear();
}

Search::Trials Search::taken_from(Trials& queue) const {
  const size_t count = std::min(queue.size(), static_cast<size_t>(std::max<int64_t>(1, task_.subject.batch())));
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(count);
  Trials taken(std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
  queue.erase(queue.begin(), end);
  return taken;
}

Tensor Search::pictures_of(const Trials& trials) const {
  Tensor x(task_.images.x.shape().with_batch(std::ssize(trials)));
  for (size_t i = 0; i < trials.size(); ++i)
    std::copy(trials[i]->walk.x().begin(), trials[i]->walk.x().end(), x.row(static_cast<int64_t>(i)).begin());
  return x;
}

bool Search::is_news(Trial& trial, std::span<const float> logits) const {
  if (task_.goes_its_way || task_.settings.independent || trial.walk.is_wide() || !reached(logits, trial.row)) return false;
  if (!trial.best.exact.success) return true;
  if (task_.floats_suffice) return false;
  // Floats are known to reach the goal: only other levels could be news.
  std::vector<float> levels(trial.walk.x().begin(), trial.walk.x().end());
  round_to_levels(levels);
  return levels != trial.levels_seen;
}

void Search::ask_for_slopes() {
  // Slopes of one loss are one program's.
  const Objective::Of of = sloping_.front()->walk.asked().of;
  std::stable_partition(sloping_.begin(), sloping_.end(), [&](const auto& trial) { return trial->walk.asked().of == of; });
  const auto alike = std::find_if(sloping_.begin(), sloping_.end(), [&](const auto& trial) { return trial->walk.asked().of != of; });
  Trials others(std::make_move_iterator(alike), std::make_move_iterator(sloping_.end()));
  sloping_.erase(alike, sloping_.end());
  Trials asked = taken_from(sloping_);
  std::move(others.begin(), others.end(), std::back_inserter(sloping_));

  const Objective objective{.of = of};
  std::vector<int64_t> labels;
  for (const auto& trial : asked) {
    const Walk& walk = trial->walk;
    const int64_t usual = walk.aims() ? walk.image().goal : walk.image().label;
    const ClassPair classes = walk.asked().plain() ? ClassPair{usual, usual} : walk.asked().classes;
    labels.push_back(label_of(attack_loss_name(objective), classes, task_.subject.classes()));
  }
  const Slope slope = task_.subject.slope(pictures_of(asked), objective, labels);

  Trials going;
  for (size_t i = 0; i < asked.size(); ++i) {
    Trial& trial = *asked[i];
    const auto row = static_cast<int64_t>(i);
    const auto gradient = slope.gradient.row(row);
    ++trial.slopes;
    trial.flat = trial.flat || std::all_of(gradient.begin(), gradient.end(), [](float v) { return v == 0; });
    trial.walk.take_slope(gradient, slope.table.row(row));
    (is_news(trial, slope.table.row(row)) ? looking_ : going).push_back(std::move(asked[i]));
  }
  go_on(going);
}

void Search::ask_for_answers() {
  Trials asked = taken_from(answering_), going;
  const Tensor logits = task_.subject.logits(pictures_of(asked));
  for (size_t i = 0; i < asked.size(); ++i) {
    Trial& trial = *asked[i];
    const auto row = logits.row(static_cast<int64_t>(i));
    ++trial.looks;
    trial.walk.take_answer(row, reached(row, trial.row));
    (is_news(trial, row) ? looking_ : going).push_back(std::move(asked[i]));
  }
  go_on(going);
}

void Search::look() {
  const size_t half = static_cast<size_t>(std::max<int64_t>(1, task_.judge.batch() / 2));
  const size_t count = std::min(looking_.size(), half);
  Trials asked(std::make_move_iterator(looking_.begin()), std::make_move_iterator(looking_.begin() + static_cast<std::ptrdiff_t>(count)));
  looking_.erase(looking_.begin(), looking_.begin() + static_cast<std::ptrdiff_t>(count));
  Tensor x(task_.images.x.shape().with_batch(static_cast<int64_t>(2 * count)));
  std::vector<int64_t> rows;
  for (size_t i = 0; i < count; ++i) {
    Trial& trial = *asked[i];
    const auto exact = x.row(static_cast<int64_t>(2 * i)), png = x.row(static_cast<int64_t>(2 * i + 1));
    std::copy(trial.walk.x().begin(), trial.walk.x().end(), exact.begin());
    std::copy(exact.begin(), exact.end(), png.begin());
    round_to_levels(png);
    trial.levels_seen.assign(png.begin(), png.end());
    rows.insert(rows.end(), 2, trial.row);
  }
  const std::vector<Verdict> verdicts = judge(x, rows);

  Trials going;
  for (size_t i = 0; i < count; ++i) {
    Trial& trial = *asked[i];
    trial.looks += 2;
    const auto exact = x.row(static_cast<int64_t>(2 * i)), png = x.row(static_cast<int64_t>(2 * i + 1));
    const Outcome now{.exact = verdicts[2 * i],
                      .png = verdicts[2 * i + 1],
                      .linf = linf_distance(exact, trial.walk.centre()),
                      .l2 = l2_distance(exact, trial.walk.centre()),
                      .l1 = l1_distance(exact, trial.walk.centre()),
                      .linf_png = linf_distance(png, trial.walk.centre()),
                      .epsilon = task_.radii[trial.radius],
                      .iterations = trial.walk.iterations(),
                      .whole = task_.settings.independent || task_.ends_when_reached || trial.steps.done()};
    const Reach before = reach_of(trial.best), after = reach_of(now);
    // Of pictures that reach as much, the first that succeeds or the last that does not.
    if (task_.settings.independent || task_.goes_its_way || after > before || (after == before && after < in_floats)) {
      trial.best = now;
      trial.x.assign(exact.begin(), exact.end());
    }
    trial.walk.looked();
    const bool is_enough = task_.goes_its_way           ? false
                           : task_.settings.independent ? now.exact.success
                                                        : reach_of(trial.best) >= wanted_within(now.epsilon, task_.floats_suffice);
    if (is_enough || trial.steps.done())
      finish(std::move(asked[i]));
    else
      going.push_back(std::move(asked[i]));
  }
  go_on(going);
}

/** Its present radius is done. */
void Search::finish(std::unique_ptr<Trial> trial) {
  if (!task_.goes_its_way) {
    result_->radius[trial->radius][static_cast<size_t>(trial->row)] = trial->best;
    ++trial->radius;
    return begin(std::move(trial));
  }
  const bool is_back = !trial->far_x.empty();
  if (!is_back && trial->best.exact.success) {
    trial->far = trial->best;
    trial->far_x = trial->x;
    trial->steps = task_.come_nearer(trial->walk, trial->far_x);
    Trials one;
    one.push_back(std::move(trial));
    return go_on(one);
  }
  const bool is_nearer = trial->best.exact.success && size_of(trial->best, task_.norm) < size_of(trial->far, task_.norm);
  if (is_back && !is_nearer) {
    trial->best = trial->far;
    trial->x = trial->far_x;
  }
  end(*trial);
}

}  // namespace convscope
