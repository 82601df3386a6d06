#pragma once

#include <optional>
#include <string>
#include <vector>

#include "convscope/report/draw/figure.h"
#include "convscope/results/attack_record.h"

namespace convscope {

/** Pairs of classes as a table: a row for each class that images were of, a column for each that was aimed at or reached. */
struct AttackPairs {
  std::vector<std::string> from, to;
  std::vector<std::vector<const AttackPair*>> cells;  // [from][to]; null: no such pair
};

/** In the order of the record's classes. The record outlives it. */
AttackPairs attack_pair_table(const AttackRecord& record);

/**
 * How often images of one class were turned into another, as a heat map with percentages; nothing where there are no pairs, or so many
 * classes that a cell could not be read. Where the attack has no aim a row's rest are images that stayed right.
 */
std::optional<Figure> attack_pairs(const AttackRecord& record, bool titled = true);

}  // namespace convscope
