#include "convscope/attack/square.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "convscope/attack/members.h"

namespace convscope {

namespace {

/** Numbers of one image's walk, in the order in which they are drawn. */
class Draws {
 public:
  explicit Draws(const Walk& walk) : random_(walk.random("squares")), part_(walk.number()) {}

  /** 0 … count − 1. */
  int64_t below(int64_t count) { return static_cast<int64_t>(random_.below(static_cast<uint64_t>(count), next_++, part_)); }
  float sign() { return random_.uniform(next_++, part_) < 0.5f ? -1.0f : 1.0f; }

 private:
  RandomStream random_;
  uint64_t part_, next_ = 0;
};

/** The share of the picture that query number `done` changes. */
double share_at(double p, int64_t done) {
  constexpr std::array<int64_t, 9> kHalves{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  const auto halves = std::count_if(kHalves.begin(), kHalves.end(), [&](int64_t after) { return done > after; });
  return std::ldexp(p, -static_cast<int>(halves));
}

struct Window {
  int64_t row, column, side;
};

/** What is to fall below 0: by how much the label is ahead, or the class aimed at behind. */
double lead(const Walk& walk) {
  const auto z = walk.logits();
  const int64_t aimed = walk.aims() ? walk.image().goal : walk.image().label;
  double other = -HUGE_VAL;
  for (int64_t y = 0; y < std::ssize(z); ++y)
    if (y != aimed) other = std::max<double>(other, z[static_cast<size_t>(y)]);
  const double own = z[static_cast<size_t>(aimed)];
  return walk.aims() ? other - own : own - other;
}

/** x − the image, [C, H, W]. */
class Change {
 public:
  explicit Change(const Walk& walk) : shape_(walk.image().shape), values_(walk.x().size()) {
    for (size_t i = 0; i < values_.size(); ++i) values_[i] = static_cast<double>(walk.x()[i]) - walk.clean()[i];
  }
  explicit Change(const Shape& shape) : shape_(shape), values_(static_cast<size_t>(shape.size())) {}

  double& at(int64_t c, int64_t i, int64_t j) { return values_[static_cast<size_t>((c * shape_[1] + i) * shape_[2] + j)]; }

  /** Sum of the squares in a window, of one channel or of all (−1). */
  double squares(const Window& w, int64_t channel = -1) {
    double sum = 0;
    each(w, [&](int64_t c, int64_t i, int64_t j) {
      if (channel < 0 || c == channel) sum += at(c, i, j) * at(c, i, j);
    });
    return sum;
  }
  double squares() const {
    double sum = 0;
    for (const double v : values_) sum += v * v;
    return sum;
  }
  void each(const Window& w, const auto& visit) const {
    for (int64_t c = 0; c < shape_[0]; ++c)
      for (int64_t i = w.row; i < w.row + w.side; ++i)
        for (int64_t j = w.column; j < w.column + w.side; ++j) visit(c, i, j);
  }
  /** The picture with this change, brought to the length `epsilon`. */
  void onto(Walk& walk) const {
    const double length = std::sqrt(squares()), scale = length > 0 ? walk.epsilon() / length : 0;
    for (size_t i = 0; i < values_.size(); ++i) walk.x()[i] = static_cast<float>(walk.clean()[i] + scale * values_[i]);
    walk.keep_inside();
  }

 private:
  Shape shape_;
  std::vector<double> values_;
};

/** A bump of length 1 on `side` × `side`: two heaps of length 1 and opposite signs one above the other, from the centre out 1 / (k + 1)²
 * each ring. */
std::vector<double> bump(int64_t side, bool turned) {
  std::vector<double> values(static_cast<size_t>(side * side));
  const auto scale = [&](int64_t first, int64_t rows) {
    double squares = 0;
    const auto begin = values.begin() + first * side, end = begin + rows * side;
    for (auto v = begin; v != end; ++v) squares += *v * *v;
    if (squares > 0) std::transform(begin, end, begin, [&](double v) { return v / std::sqrt(squares); });
  };
  // On each of the nested rectangles around its centre a heap grows by their height.
  const auto heap = [&](int64_t first, int64_t rows, double sign) {
    const int64_t top = rows / 2, left = side / 2;
    for (int64_t k = 0; k <= std::max(top, left); ++k) {
      const double height = sign / static_cast<double>((k + 1) * (k + 1));
      for (int64_t i = std::max<int64_t>(0, top - k); i <= std::min(rows - 1, top + k); ++i)
        for (int64_t j = std::max<int64_t>(0, left - k); j <= std::min(side - 1, left + k); ++j)
          values[static_cast<size_t>((first + i) * side + j)] += height;
    }
    scale(first, rows);
  };
  heap(0, side / 2, 1);
  heap(side / 2, side - side / 2, -1);
  scale(0, side);
  if (!turned) return values;
  std::vector<double> other(values.size());
  for (int64_t i = 0; i < side; ++i)
    for (int64_t j = 0; j < side; ++j) other[static_cast<size_t>(j * side + i)] = values[static_cast<size_t>(i * side + j)];
  return other;
}

void add_bump(Change& change, const Window& w, int64_t channel, const std::vector<double>& heap, double by) {
  for (int64_t i = 0; i < w.side; ++i)
    for (int64_t j = 0; j < w.side; ++j) change.at(channel, w.row + i, w.column + j) += by * heap[static_cast<size_t>(i * w.side + j)];
}

Window anywhere(Draws& draws, const Shape& shape, int64_t side) {
  return {draws.below(shape[1] - side + 1), draws.below(shape[2] - side + 1), side};
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

/** The start of l2: a grid of bumps. */
void begin_with_bumps(Walk& walk, Draws& draws) {
  const Shape& s = walk.image().shape;
  const int64_t side = std::max<int64_t>(1, std::min(s[1], s[2]) / 5);
  Change change(s);
  for (int64_t i = 0; i + side <= s[1]; i += side)
    for (int64_t j = 0; j + side <= s[2]; j += side) {
      const std::vector<double> heap = bump(side, draws.sign() > 0);
      for (int64_t c = 0; c < s[0]; ++c) add_bump(change, {i, j, side}, c, heap, draws.sign());
    }
  change.onto(walk);
}

/** What one window has of ε², another one had, and what was left goes to a bump in the first; the second is emptied. */
void move_a_bump(Walk& walk, Draws& draws, double share) {
  const Shape& s = walk.image().shape;
  const int64_t most = std::min(s[1], s[2]), odd_most = most % 2 == 0 ? most - 1 : most;
  auto side = static_cast<int64_t>(std::llround(std::sqrt(share * static_cast<double>(s[1] * s[2]))));
  side = std::min(std::max<int64_t>(side, 3) | 1, odd_most);
  const Window to = anywhere(draws, s, side), from = anywhere(draws, s, side);
  Change change(walk);
  const double epsilon = walk.epsilon(), unused = std::max(0.0, epsilon * epsilon - change.squares()) / static_cast<double>(s[0]);
  std::vector<double> budget;
  for (int64_t c = 0; c < s[0]; ++c) budget.push_back(std::sqrt(unused + change.squares(to, c) + change.squares(from, c)));
  const std::vector<double> heap = bump(side, draws.sign() > 0);
  Change direction(s);
  for (int64_t c = 0; c < s[0]; ++c) {
    const double length = std::sqrt(change.squares(to, c));
    for (int64_t i = 0; i < side; ++i)
      for (int64_t j = 0; j < side; ++j)
        direction.at(c, to.row + i, to.column + j) = length > 0 ? change.at(c, to.row + i, to.column + j) / length : 0;
    add_bump(direction, to, c, heap, draws.sign());
  }
  change.each(from, [&](int64_t c, int64_t i, int64_t j) { change.at(c, i, j) = 0; });
  for (int64_t c = 0; c < s[0]; ++c) {
    const double length = std::sqrt(direction.squares(to, c));
    if (length == 0) continue;
    for (int64_t i = to.row; i < to.row + side; ++i)
      for (int64_t j = to.column; j < to.column + side; ++j)
        change.at(c, i, j) = direction.at(c, i, j) / length * budget[static_cast<size_t>(c)];
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
