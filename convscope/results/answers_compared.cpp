#include "convscope/results/answers_compared.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace convscope {

namespace {

using ByIndex = std::unordered_map<int64_t, const Answer*>;

ByIndex by_index(std::span<const Answer> answers) {
  ByIndex places;
  for (const Answer& a : answers) places.emplace(a.index, &a);
  return places;
}

const Answer* answer_to(const ByIndex& answers, int64_t index) {
  const auto found = answers.find(index);
  return found == answers.end() ? nullptr : found->second;
}

/** How even the votes are, and how sure those who gave them. */
std::pair<double, double> division(const Dispute& d) {
  const auto networks = static_cast<double>(d.answers.size());
  std::map<int64_t, double> votes;
  double sure = 0;
  for (const Answer& a : d.answers) {
    votes[a.predicted] += 1 / networks;
    sure += a.confidence / networks;
  }
  double alike = 0;
  for (const auto& [predicted, share] : votes) alike += share * share;
  return {1 - alike, sure};
}

bool same_opinion(const Dispute& d) {
  return std::all_of(d.answers.begin(), d.answers.end(), [&](const Answer& a) { return a.predicted == d.answers.front().predicted; });
}

}  // namespace

std::optional<PairedCounts> paired_counts(std::span<const Answer> first, std::span<const Answer> second) {
  const ByIndex others = by_index(second);
  PairedCounts counts;
  for (const Answer& a : first) {
    const Answer* b = answer_to(others, a.index);
    if (!b) continue;
    if (a.label != b->label) return std::nullopt;  // not the same images, whatever they are called
    ++counts.of(a.right(), b->right());
  }
  if (counts.total() == 0) return std::nullopt;
  return counts;
}

Disputes disputes_of(std::span<const std::vector<Answer>> networks, size_t most) {
  Disputes found;
  if (networks.empty()) return found;
  std::vector<ByIndex> others;
  for (const std::vector<Answer>& answers : networks.subspan(1)) others.push_back(by_index(answers));
  for (const Answer& a : networks.front()) {
    Dispute d{a.index, a.label, {a}};
    for (const ByIndex& answers : others)
      if (const Answer* b = answer_to(answers, a.index)) d.answers.push_back(*b);
    if (d.answers.size() < networks.size()) continue;
    ++found.asked;
    if (same_opinion(d)) continue;
    ++found.disputed;
    found.first.push_back(std::move(d));
  }
  std::stable_sort(found.first.begin(), found.first.end(), [](const Dispute& a, const Dispute& b) { return division(a) > division(b); });
  found.first.resize(std::min(most, found.first.size()));
  return found;
}

}  // namespace convscope
