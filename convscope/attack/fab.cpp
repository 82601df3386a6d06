#include "convscope/attack/fab.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/members.h"
#include "convscope/attack/projections.h"

namespace convscope {

namespace {

/** The norm by which the distance to a hyperplane is |f| / |w|: of linf the sum of sizes, of l2 the length. */
double dual_size(std::span<const float> w, Norm norm) {
  double sum = 0;
  for (const float v : w) sum += norm == Norm::linf ? std::abs(static_cast<double>(v)) : static_cast<double>(v) * v;
  return norm == Norm::linf ? sum : std::sqrt(sum);
}

/** A linearised boundary: where the margin is 0. */
struct Boundary {
  double away = HUGE_VAL;  // how far it seems
  double margin = 0;
  std::vector<float> slope = {};
};

/** Past the boundary, from where it is and from the image at once. */
void step_beyond(Walk& walk, const Boundary& boundary, Norm norm) {
  constexpr double kMostFromImage = 0.1, kBeyond = 1.05, kLeast = 1e-8;
  const std::span<const float> clean = walk.clean();
  // The margin's plane through x: ⟨w, ·⟩ = ⟨w, x⟩ − margin.
  double level = -boundary.margin;
  for (size_t i = 0; i < clean.size(); ++i) level += static_cast<double>(boundary.slope[i]) * walk.x()[i];
  const std::vector<float> here = step_to_hyperplane(walk.x(), boundary.slope, level, norm);
  const std::vector<float> home = step_to_hyperplane(clean, boundary.slope, level, norm);
  const double a = std::max(kLeast, size_of(here, norm)), b = std::max(kLeast, size_of(home, norm));
  const double share = std::min(a / (a + b), kMostFromImage);
  for (size_t i = 0; i < clean.size(); ++i)
    walk.x()[i] = static_cast<float>((1 - share) * (walk.x()[i] + kBeyond * here[i]) + share * (clean[i] + kBeyond * home[i]));
  walk.keep_inside();
}

}  // namespace

Fab::Fab(Options options, int64_t targets, std::string_view whose)
    : options_(std::move(options)), norm_(parse_norm(options_.norm, whose)), targets_(targets) {
  require_count(options_.steps, whose, "steps");
  require_count(options_.restarts, whose, "restarts");
}

Steps Fab::run(Walk& walk) const {
  constexpr double kBack = 0.9;
  const double unknown = norm_ == Norm::linf ? 0.1 : 1;  // how far a restart goes where nothing is found yet
  const auto clean = walk.clean();
  const bool nearest = targets_ == 0 && !walk.aims();
  const std::vector<int64_t> all = aims_of(walk, std::ssize(walk.image().logits));
  // Runs that each go towards some classes: one class, or whichever is nearest.
  std::vector<std::vector<int64_t>> runs;
  if (nearest)
    runs.push_back(all);
  else
    for (const int64_t target : aims_of(walk, targets_)) runs.push_back({target});
  std::vector<float> best;
  double least = HUGE_VAL;

  for (int64_t start = 0; start < options_.restarts; ++start)
    for (const std::vector<int64_t>& targets : runs) {
      walk.return_home();
      if (start > 0) {
        const double half = (least < HUGE_VAL ? least : unknown) / 2;
        const RandomStream random = walk.random(fmt::format("fab {} {}", start, targets.front()));
        std::vector<float> direction(clean.size());
        for (size_t i = 0; i < direction.size(); ++i)
          direction[i] = norm_ == Norm::linf ? 2 * random.uniform(i, walk.number()) - 1 : random.normal(i, walk.number());
        walk.add(direction, half / size_of(direction, norm_));
      }
      bool went_back = false;
      for (int64_t done = 0;;) {
        Boundary boundary;
        bool beyond = false;
        for (const int64_t target : targets) {
          const ClassPair classes = boundary_before(walk, target);
          const std::span<const float> slope = co_await walk.slope_of(Objective::Of::margin, classes);
          const double margin = climbed(walk, Objective::Of::margin, classes), away = std::abs(margin) / (1e-12 + dual_size(slope, norm_));
          const int64_t first = argmax(walk.logits());
          beyond = beyond || (walk.aims() ? first == target : first != walk.image().label);
          if (!(away < boundary.away)) continue;
          boundary.away = away;
          boundary.margin = margin;
          boundary.slope.assign(slope.begin(), slope.end());
        }
        if (const double size = distance(walk.x(), clean, norm_); beyond && size < least) {
          least = size;
          best.assign(walk.x().begin(), walk.x().end());
        }
        if (beyond && !went_back) {
          // Back towards the image, and asked again from there.
          for (size_t i = 0; i < clean.size(); ++i)
            walk.x()[i] = static_cast<float>(clean[i] + kBack * (static_cast<double>(walk.x()[i]) - clean[i]));
          went_back = true;
          continue;
        }
        went_back = false;
        if (done++ == options_.steps || boundary.slope.empty()) break;
        step_beyond(walk, boundary, norm_);
      }
    }
  if (best.empty())
    walk.return_home();
  else
    std::copy(best.begin(), best.end(), walk.x().begin());
  co_await walk.look();
}

}  // namespace convscope
