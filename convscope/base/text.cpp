#include "convscope/base/text.h"

#include <algorithm>
#include <iterator>

#include "convscope/base/error.h"
#include "convscope/base/json.h"
#include "convscope/base/split.h"

namespace convscope {

std::optional<double> number_of(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return value_of<double>(text);
  const auto above = value_of<double>(text.substr(0, slash)), below = value_of<double>(text.substr(slash + 1));
  if (!above || !below || *below == 0) return std::nullopt;
  return *above / *below;
}

std::optional<double> share_of(std::string_view text) {
  const bool hundredths = text.ends_with('%');
  if (hundredths) text.remove_suffix(1);
  const auto share = value_of<double>(text);
  return share && hundredths ? *share / 100 : share;
}

std::vector<int64_t> parse_numbers(std::string_view text, int64_t count, std::string_view what) {
  constexpr int64_t kMostAtOnce = 100'000;
  std::vector<int64_t> numbers;
  for (const std::string_view part : split(text, ',')) {
    if (part.empty()) continue;
    const size_t dash = part.find('-', 1);
    const auto first = value_of<int64_t>(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : value_of<int64_t>(part.substr(dash + 1));
    require(first && last && *first <= *last, "{} '{}': numbers such as 0,1,7 or 0-15 were wanted", what, text);
    require(*first >= 0 && *last < count, "{} '{}': there are 0 to {}", what, part, count - 1);
    require(*last - *first < kMostAtOnce, "{} '{}': more than {} at once", what, part, kMostAtOnce);
    for (int64_t i = *first; i <= *last; ++i) numbers.push_back(i);
  }
  require(!numbers.empty(), "{} '{}': no number in it", what, text);
  return numbers;
}

std::string utf8_of(std::string_view bytes) {
  const std::string text(bytes);
  try {
    Json(text).dump();
    return text;
  } catch (const Json::exception&) {
  }
  std::string utf8;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xc0 | byte >> 6);
      utf8 += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return utf8;
}

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3 + (number < 0 ? 1u : 0u); i -= 3) digits.insert(i - 3, 1, ' ');
  return digits;
}

std::string bytes_text(int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes);
  size_t unit = 0;
  for (; std::abs(amount) >= 1024 && unit + 1 < std::size(kUnits); ++unit) amount /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  const int64_t s = std::llround(std::min(seconds, 1e9));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

}  // namespace convscope
