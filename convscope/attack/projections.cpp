#include "convscope/attack/projections.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace convscope {

namespace {

/**
 * Σ_i gain_i · min(λ, limit_i) = wanted for λ ≥ 0; infinite where all limits together are not enough. The left side is concave and made of
 * straight pieces, so Newton's steps from 0 never go beyond λ and end on its piece, after a few passes: sorting the limits takes longer.
 */
double length_of_step(std::span<const double> gain, std::span<const double> limit, double wanted) {
  double length = 0;
  for (size_t before = gain.size() + 1;;) {
    double used = 0, open = 0;  // of those at their limit; gain of the others
    size_t count = 0;
    for (size_t i = 0; i < gain.size(); ++i) {
      const bool free = limit[i] > length;
      used += free ? 0 : gain[i] * limit[i];
      open += free ? gain[i] : 0;
      count += free;
    }
    if (!(open > 0)) return used >= wanted ? length : HUGE_VAL;
    if (count == before) return length;  // none has come to its limit since
    before = count;
    length = std::max(length, (wanted - used) / open);
  }
}

/** l1: numbers of the largest |w| go to their limits, one after the other, until the plane is reached. */
std::vector<float> step_of_largest(std::span<const double> slope, std::span<const double> room, double wanted) {
  std::vector<size_t> heap(slope.size());
  std::iota(heap.begin(), heap.end(), size_t{0});
  const auto smaller = [&](size_t a, size_t b) {
    const double one = std::abs(slope[a]), other = std::abs(slope[b]);
    return one < other || (one == other && a > b);
  };
  std::make_heap(heap.begin(), heap.end(), smaller);
  std::vector<float> step(slope.size());
  for (auto end = heap.end(); end != heap.begin() && wanted > 0; --end) {
    std::pop_heap(heap.begin(), end, smaller);
    const size_t i = *(end - 1);
    if (slope[i] == 0) break;
    const double by = std::min(room[i], wanted / std::abs(slope[i]));
    step[i] = static_cast<float>(std::copysign(by, slope[i]));
    wanted -= by * std::abs(slope[i]);
  }
  return step;
}

}  // namespace

std::vector<float> step_to_hyperplane(std::span<const float> x, std::span<const float> w, double b, Norm norm) {
  double above = -b;
  for (size_t i = 0; i < x.size(); ++i) above += static_cast<double>(w[i]) * x[i];
  // Towards the plane each number goes against its weight, as far as the box lets it.
  std::vector<double> slope(x.size()), room(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    slope[i] = above > 0 ? -static_cast<double>(w[i]) : static_cast<double>(w[i]);
    room[i] = slope[i] > 0 ? 1.0 - x[i] : x[i];
  }
  if (norm == Norm::l1) return step_of_largest(slope, room, std::abs(above));
  // linf: every number moves by λ; l2: by λ |w|.
  std::vector<double> gain(x.size()), limit(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double size = std::abs(slope[i]);
    gain[i] = norm == Norm::linf ? size : size * size;
    limit[i] = size == 0 ? 0 : norm == Norm::linf ? room[i] : room[i] / size;
  }
  const double length = length_of_step(gain, limit, std::abs(above));
  std::vector<float> step(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double sign = slope[i] > 0 ? 1 : slope[i] < 0 ? -1 : 0;
    step[i] = static_cast<float>(sign * std::min(length, limit[i]) * (norm == Norm::linf ? 1 : std::abs(slope[i])));
  }
  return step;
}

double shrinkage_onto_l1_ball(std::span<const double> size, std::span<const double> room, double radius) {
  // From large λ down a size begins to count at λ = |d| and stops growing at |d| − room: between such places the sum is linear in λ.
  struct Bend {
    double at;
    int by;  // how many more sizes grow below it
  };
  double sum = 0;
  for (size_t i = 0; i < size.size(); ++i) sum += std::min(size[i], room[i]);
  if (sum <= radius) return 0;
  std::vector<Bend> bends;
  for (size_t i = 0; i < size.size(); ++i) {
    if (size[i] == 0) continue;
    bends.push_back({size[i], 1});
    if (size[i] > room[i]) bends.push_back({size[i] - room[i], -1});
  }
  std::sort(bends.begin(), bends.end(), [](const Bend& a, const Bend& b) { return a.at > b.at; });
  double reached = 0, growing = 0, at = bends.front().at;
  for (const Bend& bend : bends) {
    const double more = growing * (at - bend.at);
    if (reached + more >= radius) break;
    reached += more;
    at = bend.at;
    growing += bend.by;
  }
  return growing > 0 ? std::max(0.0, at - (radius - reached) / growing) : at;
}

}  // namespace convscope
