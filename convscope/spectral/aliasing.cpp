#include "convscope/spectral/aliasing.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/nearest.h"
#include "convscope/base/threads.h"

namespace convscope {

namespace {

dft::FoldsPlan checked_plan(int64_t rows, int64_t columns, Rate rate) {
  require(rate.rows >= 1 && rate.columns >= 1, "rate {} × {}: every how-manieth row and column goes on, 1 or more", rate.rows,
          rate.columns);
  require(rows >= rate.rows && columns >= rate.columns, "a signal of {} × {} is smaller than the rate {} × {} at which samples are dropped",
          rows, columns, rate.rows, rate.columns);
  constexpr int64_t kMostRows = int64_t{1} << 23;  // a column's frequencies are counted in floats
  require(rows <= kMostRows, "a signal of {} rows; at most {} are counted exactly", rows, kMostRows);
  int64_t numbers = 1;
  constexpr int64_t kMost = int64_t{1} << 26;  // a plane of 4096 × 4096 at rate 2; beyond, counts in float would not be exact either
  for (const int64_t extent : {rows, columns, rate.rows, rate.columns})
    require(!__builtin_mul_overflow(numbers, extent, &numbers) && numbers <= kMost,
            "a signal of {} × {} at rate {} × {} has a spectrum of more than {} numbers", rows, columns, rate.rows, rate.columns, kMost);
  return {rows, columns, rate.rows, rate.columns};
}

/** Of frequency (u, v) of a lane. */
Category category(const dft::FoldsPlan& p, const dft::FoldsGroup& group, int64_t lane, float least, int64_t u, int64_t v) {
  // Frequencies behind the half that is there are the conjugates of their mirror images, folds in reverse order.
  const bool mirrored = v >= p.half;
  const int64_t at_v = mirrored ? p.m - v : v, at_u = mirrored ? (p.n - u) % p.n : u;
  const int64_t base_i = 2 * u < p.n ? 0 : p.r - 1, base_j = 2 * v < p.m ? 0 : p.s - 1;
  int64_t passing = 0;
  bool base = false;
  for (int64_t i = 0; i < p.r; ++i) {
    for (int64_t j = 0; j < p.s; ++j) {
      const int64_t at_i = !mirrored ? i : u == 0 ? (p.r - i) % p.r : p.r - 1 - i, at_j = mirrored ? p.s - 1 - j : j;
      if (!(p.powers(group, at_u, at_v)[(at_i * p.s + at_j) * dft::lanes() + lane] > least)) continue;
      ++passing;
      base = base || (i == base_i && j == base_j);
    }
  }
  if (passing == 0) return Category::no_pass;
  if (passing > 1) return Category::tangled;
  return base ? Category::non_aliased : Category::aliased;
}

}  // namespace

Reference reference_of(std::string_view name) {
  const std::vector<std::string> known{"max", "mean"};
  require(name == "max" || name == "mean", "no threshold '{}'{}", name, known_names(name, known));
  return name == "max" ? Reference::max : Reference::mean;
}

Accounting accounting_of(std::string_view name) {
  const std::vector<std::string> known{"exclusive", "legacy"};
  require(name == "exclusive" || name == "legacy", "no accounting '{}'{}", name, known_names(name, known));
  return name == "legacy" ? Accounting::legacy : Accounting::exclusive;
}

AliasingCounts& AliasingCounts::operator+=(const AliasingCounts& other) {
  non_aliased += other.non_aliased;
  aliased += other.aliased;
  tangled += other.tangled;
  no_pass += other.no_pass;
  return *this;
}

AliasingCounts accounted(AliasingCounts counts, Accounting accounting) {
  if (accounting == Accounting::legacy) counts.no_pass += counts.aliased;
  return counts;
}

AliasingFractions fractions(const AliasingCounts& counts) {
  const double total = static_cast<double>(std::max<int64_t>(1, counts.total()));
  return {static_cast<double>(counts.non_aliased) / total, static_cast<double>(counts.aliased) / total,
          static_cast<double>(counts.tangled) / total, static_cast<double>(counts.no_pass) / total};
}

AliasingAnalysis::AliasingAnalysis(int64_t rows, int64_t columns, Rate rate, AliasingRule rule)
    : plan_(checked_plan(rows, columns, rate)), rule_(rule) {
  require(std::isfinite(rule_.passing_db), "passing {} dB below the reference; a number was wanted", rule_.passing_db);
}

template <typename See>
void AliasingAnalysis::for_groups(std::span<const float> planes, float* spectra, See&& see) {
  const int64_t plane = plan_.n * plan_.m, spectrum = 2 * plane * plan_.folds();
  const int64_t channels = std::ssize(planes) / plane, lanes = dft::lanes();
  require(channels * plane == std::ssize(planes), "{} numbers are no planes of {} × {}", planes.size(), plan_.n, plan_.m);
  const int64_t groups = (channels + lanes - 1) / lanes, team = std::min<int64_t>(threads(), groups);
  while (std::ssize(groups_) < team) groups_.emplace_back(plan_);
  parallel(team, 1, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      dft::FoldsGroup& group = groups_[static_cast<size_t>(t)];
      for (int64_t g = groups * t / team; g < groups * (t + 1) / team; ++g) {
        const int64_t first = g * lanes, some = std::min(lanes, channels - first);
        std::vector<const float*> x;
        std::vector<float*> to;
        for (int64_t c = first; c < first + some; ++c) {
          x.push_back(planes.data() + c * plane);
          if (spectra) to.push_back(spectra + c * spectrum);
        }
        dft::transform(plan_, x, group, first, to);
        see(first, some, group);
      }
    }
  });
}

dft::FoldsGroup::Numbers AliasingAnalysis::least(const dft::FoldsGroup& group, bool contribution) const {
  dft::FoldsGroup::Numbers all{};
  const double factor = std::pow(10.0, -rule_.passing_db / 10) * (contribution ? std::pow(plan_.folds(), 2) : 1.0);
  for (size_t c = 0; c < all.size(); ++c)
    all[c] = static_cast<float>(factor * (rule_.reference == Reference::max ? static_cast<double>(group.largest[c]) : group.mean[c]));
  return all;
}

std::vector<ChannelAliasing> AliasingAnalysis::count(std::span<const float> planes) {
  std::vector<ChannelAliasing> all(planes.size() / static_cast<size_t>(plan_.n * plan_.m));
  for_groups(planes, nullptr, [&](int64_t first, int64_t some, const dft::FoldsGroup& group) {
    std::vector<dft::TwoCounts> counts(static_cast<size_t>(some));
    dft::count(plan_, group, {least(group, false), least(group, true)}, counts);
    const auto of = [&](const dft::FoldsCounts& k) {
      return AliasingCounts{k.base, k.other, k.several, plan_.n * plan_.m - k.base - k.other - k.several};
    };
    for (int64_t c = 0; c < some; ++c) {
      const dft::TwoCounts& k = counts[static_cast<size_t>(c)];
      all[static_cast<size_t>(first + c)] = {of(k[0]), of(k[1])};
    }
  });
  return all;
}

FrequencyMaps AliasingAnalysis::maps(std::span<const float> planes) {
  const Shape shape{std::ssize(planes) / (plan_.n * plan_.m), plan_.n, plan_.m};
  FrequencyMaps maps{Tensor(shape), Tensor(shape)};
  for_groups(planes, nullptr, [&](int64_t first, int64_t some, const dft::FoldsGroup& group) {
    for (const bool contribution : {false, true}) {
      const auto floor = least(group, contribution);
      Tensor& map = contribution ? maps.contribution : maps.published;
      for (int64_t c = 0; c < some; ++c)
        for (int64_t u = 0; u < plan_.n; ++u)
          for (int64_t v = 0; v < plan_.m; ++v) {
            const int64_t row = (u + plan_.n / 2) % plan_.n, column = (v + plan_.m / 2) % plan_.m;
            map[((first + c) * plan_.n + row) * plan_.m + column] =
                static_cast<float>(category(plan_, group, c, floor[static_cast<size_t>(c)], u, v));
          }
    }
  });
  return maps;
}

Tensor AliasingAnalysis::folds(std::span<const float> planes) {
  Tensor spectra({std::ssize(planes) / (plan_.n * plan_.m), plan_.r * plan_.n, plan_.s * plan_.m, 2});
  for_groups(planes, spectra.data(), [](int64_t, int64_t, const dft::FoldsGroup&) {});
  return spectra;
}

}  // namespace convscope
