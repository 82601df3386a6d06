#include "convscope/results/attack_summary.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace convscope {

namespace {

/** In levels with up to two decimals; where these are not the number, all that it has, which is longer than the number itself. */
std::string levels_text(double epsilon) {
  const double levels = epsilon * 255, rounded = std::round(levels * 100) / 100;
  // The floats of two neighbouring levels may be a hair farther than 1 / 255 apart.
  return rounded > 0 && std::abs(levels - rounded) < 1e-6 ? fmt::format("{}/255", rounded) : fmt::format("{:.20f}/255", levels);
}

}  // namespace

bool aims(const AttackRecord& record) { return record.goal != "untargeted"; }

double clean_share(const AttackRecord& r) { return aims(r) || r.min_confidence > 0 ? 1 : r.clean_accuracy; }

bool in_levels(double epsilon) { return levels_text(epsilon).size() < fmt::format("{}", epsilon).size(); }

std::string epsilon_text(double epsilon) { return in_levels(epsilon) ? levels_text(epsilon) : fmt::format("{:.4g}", epsilon); }

std::vector<std::string> attack_names(std::span<const AttackRecord> records) {
  std::vector<std::string> names;
  std::map<std::string, int> times, so_far;
  for (const AttackRecord& r : records) ++times[names.emplace_back(attack_name(r))];
  for (size_t i = 0; i < names.size(); ++i)
    if (times[names[i]] > 1) {
      const std::string& images = records[i].data.images;
      names[i] += fmt::format(", {} images{}", records[i].total, images.empty() ? "" : fmt::format(" ({})", images));
    }
  times.clear();
  for (const std::string& name : names) ++times[name];
  for (std::string& name : names)
    if (const std::string alike = name; times[alike] > 1) name += fmt::format(" ({})", ++so_far[alike]);
  return names;
}

std::string attack_name(const AttackRecord& record) {
  return fmt::format("{}{}{}{}", record.attack, aims(record) ? " to " + record.goal : "",
                     record.source.empty() ? "" : " from " + record.source, record.independent ? ", independent" : "");
}

AttackPairs attack_pair_table(const AttackRecord& record) {
  AttackPairs pairs;
  const auto place = [](std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<size_t>(found - names.begin());
    names.push_back(name);
    return names.size() - 1;
  };
  const auto is_there = [&](const std::string& name, std::string AttackPair::*side) {
    return std::any_of(record.pairs.begin(), record.pairs.end(), [&](const AttackPair& p) { return p.*side == name; });
  };
  for (const AttackClass& c : record.classes) {
    if (is_there(c.name, &AttackPair::from)) place(pairs.from, c.name);
    if (is_there(c.name, &AttackPair::to)) place(pairs.to, c.name);
  }
  for (const AttackPair& p : record.pairs) {
    place(pairs.from, p.from);
    place(pairs.to, p.to);
  }
  pairs.cells.assign(pairs.from.size(), std::vector<const AttackPair*>(pairs.to.size()));
  for (const AttackPair& p : record.pairs) pairs.cells[place(pairs.from, p.from)][place(pairs.to, p.to)] = &p;
  return pairs;
}

}  // namespace convscope
