#include "convscope/train/normalization.h"

#include <charconv>
#include <cmath>

#include "convscope/base/join.h"
#include "convscope/base/split.h"

namespace convscope {

namespace {

struct Known {
  std::string name;
  Normalization values;
};
const std::vector<Known>& known() {
  static const std::vector<Known> all{
      {"none", {}},
      {"cifar10", {{.4914, .4822, .4465}, {.2470, .2435, .2616}}},
      {"imagenet", {{.485, .456, .406}, {.229, .224, .225}}},
      {"fashion-mnist", {{.2860}, {.3530}}},
  };
  return all;
}

std::vector<double> numbers(std::string_view list, std::string_view whole) {
  std::vector<double> all;
  for (const std::string_view part : split(list, ',')) {
    double value = 0;
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    require(error == std::errc() && stop == part.data() + part.size() && std::isfinite(value), "`normalize` '{}': '{}' is no number", whole,
            part);
    all.push_back(value);
  }
  return all;
}

}  // namespace

Normalization parse_normalization(std::string_view text) {
  std::vector<std::string> names;
  for (const Known& k : known()) {
    if (k.name == text) return k.values;
    names.push_back(k.name);
  }
  const size_t slash = text.find('/');
  require(slash != std::string_view::npos, "`normalize` '{}' is neither MEAN/STD nor a known name{}", text, known_names(text, names));
  Normalization n{numbers(text.substr(0, slash), text), numbers(text.substr(slash + 1), text)};
  // One number is for all channels.
  if (n.mean.size() == 1) n.mean.resize(n.std.size(), n.mean.front());
  if (n.std.size() == 1) n.std.resize(n.mean.size(), n.std.front());
  require(n.mean.size() == n.std.size(), "`normalize` '{}': {} means and {} deviations", text, n.mean.size(), n.std.size());
  for (const double s : n.std) require(s > 0, "`normalize` '{}': a deviation of {}", text, s);
  return n;
}

std::string name_of(const Normalization& normalization) {
  for (const Known& k : known())
    if (k.values.mean == normalization.mean && k.values.std == normalization.std) return k.name;
  return fmt::format("{}/{}", join(normalization.mean, ","), join(normalization.std, ","));
}

}  // namespace convscope
