#include "convscope/attack/square.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "convscope/attack/bump.h"
#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** Numbers of one image's walk, or the same for all images, in the order in which they are drawn. */
class Draws {
 public:
  explicit Draws(const Walk& walk) : random_(walk.random("squares")), part_(walk.number()) {}
  /** As the published program: for all images at once, and a window leaves the last row and column out. */
  static Draws of_all(const Walk& walk) {
    Draws draws(walk);
    draws.part_ = 0;
    draws.next_ = kOfAll;
    draws.reach_ = 0;
    return draws;
  }

  /** 0 … count − 1. */
  int64_t below(int64_t count) { return static_cast<int64_t>(random_.below(static_cast<uint64_t>(count), next_++, part_)); }
  float sign() { return random_.uniform(next_++, part_) < 0.5f ? -1.0f : 1.0f; }
  /** Where a window begins that has so much room. */
  int64_t corner(int64_t room) { return below(std::max<int64_t>(1, room + reach_)); }

 private:
  static constexpr uint64_t kOfAll = uint64_t{1} << 62;  // no image's own numbers

  RandomStream random_;
  uint64_t part_, next_ = 0;
  int64_t reach_ = 1;
};

/** The share of the picture that query number `done` changes. */
double share_at(double p, int64_t done) {
  constexpr std::array<int64_t, 9> kHalves{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  const auto halves = std::count_if(kHalves.begin(), kHalves.end(), [&](int64_t after) { return done > after; });
  return std::ldexp(p, -static_cast<int>(halves));
}

struct Window {
  int64_t row, column, side;
  bool has(int64_t i, int64_t j) const { return i >= row && i < row + side && j >= column && j < column + side; }
};

/** What numbers have of ε: their squares of its square (l2), their sizes (l1). */
double mass_of(double v, Norm norm) { return norm == Norm::l2 ? v * v : std::abs(v); }
double length_of(double mass, Norm norm) { return norm == Norm::l2 ? std::sqrt(mass) : mass; }

/** x − the image, [C, H, W]. */
class Change {
 public:
  explicit Change(const Walk& walk) : walk_(walk), shape_(walk.image().shape), values_(walk.x().size()) {
    for (size_t i = 0; i < values_.size(); ++i) values_[i] = static_cast<double>(walk.x()[i]) - walk.clean()[i];
  }

  double& at(int64_t c, int64_t i, int64_t j) { return values_[static_cast<size_t>((c * shape_[1] + i) * shape_[2] + j)]; }

  /** Of all numbers, and of a channel's in a window but not in another one. */
  double mass() const {
    double sum = 0;
    for (const double v : values_) sum += mass_of(v, walk_.norm());
    return sum;
  }
  double mass(const Window& w, int64_t channel, const Window& but = {0, 0, 0}) {
    double sum = 0;
    each(w, [&](int64_t i, int64_t j) {
      if (!but.has(i, j)) sum += mass_of(at(channel, i, j), walk_.norm());
    });
    return sum;
  }
  static void each(const Window& w, auto&& visit) {
    for (int64_t i = w.row; i < w.row + w.side; ++i)
      for (int64_t j = w.column; j < w.column + w.side; ++j) visit(i, j);
  }
  /** The picture with this change: brought to the length ε (l2), or to the nearest place within it (l1). */
  void onto(Walk& walk) const {
    double scale = 1;
    if (walk.norm() == Norm::l2) {
      const double length = std::sqrt(mass());
      scale = length > 0 ? walk.epsilon() / length : 0;
    }
    for (size_t i = 0; i < values_.size(); ++i) walk.x()[i] = static_cast<float>(walk.clean()[i] + scale * values_[i]);
    walk.keep_inside();
  }

 private:
  const Walk& walk_;
  Shape shape_;
  std::vector<double> values_;
};

Window anywhere(Draws& draws, const Shape& shape, int64_t side) {
  return {draws.corner(shape[1] - side), draws.corner(shape[2] - side), side};
}

/** The start of linf: columns of ±ε. */
void begin_with_stripes(Walk& walk, Draws& draws) {
  const Shape& s = walk.image().shape;
  for (int64_t c = 0; c < s[0]; ++c)
    for (int64_t j = 0; j < s[2]; ++j) {
      const float by = draws.sign() * walk.epsilon();
      for (int64_t i = 0; i < s[1]; ++i) walk.x()[static_cast<size_t>((c * s[1] + i) * s[2] + j)] += by;
    }
  walk.keep_inside();
}

void square_of_one_sign(Walk& walk, Draws& draws, double share) {
  const Shape& s = walk.image().shape;
  const auto wanted = std::llround(std::sqrt(share * static_cast<double>(s[1] * s[2])));
  const Window w = anywhere(draws, s, std::clamp<int64_t>(wanted, 1, std::min(s[1], s[2])));
  for (int64_t c = 0; c < s[0]; ++c) {
    const float by = draws.sign() * walk.epsilon();
    for (int64_t i = w.row; i < w.row + w.side; ++i)
      for (int64_t j = w.column; j < w.column + w.side; ++j) {
        const auto at = static_cast<size_t>((c * s[1] + i) * s[2] + j);
        walk.x()[at] = walk.clean()[at] + by;
      }
  }
  walk.keep_inside();
}

/** The start of l2 and l1: a grid of bumps. */
void begin_with_bumps(Walk& walk, Draws& draws) {
  const Shape& s = walk.image().shape;
  const int64_t side = std::max<int64_t>(1, std::min(s[1], s[2]) / 5);
  Change change(walk);
  for (int64_t i = 0; i + side <= s[1]; i += side)
    for (int64_t j = 0; j + side <= s[2]; j += side) {
      const Bump heap(side, draws.sign() > 0, walk.norm());
      for (int64_t c = 0; c < s[0]; ++c) {
        const float sign = draws.sign();
        Change::each({i, j, side}, [&](int64_t row, int64_t column) { change.at(c, row, column) += sign * heap.at(row - i, column - j); });
      }
    }
  change.onto(walk);
}

/** What two windows have of ε (its square in l2), and what was left of it, goes to a bump in the first; the second is emptied. */
void move_a_bump(Walk& walk, Draws& draws, double share) {
  const Shape& s = walk.image().shape;
  const Norm norm = walk.norm();
  const int64_t channels = s[0], most = std::min(s[1], s[2]), odd_most = most % 2 == 0 ? most - 1 : most;
  auto side = static_cast<int64_t>(std::llround(std::sqrt(share * static_cast<double>(s[1] * s[2]))));
  side = std::min(std::max<int64_t>(side, 3) | 1, odd_most);
  const Window to = anywhere(draws, s, side), from = anywhere(draws, s, side);
  Change change(walk);
  const double unused = std::max(0.0, mass_of(walk.epsilon(), norm) - change.mass()) / static_cast<double>(channels);
  const Bump heap(side, draws.sign() > 0, norm);
  std::vector<double> next;  // of the first window, all channels
  for (int64_t c = 0; c < channels; ++c) {
    const double sign = draws.sign(), there = change.mass(to, c), length = length_of(there, norm);
    std::vector<double> values;
    double mass = 0;
    Change::each(to, [&](int64_t i, int64_t j) {
      const double old = length > 0 ? change.at(c, i, j) / length : 0;
      values.push_back(old + sign * heap.at(i - to.row, j - to.column));
      mass += mass_of(values.back(), norm);
    });
    // Numbers in both windows count once.
    double budget = length_of(unused + there + change.mass(from, c, to), norm);
    if (norm == Norm::l1) budget *= static_cast<double>(channels);  // as its authors have it; what is too much is cut off behind
    for (const double v : values) next.push_back(mass > 0 ? v / length_of(mass, norm) * budget : 0);
  }
  auto value = next.begin();
  for (int64_t c = 0; c < channels; ++c) {
    Change::each(from, [&](int64_t i, int64_t j) { change.at(c, i, j) = 0; });
    Change::each(to, [&](int64_t i, int64_t j) { change.at(c, i, j) = *value++; });
  }
  change.onto(walk);
}

}  // namespace

Square::Square(Options options) : options_(std::move(options)), norm_(parse_norm(options_.norm, "square")) {
  require_count(options_.queries, "square", "queries");
  require(options_.p > 0 && options_.p <= 1, "square: p {}: a share was wanted", options_.p);
}

Steps Square::run(Walk& walk) const {
  Draws draws(walk);
  if (norm_ == Norm::linf)
    begin_with_stripes(walk, draws);
  else
    begin_with_bumps(walk, draws);
  if (options_.as_reference) draws = Draws::of_all(walk);
  co_await walk.answer();
  double least = lead(walk);
  std::vector<float> best(walk.x().begin(), walk.x().end());
  for (int64_t done = 1; done < options_.queries; ++done) {
    const double share = share_at(options_.p, done - 1);
    if (norm_ == Norm::linf)
      square_of_one_sign(walk, draws, share);
    else
      move_a_bump(walk, draws, share);
    co_await walk.answer();
    if (const double now = lead(walk); now < least) {
      least = now;
      best.assign(walk.x().begin(), walk.x().end());
    } else {
      std::copy(best.begin(), best.end(), walk.x().begin());
    }
  }
  co_await walk.look();
}

}  // namespace convscope
