#include "convscope/attack/search.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"

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

Reach wanted_within(double epsilon) { return levels_can_change(epsilon) ? in_8_bits_too : in_floats; }

}  // namespace

/** One image through all radii. */
struct Search::Trial {
  int64_t row;
  size_t radius = 0;  // index into the epsilons
  Walk walk;
  Steps steps = {};
  Outcome best = {};  // and its picture
  std::vector<float> x;
  std::vector<float> levels_seen;  // the last 8-bit picture that was looked at
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
  v.success = (task_.targeted ? v.predicted == task_.classes[at] : !v.correct) && v.confidence >= task_.confidence;
  return v;
}

std::vector<Verdict> Search::judge(const Tensor& x, std::span<const int64_t> rows) {
  const Tensor logits = task_.judge.logits(x);
  std::vector<Verdict> all;
  for (size_t i = 0; i < rows.size(); ++i) all.push_back(verdict(logits.row(static_cast<int64_t>(i)), rows[i]));
  return all;
}

void Search::require_going_on() const {
  if (task_.settings.stop && task_.settings.stop())
    throw AttackStopped(fmt::format("stopped after {} of {} images; nothing is kept", done_, total_));
}

void Search::run(std::span<const int64_t> rows, AttackResult& result) {
  result_ = &result;
  total_ = std::ssize(rows);
  const auto batch = static_cast<size_t>(std::max<int64_t>(1, task_.subject.batch()));
  size_t next = 0;
  while (next < rows.size() || !sloping_.empty() || !looking_.empty()) {
    require_going_on();
    while (next < rows.size() && sloping_.size() < batch && looking_.size() < batch) {
      const int64_t row = rows[next++];
      const auto clean = task_.images.x.row(row);
      const int64_t number = task_.images.numbers.empty() ? row : task_.images.numbers[static_cast<size_t>(row)];
      const std::span<const float> centre = task_.from_black ? std::span<const float>(black_) : clean;
      auto trial = std::make_unique<Trial>(Trial{.row = row,
                                                 .walk = Walk(clean, centre, task_.norm, task_.settings.seed, number, task_.pixels_only),
                                                 .best = result.radius.front()[static_cast<size_t>(row)],
                                                 .x = {clean.begin(), clean.end()},
                                                 .levels_seen = {}});
      begin(std::move(trial));
    }
    // Two rows a walk are looked at. When images run out, those that wait for a look are what could fill the rows.
    const bool looks_fill = 2 * looking_.size() >= batch || (next == rows.size() && 2 * looking_.size() >= sloping_.size());
    if (sloping_.empty() || (looks_fill && !looking_.empty()))
      look();
    else
      ask_for_slopes();
  }
}

/** From its present radius on: to its first question, or to the end where no radius wants anything any more. */
void Search::begin(std::unique_ptr<Trial> trial) {
  const auto& epsilons = result_->epsilons;
  const auto row = static_cast<size_t>(trial->row);
  for (; trial->radius < epsilons.size(); ++trial->radius) {
    const double epsilon = epsilons[trial->radius];
    const bool wanted = epsilon > 0 && (task_.settings.independent || reach_of(trial->best) < wanted_within(epsilon));
    if (!wanted) {
      trial->best.whole = epsilon == 0;  // nothing can move there
      result_->radius[trial->radius][row] = trial->best;
      continue;
    }
    trial->walk.begin(static_cast<float>(epsilon));
    trial->levels_seen.clear();
    trial->steps = task_.run(trial->walk);
    Trials one;
    one.push_back(std::move(trial));
    return go_on(one);
  }
  std::copy(trial->x.begin(), trial->x.end(), result_->x.row(trial->row).begin());
  ++done_;
  if (task_.settings.progress) task_.settings.progress(done_, total_);
}

/** Lets walks move that have their answer. */
void Search::go_on(Trials& trials) {
  parallel(std::ssize(trials), 16, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) trials[static_cast<size_t>(i)]->steps.resume();
  });
  for (auto& trial : trials) {
    const bool ended = trial->steps.done();
    if (ended && trial->walk.was_looked_at())
      finish(std::move(trial));
    else
      (ended || trial->walk.question() == Walk::Question::look ? looking_ : sloping_).push_back(std::move(trial));
  }
  trials.clear();
}

void Search::ask_for_slopes() {
  const size_t count = std::min(sloping_.size(), static_cast<size_t>(std::max<int64_t>(1, task_.subject.batch())));
  Trials asked(std::make_move_iterator(sloping_.begin()), std::make_move_iterator(sloping_.begin() + static_cast<std::ptrdiff_t>(count)));
  sloping_.erase(sloping_.begin(), sloping_.begin() + static_cast<std::ptrdiff_t>(count));
  Tensor x(task_.images.x.shape().with_batch(static_cast<int64_t>(count)));
  std::vector<int64_t> classes;
  for (size_t i = 0; i < count; ++i) {
    std::copy(asked[i]->walk.x().begin(), asked[i]->walk.x().end(), x.row(static_cast<int64_t>(i)).begin());
    classes.push_back(task_.classes[static_cast<size_t>(asked[i]->row)]);
  }
  const Slope slope = task_.subject.slope(x, {.of = Objective::Of::loss}, classes);
  result_->slopes += static_cast<int64_t>(count);

  Trials going;
  for (size_t i = 0; i < count; ++i) {
    Trial& trial = *asked[i];
    const auto row = static_cast<int64_t>(i);
    trial.walk.take_slope(slope.gradient.row(row), task_.targeted ? -1.0f : 1.0f);
    bool worth_a_look = !task_.settings.independent && reached(slope.table.row(row), trial.row);
    if (worth_a_look && trial.best.exact.success) {
      // Floats are known to reach the goal: only other levels could be news.
      std::vector<float> levels(trial.walk.x().begin(), trial.walk.x().end());
      round_to_levels(levels);
      worth_a_look = levels != trial.levels_seen;
    }
    (worth_a_look ? looking_ : going).push_back(std::move(asked[i]));
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
  result_->looks += static_cast<int64_t>(2 * count);

  Trials going;
  for (size_t i = 0; i < count; ++i) {
    Trial& trial = *asked[i];
    const auto exact = x.row(static_cast<int64_t>(2 * i)), png = x.row(static_cast<int64_t>(2 * i + 1));
    const Outcome now{.exact = verdicts[2 * i],
                      .png = verdicts[2 * i + 1],
                      .linf = linf_distance(exact, trial.walk.centre()),
                      .l2 = l2_distance(exact, trial.walk.centre()),
                      .linf_png = linf_distance(png, trial.walk.centre()),
                      .epsilon = result_->epsilons[trial.radius],
                      .iterations = trial.walk.iterations(),
                      .whole = task_.settings.independent || task_.ends_when_reached || trial.steps.done()};
    const Reach before = reach_of(trial.best), after = reach_of(now);
    // Of pictures that reach as much, the first that succeeds or the last that does not.
    if (task_.settings.independent || after > before || (after == before && after < in_floats)) {
      trial.best = now;
      trial.x.assign(exact.begin(), exact.end());
    }
    trial.walk.looked();
    const bool is_enough = task_.settings.independent ? now.exact.success : reach_of(trial.best) >= wanted_within(now.epsilon);
    if (is_enough || trial.steps.done())
      finish(std::move(asked[i]));
    else
      going.push_back(std::move(asked[i]));
  }
  go_on(going);
}

/** Its present radius is done. */
void Search::finish(std::unique_ptr<Trial> trial) {
  result_->radius[trial->radius][static_cast<size_t>(trial->row)] = trial->best;
  ++trial->radius;
  begin(std::move(trial));
}

}  // namespace convscope
