#include "convscope/models/architecture/expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "convscope/base/nearest.h"

namespace convscope {

namespace {

constexpr size_t kLongest = 200;        // letters: depth is bounded with them
constexpr double kLargestWhole = 1e15;  // numbers of which each whole one is itself
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view kDigits = "0123456789";

Json number(double v) {
  require(std::isfinite(v), "the result is not a finite number");
  if (v == std::floor(v) && std::abs(v) <= kLargestWhole) return Json(static_cast<int64_t>(v));
  return Json(v);
}

class Reader {
 public:
  Reader(std::string_view text, const Variables& known) : text_(text), known_(known) {}

  Json whole() {
    Json v = either();
    skip();
    require(at_ == text_.size(), "'{}' is more than was understood", text_.substr(at_));
    return v;
  }

 private:
  Json either() {
    Json v = both();
    while (word("or")) {
      const bool right = truth(both());
      v = truth(v) || right;
    }
    return v;
  }
  Json both() {
    Json v = negated();
    while (word("and")) {
      const bool right = truth(negated());
      v = truth(v) && right;
    }
    return v;
  }
  Json negated() {
    if (word("not")) return !truth(negated());
    return compared();
  }
  Json compared() {
    const Json a = sum();
    for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!mark(sign)) continue;
      const Json b = sum();
      if (sign == "==" || sign == "!=") return (a.is_number() && b.is_number() ? real(a) == real(b) : a == b) == (sign == "==");
      const double x = real(a), y = real(b);
      return sign == "<=" ? x <= y : sign == ">=" ? x >= y : sign == "<" ? x < y : x > y;
    }
    return a;
  }
  Json sum() {
    Json v = product();
    for (;;) {
      if (mark("+"))
        v = number(real(v) + real(product()));
      else if (mark("-"))
        v = number(real(v) - real(product()));
      else
        return v;
    }
  }
  Json product() {
    Json v = factor();
    for (;;) {
      if (mark("*")) {
        v = number(real(v) * real(factor()));
      } else if (mark("/")) {
        const double divisor = real(factor());
        require(divisor != 0, "a division by 0");
        v = number(real(v) / divisor);
      } else {
        return v;
      }
    }
  }
  Json factor() {
    if (mark("-")) return number(-real(factor()));
    if (mark("(")) {
      Json v = either();
      close();
      return v;
    }
    skip();
    require(at_ < text_.size(), "it ends where a number or a name was wanted");
    if (kDigits.find(text_[at_]) != std::string_view::npos || text_[at_] == '.') return literal();
    const std::string_view name = name_here();
    require(!name.empty(), "'{}' is no number and no name", text_.substr(at_));
    at_ += name.size();
    if (mark("(")) return called(name);
    if (name == "true" || name == "false") return name == "true";
    const auto found = known_.find(name);
    if (found == known_.end()) {
      std::vector<std::string> names;
      for (const auto& [other, v] : known_) names.push_back(other);
      fail("no option '{}'{}", name, known_names(name, names));
    }
    return found->second;
  }
  Json literal() {
    const std::string_view rest = text_.substr(at_);
    double v = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), v);
    require(error == std::errc(), "'{}' is no number", rest);
    at_ += static_cast<size_t>(end - rest.data());
    return number(v);
  }
  Json called(std::string_view name) {
    std::vector<Json> arguments;
    do arguments.push_back(either());
    while (mark(","));
    close();
    if (name == "where" && arguments.size() == 3) return truth(arguments[0]) ? arguments[1] : arguments[2];
    std::vector<double> given;
    for (const Json& a : arguments) given.push_back(real(a));
    if (name == "floor" && given.size() == 1) return number(std::floor(given[0]));
    if (name == "min" && given.size() == 2) return number(std::min(given[0], given[1]));
    if (name == "max" && given.size() == 2) return number(std::max(given[0], given[1]));
    fail("{}(…) of {} values; known: floor(a), min(a, b), max(a, b), where(c, a, b)", name, given.size());
  }

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool mark(std::string_view sign) {
    skip();
    if (text_.substr(at_, sign.size()) != sign) return false;
    at_ += sign.size();
    return true;
  }
  std::string_view name_here() {
    skip();
    size_t end = at_;
    while (end < text_.size() &&
           (kLetters.find(text_[end]) != std::string_view::npos || (end > at_ && kDigits.find(text_[end]) != std::string_view::npos)))
      ++end;
    return text_.substr(at_, end - at_);
  }
  bool word(std::string_view wanted) {
    if (name_here() != wanted) return false;
    at_ += wanted.size();
    return true;
  }
  void close() { require(mark(")"), "a bracket is opened and not closed"); }

  static double real(const Json& v) {
    require(v.is_number(), "{} is no number", shown(v));
    return v.get<double>();
  }
  static bool truth(const Json& v) {
    require(v.is_boolean(), "{} is neither true nor false", shown(v));
    return v.get<bool>();
  }

  std::string_view text_;
  const Variables& known_;
  size_t at_ = 0;
};

}  // namespace

Json value_of_expression(std::string_view text, const Variables& known) {
  require(text.size() <= kLongest, "a formula of {} letters; at most {} are read", text.size(), kLongest);
  try {
    return Reader(text, known).whole();
  } catch (const Error& e) {
    fail("{}: {}", shown(Json("=" + std::string(text))), e.what());
  }
}

Json with_values(const Json& j, const Variables& known) {
  if (j.is_string() && j.get_ref<const std::string&>().starts_with('='))
    return value_of_expression(std::string_view(j.get_ref<const std::string&>()).substr(1), known);
  if (!j.is_array()) return j;
  Json list = json_list();
  for (const Json& item : j) list.push_back(with_values(item, known));
  return list;
}

}  // namespace convscope
