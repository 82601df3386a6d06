#include "convscope/attack/fab.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/members.h"
#include "convscope/attack/projections.h"

namespace convscope {

namespace {

/** The norm by which the distance to a hyperplane is |f| / |w|: of linf the sum of sizes, of l1 the largest, of l2 the length. */
double dual_size(std::span<const float> w, Norm norm) {
  return size_of(w, norm == Norm::linf ? Norm::l1 : norm == Norm::l1 ? Norm::linf : Norm::l2);
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
  const double unknown = norm_ == Norm::linf ? 0.1 : norm_ == Norm::l2 ? 1 : 10;  // how far a restart goes where nothing is found yet
  const auto clean = walk.clean();
  // Runs that each go towards some classes: one class, or whichever is nearest.
  std::vector<std::vector<int64_t>> runs;
  if (targets_ == 0 && !walk.aims())
    runs.push_back(aims_of(walk, std::ssize(walk.image().logits)));
  else
    for (const int64_t target : aims_of(walk, targets_)) runs.push_back({target});
  std::vector<float> best;
  double least = HUGE_VAL;
  const auto is_beyond = [&] {
    const int64_t first = argmax(walk.logits());
    return walk.aims() ? first == walk.image().goal : first != walk.image().label;
  };
  const auto keep_the_nearest = [&] {
    const double size = distance(walk.x(), clean, norm_);
    if (!(size < least)) return;
    least = size;
    best.assign(walk.x().begin(), walk.x().end());
  };

  for (int64_t start = 0; start < options_.restarts; ++start)
    for (const std::vector<int64_t>& targets : runs) {
      walk.return_home();
      if (start > 0) {
        const double half = (least < HUGE_VAL ? least : unknown) / 2;
        const std::vector<float> direction = random_direction(walk, fmt::format("fab {} {}", start, targets.front()));
        walk.add(direction, half / size_of(direction, norm_));
      }
      for (int64_t done = 0; done < options_.steps; ++done) {
        Boundary boundary;
        for (const int64_t target : targets) {
          const ClassPair classes = boundary_before(walk, target);
          const std::span<const float> slope = co_await walk.slope_of(Objective::Of::margin, classes);
          const double margin = climbed(walk, Objective::Of::margin, classes), away = std::abs(margin) / (1e-12 + dual_size(slope, norm_));
          if (!(away < boundary.away)) continue;
          boundary.away = away;
          boundary.margin = margin;
          boundary.slope.assign(slope.begin(), slope.end());
        }
        if (is_beyond()) keep_the_nearest();  // a step back did not leave it
        if (boundary.slope.empty()) break;
        step_beyond(walk, boundary, norm_);
        co_await walk.answer();
        if (!is_beyond()) continue;
        keep_the_nearest();
        for (size_t i = 0; i < clean.size(); ++i)
          walk.x()[i] = static_cast<float>(clean[i] + kBack * (static_cast<double>(walk.x()[i]) - clean[i]));
      }
    }
  if (best.empty())
    walk.return_home();
  else
    std::copy(best.begin(), best.end(), walk.x().begin());
  co_await walk.look();
}

}  // namespace convscope
