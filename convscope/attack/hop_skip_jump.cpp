#include "convscope/attack/hop_skip_jump.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** Halves an interval whose end is beyond the boundary until it is no longer than `fine`. */
class Bisection {
 public:
  Bisection(double end, double fine) : end_(end), fine_(fine) {}
  bool goes_on() const { return end_ - begin_ > fine_; }
  double middle() const { return (begin_ + end_) / 2; }
  void take(bool beyond) { (beyond ? end_ : begin_) = middle(); }
  double end() const { return end_; }

 private:
  double begin_ = 0, end_, fine_;
};

/** Between the image and a picture: on the straight line (l2), or cut off at a distance (linf). */
void go_between(Walk& walk, std::span<const float> far, double way) {
  const auto clean = walk.clean();
  for (size_t i = 0; i < far.size(); ++i) {
    const double by = static_cast<double>(far[i]) - clean[i];
    walk.x()[i] = static_cast<float>(clean[i] + (walk.norm() == Norm::l2 ? way * by : std::clamp(by, -way, way)));
  }
  walk.keep_inside();
}

/** Σ (φ − mean φ) u of what was asked. */
class Estimate {
 public:
  explicit Estimate(size_t size) : beyond_(size), all_(size) {}

  void add(std::span<const float> x, std::span<const float> from, bool beyond) {
    ++count_;
    balance_ += beyond ? 1 : -1;
    for (size_t i = 0; i < x.size(); ++i) {
      const double u = static_cast<double>(x[i]) - from[i];
      all_[i] += u;
      beyond_[i] += beyond ? u : -u;
    }
  }
  /** Of length 1 (l2), or signs (linf); where all were on one side, towards or away from them. */
  std::vector<float> direction(Norm norm) const {
    const double mean = static_cast<double>(balance_) / static_cast<double>(count_);
    std::vector<float> v(all_.size());
    for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(std::abs(mean) == 1 ? beyond_[i] : beyond_[i] - mean * all_[i]);
    const double size = norm == Norm::l2 ? size_of(v, Norm::l2) : 0;
    for (float& c : v) c = norm == Norm::linf ? static_cast<float>((c > 0) - (c < 0)) : size > 0 ? static_cast<float>(c / size) : 0;
    return v;
  }

 private:
  std::vector<double> beyond_, all_;
  int64_t count_ = 0, balance_ = 0;
};

}  // namespace

HopSkipJump::HopSkipJump(Options options) : options_(std::move(options)), norm_(parse_norm(options_.norm, "hopskipjump")) {
  require(norm_ != Norm::l1, "hopskipjump: norm l1: linf or l2 was wanted");
  require_count(options_.queries, "hopskipjump", "queries");
  require_count(options_.first, "hopskipjump", "first queries");
}

Steps HopSkipJump::run(Walk& walk) const {
  constexpr int64_t kStarts = 100;  // random pictures
  constexpr double kFirstStep = 0.1;
  const auto clean = walk.clean();
  const size_t size = clean.size();
  const auto numbers = static_cast<double>(size);
  // How finely the boundary is looked for, and in how small steps around it, of its distance; as published, but for what floats hold.
  const double fine = norm_ == Norm::l2 ? 1 / (numbers * std::sqrt(numbers)) : 1 / (numbers * numbers);
  const double least_step = std::sqrt(numbers) * 0x1p-20;
  int64_t left = options_.queries;

  bool found = false;
  for (int64_t start = 0; start < std::min(kStarts, options_.queries) && !found; ++start, --left) {
    const RandomStream random = walk.random(fmt::format("start {}", start));
    for (size_t i = 0; i < size; ++i) walk.x()[i] = random.uniform(i, walk.number());
    co_await walk.answer();
    found = walk.reached();
  }
  if (!found) {
    walk.return_home();
    co_await walk.look();
    co_return;
  }
  std::vector<float> best(walk.x().begin(), walk.x().end()), far = best;
  double least = HUGE_VAL;
  for (int64_t step = 1;; ++step) {
    // To the boundary, on the side that is beyond.
    const double whole = norm_ == Norm::l2 ? 1 : linf_distance(far, clean);
    Bisection way(whole, std::max(fine, 0x1p-20) * whole);
    for (; way.goes_on() && left > 0; --left) {
      go_between(walk, far, way.middle());
      co_await walk.answer();
      way.take(walk.reached());
    }
    go_between(walk, far, way.end());
    const std::vector<float> here(walk.x().begin(), walk.x().end());
    const double away = distance(here, clean, norm_);
    if (away < least) {
      least = away;
      best = here;
    }
    if (left <= 0) break;

    // Which way it lies from there.
    const double around = step == 1 ? kFirstStep : std::max(least_step, away / numbers);
    const auto asked = static_cast<int64_t>(static_cast<double>(options_.first) * std::sqrt(static_cast<double>(step)));
    Estimate estimate(size);
    for (int64_t query = 0; query < asked && left > 0; ++query, --left) {
      std::copy(here.begin(), here.end(), walk.x().begin());
      const std::vector<float> u = random_direction(walk, fmt::format("step {} {}", step, query));
      walk.add(u, around / size_of(u, Norm::l2));
      co_await walk.answer();
      estimate.add(walk.x(), here, walk.reached());
    }
    const std::vector<float> direction = estimate.direction(norm_);

    // As far that way as it stays beyond.
    constexpr double kTooShort = 1e-6;
    bool stays = false;
    for (double length = away / std::sqrt(static_cast<double>(step)); !stays && left > 0 && length > kTooShort * away;
         length /= 2, --left) {
      std::copy(here.begin(), here.end(), walk.x().begin());
      walk.add(direction, length);
      co_await walk.answer();
      stays = walk.reached();
    }
    if (stays)
      far.assign(walk.x().begin(), walk.x().end());
    else
      far = here;
  }
  std::copy(best.begin(), best.end(), walk.x().begin());
  co_await walk.look();
}

}  // namespace convscope
