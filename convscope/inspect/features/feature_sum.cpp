#include "convscope/inspect/features/feature_sum.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

constexpr std::string_view kVariation = "tv";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/** Without a batch. */
Shape shape_of(const Graph& graph, std::string_view node) { return Shape(graph.shape(graph.at(node)).extents().subspan(1)); }

void require_drivable(std::string_view text, std::string_view node, const Shape& shape) {
  require(shape.rank() == 1 || shape.rank() == 3, "`objective` '{}': node '{}' gives {}; [C, H, W] or [F] was wanted", text, node, shape);
}

/** "relu6:3:0:4" → "relu6" and its numbers, from behind. */
std::pair<std::string_view, std::vector<int64_t>> split_place(std::string_view text) {
  std::vector<int64_t> places;
  while (places.size() < 3) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) break;
    const auto place = value_of<int64_t>(text.substr(colon + 1));
    if (!place) break;
    places.insert(places.begin(), *place);
    text = text.substr(0, colon);
  }
  return {text, places};
}

FeatureTerm direction_term(std::string_view text, std::string_view node, const std::string& file, const Graph& graph) {
  FeatureTerm term{.of = FeatureTerm::Of::direction, .node = require_layer(graph, node)};
  const Shape shape = shape_of(graph, term.node);
  require_drivable(text, term.node, shape);
  const Tensor direction = read_npy(file);
  require(direction.size() == shape[0], "`objective` '{}': {} has {} numbers, node '{}' has {} channels", text, file, direction.size(),
          term.node, shape[0]);
  require(all_finite(direction.span()) && max_abs(direction.span()) > 0, "`objective` '{}': {} is no direction: it is 0, or not finite",
          text, file);
  term.direction.assign(direction.span().begin(), direction.span().end());
  return term;
}

/** A term without its factor. */
FeatureTerm named_term(std::string_view text, const Graph& graph) {
  if (text == kVariation && !graph.find(text)) return {.of = FeatureTerm::Of::variation};
  if (const size_t at = text.find('@'); at != std::string_view::npos && at > 0)
    return direction_term(text, text.substr(0, at), std::string(text.substr(at + 1)), graph);
  if (graph.find(text) && text.rfind(':') == std::string_view::npos) {
    const FeatureTerm term{.of = FeatureTerm::Of::layer, .node = require_layer(graph, text)};
    require_drivable(text, term.node, shape_of(graph, term.node));
    return term;
  }
  const auto [node, places] = split_place(text);
  FeatureTerm term{.of = places.empty() ? FeatureTerm::Of::layer : FeatureTerm::Of::channel, .node = require_layer(graph, node)};
  const Shape shape = shape_of(graph, term.node);
  require_drivable(text, term.node, shape);
  require(places.size() <= 1 || (places.size() == 3 && shape.rank() == 3),
          "`objective` '{}': node '{}' gives {}; NODE, NODE:CHANNEL{} was wanted", text, term.node, shape,
          shape.rank() == 3 ? " or NODE:CHANNEL:ROW:COLUMN" : "");
  for (size_t axis = 0; axis < places.size(); ++axis)
    require(places[axis] >= 0 && places[axis] < shape[static_cast<int>(axis)], "`objective` '{}': node '{}' gives {}, {} is outside", text,
            term.node, shape, places[axis]);
  if (!places.empty()) term.channel = places[0];
  if (places.size() == 3) {
    term.of = FeatureTerm::Of::position;
    term.row = places[1];
    term.column = places[2];
  }
  return term;
}

FeatureSum parse_sum(std::string_view text, const Graph& graph) {
  FeatureSum sum{std::string(text), {}};
  double sign = 1;
  bool wanted = true;  // a term is to come
  for (std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (word == "+" || word == "-") {
      require(!wanted || sum.terms.empty(), "`objective` '{}': a term was wanted before '{}'", text, word);
      sign = word == "-" ? -1 : 1;
      wanted = true;
      continue;
    }
    require(wanted, "`objective` '{}': + or - was wanted before '{}', with spaces around it", text, word);
    if (word.starts_with('-') && sum.terms.empty()) {
      sign = -sign;
      word.remove_prefix(1);
    }
    double factor = 1;
    if (const size_t star = word.find('*'); star != std::string_view::npos)
      if (const auto number = value_of<double>(word.substr(0, star))) {
        factor = *number;
        word.remove_prefix(star + 1);
      }
    sum.terms.push_back(named_term(word, graph));
    sum.terms.back().factor = sign * factor;
    sign = 1;
    wanted = false;
  }
  require(!wanted, "`objective` '{}': a term was wanted at its end", text);
  require(std::any_of(sum.terms.begin(), sum.terms.end(), [](const FeatureTerm& t) { return !t.node.empty(); }),
          "`objective` '{}': a term of the network was wanted", text);
  return sum;
}

double norm(std::span<const double> v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

/** Mean over positions of ⟨a, v⟩ max(0.1, cos)^power; cos with 1e-4 beside the lengths. */
double along(const FeatureTerm& term, int64_t places, std::span<const float> a, double power, double factor, std::span<float> seeds) {
  constexpr double kLeastCosine = 0.1, kBeside = 1e-4;
  const size_t channels = term.direction.size(), count = static_cast<size_t>(places);
  const std::vector<double> v(term.direction.begin(), term.direction.end());
  const double length = norm(v);
  std::vector<double> at(channels);
  double total = 0;
  for (size_t p = 0; p < count; ++p) {
    double product = 0;
    for (size_t c = 0; c < channels; ++c) product += v[c] * (at[c] = a[c * count + p]);
    const double own = norm(at), both = own * length + kBeside, cosine = product / both, least = std::max(kLeastCosine, cosine);
    const double weight = std::pow(least, power);
    total += product * weight;
    if (seeds.empty()) continue;
    // ∂ of the cosine, where it counts: v / both − product · |v| a / (|a| both²).
    const double turning = cosine > kLeastCosine ? product * power * std::pow(least, power - 1) : 0;
    const double back = own > 0 ? product * length / (own * both * both) : 0;
    for (size_t c = 0; c < channels; ++c)
      seeds[c * count + p] +=
          static_cast<float>(factor / static_cast<double>(count) * (weight * v[c] + turning * (v[c] / both - back * at[c])));
  }
  return total / static_cast<double>(count);
}

}  // namespace

std::vector<FeatureSum> parse_feature_sums(std::string_view text, const Graph& graph) {
  std::vector<FeatureSum> sums;
  for (const std::string_view part : split(text, ';'))
    if (const std::string_view own = trimmed(part); !own.empty()) sums.push_back(parse_sum(own, graph));
  require(!sums.empty(), "`objective` '{}': a term was wanted, as relu3:5", text);
  return sums;
}

std::vector<std::string> nodes_of(std::span<const FeatureSum> sums) {
  std::vector<std::string> nodes;
  for (const FeatureSum& sum : sums)
    for (const FeatureTerm& term : sum.terms)
      if (!term.node.empty() && std::find(nodes.begin(), nodes.end(), term.node) == nodes.end()) nodes.push_back(term.node);
  return nodes;
}

double term_of_node(const FeatureTerm& term, const Shape& shape, std::span<const float> a, double power, double factor,
                    std::span<float> seeds) {
  const int64_t places = shape.rank() == 3 ? shape[1] * shape[2] : 1;
  switch (term.of) {
    case FeatureTerm::Of::channel: {
      double sum = 0;
      for (int64_t i = term.channel * places; i < (term.channel + 1) * places; ++i) {
        sum += a[static_cast<size_t>(i)];
        if (!seeds.empty()) seeds[static_cast<size_t>(i)] += static_cast<float>(factor / static_cast<double>(places));
      }
      return sum / static_cast<double>(places);
    }
    case FeatureTerm::Of::position: {
      const auto i = static_cast<size_t>((term.channel * shape[1] + term.row) * shape[2] + term.column);
      if (!seeds.empty()) seeds[i] += static_cast<float>(factor);
      return a[i];
    }
    case FeatureTerm::Of::layer: {
      double sum = 0;
      const double count = static_cast<double>(a.size());
      for (size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<double>(a[i]) * a[i];
        if (!seeds.empty()) seeds[i] += static_cast<float>(factor * 2 * a[i] / count);
      }
      return sum / count;
    }
    case FeatureTerm::Of::direction:
      return along(term, places, a, power, factor, seeds);
    case FeatureTerm::Of::variation:
      break;
  }
  return 0;
}

double total_variation(std::span<const float> picture, const Shape& image, double factor, std::span<float> slope) {
  const int64_t rows = image[1], columns = image[2];
  double sum = 0;
  const auto pair = [&](int64_t a, int64_t b) {
    const double apart = static_cast<double>(picture[static_cast<size_t>(b)]) - picture[static_cast<size_t>(a)];
    sum += std::abs(apart);
    if (slope.empty() || apart == 0) return;
    const float g = static_cast<float>(apart > 0 ? factor : -factor);
    slope[static_cast<size_t>(b)] += g;
    slope[static_cast<size_t>(a)] -= g;
  };
  for (int64_t c = 0; c < image[0]; ++c)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        const int64_t at = (c * rows + i) * columns + j;
        if (j + 1 < columns) pair(at, at + 1);
        if (i + 1 < rows) pair(at, at + columns);
      }
  return sum;
}

}  // namespace convscope
