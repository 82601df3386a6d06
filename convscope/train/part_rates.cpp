#include "convscope/train/part_rates.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/models/new_head.h"

namespace convscope {

namespace {
constexpr std::string_view kHead = "head";
}

std::vector<PartRate> parse_part_rates(std::string_view text) {
  std::vector<PartRate> all;
  if (text.empty()) return all;
  for (const std::string_view part : split(text, '+')) {
    const size_t equals = part.rfind('=');
    const auto factor = equals == std::string_view::npos ? std::nullopt : value_of<double>(part.substr(equals + 1));
    require(factor && *factor >= 0 && std::isfinite(*factor) && equals > 0,
            "`rates` '{}': PATTERN=FACTOR was wanted, with + between: head=1+*=0.1", part);
    all.push_back({std::string(part.substr(0, equals)), *factor});
  }
  return all;
}

bool fits(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, behind = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      behind = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {  // the last * takes one letter more
      p = star + 1;
      n = ++behind;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<SlowRange> slow_ranges(const std::vector<PartRate>& rates, const Graph& network, std::span<const Weights::Entry> entries) {
  std::vector<SlowRange> all;
  if (rates.empty()) return all;
  const bool asked = std::any_of(rates.begin(), rates.end(), [](const PartRate& rate) { return rate.pattern == kHead; });
  const Head head = asked ? head_of(network) : Head{};
  std::vector<bool> used(rates.size(), false);
  for (const Weights::Entry& e : entries) {
    if (!e.trained) continue;
    for (size_t i = 0; i < rates.size(); ++i) {
      if (rates[i].pattern == kHead ? !head.has(e.name) : !fits(rates[i].pattern, e.name)) continue;
      used[i] = true;
      if (rates[i].factor != 1) all.push_back({e.offset, e.floats, static_cast<float>(rates[i].factor)});
      break;
    }
  }
  for (size_t i = 0; i < rates.size(); ++i)
    require(used[i], "`rates` '{}': no trained parameter is called so, or an earlier pattern fits all that are", rates[i].pattern);
  return all;
}

}  // namespace convscope
