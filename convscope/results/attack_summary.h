#pragma once

#include <span>
#include <string>
#include <vector>

#include "convscope/results/attack_record.h"

namespace convscope {

/** Whether the attack aims at classes; else any wrong one will do. */
bool aims(const AttackRecord& record);

/** Without an attack, the share of the images that the curve counts that are right: those that aim take only images that are. */
double clean_share(const AttackRecord& record);

/** Whether ε was asked for in levels of 8 bits: as 8/255, or 2.5/255, it is shorter than as the number, and 0.2 is not. */
bool in_levels(double epsilon);
/** "8/255" where it was asked for so, else "0.01". */
std::string epsilon_text(double epsilon);

/** "pgd,steps=10 to cat from frog": the attack, where it aims, and whose images it takes. */
std::string attack_name(const AttackRecord& record);
/** Names of several, told apart where they would be the same: by images and how many, else by their place among them. */
std::vector<std::string> attack_names(std::span<const AttackRecord> records);

/** Pairs of classes as a table: a row for each class that images were of, a column for each that was aimed at or reached. */
struct AttackPairs {
  std::vector<std::string> from, to;
  std::vector<std::vector<const AttackPair*>> cells;  // [from][to]; null: no such pair
};

/** In the order of the record's classes. The record outlives it. */
AttackPairs attack_pair_table(const AttackRecord& record);

}  // namespace convscope
