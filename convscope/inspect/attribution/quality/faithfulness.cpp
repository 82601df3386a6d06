#include "convscope/inspect/attribution/quality/faithfulness.h"

#include <algorithm>

#include "convscope/base/random.h"
#include "convscope/inspect/attribution/made_pictures.h"
#include "convscope/inspect/attribution/quality/evidence.h"
#include "convscope/results/correlation.h"

namespace convscope {

namespace {

/** Evidence that was taken away, and what the target's number fell; of each draw. */
struct Removed {
  std::vector<double> evidence, fall;
};

using Chosen = std::vector<int64_t>;  // pixels

/** `choose`(image, draw): which pixels get the mean colour. */
template <typename Choose>
std::vector<Removed> remove(const CheckedQuestion& asked, const Mapmaker& maker, int64_t draws, Choose&& choose) {
  // A loss has no number of the class that falls; its logit has.
  Objective objective = asked.question.objective;
  if (objective.of == Objective::Of::loss) objective.of = Objective::Of::logits;
  const int64_t pixels = asked.pixels(), channels = asked.x.shape()[1];
  const std::vector<double> whole = values(asked.subject.table(asked.x, objective), objective, asked.question.targets);
  const std::vector<double> left = numbers_of_made(
      asked.subject, objective, asked.images() * draws,
      [&](int64_t k, std::span<float> picture) {
        const int64_t n = k / draws;
        std::copy_n(asked.x.row(n).data(), picture.size(), picture.data());
        const std::vector<float> mean = mean_colour(asked.x.row(n), channels);
        for (const int64_t pixel : choose(n, k % draws))
          for (int64_t c = 0; c < channels; ++c) picture[static_cast<size_t>(c * pixels + pixel)] = mean[static_cast<size_t>(c)];
      },
      [&](int64_t k) { return asked.target(k / draws); });
  std::vector<Removed> all(static_cast<size_t>(asked.images()));
  for (int64_t k = 0; k < std::ssize(left); ++k) {
    const int64_t n = k / draws;
    double sum = 0;
    for (const int64_t pixel : choose(n, k % draws)) sum += maker.evidence.row(n)[static_cast<size_t>(pixel)];
    all[static_cast<size_t>(n)].evidence.push_back(sum);
    all[static_cast<size_t>(n)].fall.push_back(whole[static_cast<size_t>(n)] - left[static_cast<size_t>(k)]);
  }
  return all;
}

double mean_product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

/** E (β s − Δ)² / E Δ² = 1 − (E sΔ)² / (E s² E Δ²) where β is above 0. */
double unexplained(const Removed& r) {
  const double both = mean_product(r.evidence, r.fall), own = mean_product(r.evidence, r.evidence), fall = mean_product(r.fall, r.fall);
  if (fall == 0) return 1;  // nothing fell that could be foretold
  return both > 0 ? 1 - both * both / (own * fall) : 1;
}

}  // namespace

std::vector<double> Infidelity::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  constexpr int64_t kDraws = 64;
  const RandomStream random(asked.question.seed, "map quality/infidelity");
  const int64_t rows = asked.x.shape()[2], columns = asked.x.shape()[3], shorter = std::min(rows, columns);
  const auto square = [&](int64_t n, int64_t draw) {
    const auto part = static_cast<uint64_t>(asked.question.number(n)) << 8 | static_cast<uint64_t>(draw);
    const auto below = [&](int64_t bound, uint64_t index) {
      return static_cast<int64_t>(random.below(static_cast<uint64_t>(bound), index, part));
    };
    const int64_t least = std::max<int64_t>(1, shorter / 8), side = least + below(std::max<int64_t>(1, shorter / 2 - least + 1), 0);
    const int64_t top = below(rows - side + 1, 1), left = below(columns - side + 1, 2);
    Chosen chosen;
    for (int64_t i = top; i < top + side; ++i)
      for (int64_t j = left; j < left + side; ++j) chosen.push_back(i * columns + j);
    return chosen;
  };
  std::vector<double> all;
  for (const Removed& r : remove(asked, maker, kDraws, square)) all.push_back(unexplained(r));
  return all;
}

std::vector<double> FaithfulnessCorrelation::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  constexpr int64_t kDraws = 100;
  const RandomStream random(asked.question.seed, "map quality/faithfulness correlation");
  const auto some = static_cast<size_t>(std::max<int64_t>(1, asked.pixels() / 16));
  const auto sixteenth = [&](int64_t n, int64_t draw) {
    Chosen chosen = permutation(asked.pixels(), random, static_cast<uint64_t>(asked.question.number(n)) << 8 | static_cast<uint64_t>(draw));
    chosen.resize(some);
    return chosen;
  };
  std::vector<double> all;
  for (const Removed& r : remove(asked, maker, kDraws, sixteenth)) all.push_back(correlation(r.evidence, r.fall));
  return all;
}

}  // namespace convscope
