#pragma once

#include <optional>

#include "convscope/graph/graph.h"

namespace convscope {

/** Rows or columns first … last of the picture; those outside of it are padding. */
struct Reach {
  int64_t first = 0, last = 0;
  bool operator==(const Reach&) const = default;
};

/**
 * Which pixels a position of a node can depend on: position i sees rows `step` i + `before` to `step` i + `behind`, and columns alike.
 * Where branches meet, the widest counts. Nothing for a node that sees the whole picture from everywhere (behind a flatten or a global
 * mean).
 */
struct ReceptiveField {
  int64_t step = 1, before = 0, behind = 0;

  Reach at(int64_t position) const { return {step * position + before, step * position + behind}; }
  bool operator==(const ReceptiveField&) const = default;
};
std::optional<ReceptiveField> receptive_field(const Graph& graph, std::string_view node);

}  // namespace convscope
