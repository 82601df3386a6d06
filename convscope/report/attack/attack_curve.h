#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "convscope/report/draw/line_plot.h"
#include "convscope/results/attack_record.h"

namespace convscope {

/** Of ε; `automatic` is logarithmic where they span at least two decades. Zero has no place there, so it is off the plot. */
enum class EpsilonScale { automatic, linear, logarithmic };

/** A panel and its axis of ε. */
struct AttackPanel {
  PlotPanel panel;
  Axis epsilons;
};

/**
 * What is left of the accuracy within each ε, a line an attack; of attacks that aim at classes, how many reach them. Distances in different
 * norms cannot be compared, so each norm has a panel of its own, and so have attacks with and without an aim. One attack alone is shown
 * with its pictures as 8 bits hold them and with the top 5; of several the thin lines are the 8-bit pictures. Attacks without an ε have no
 * curve: there may be no panel.
 */
std::vector<AttackPanel> attack_panels(std::span<const AttackRecord> records, EpsilonScale scale = EpsilonScale::automatic);

/** An attack that shares its panel with others, and what its line is called and looks like. */
struct AttackLine {
  const AttackRecord* record;
  std::string name;
  Colour colour;
  bool named = true;  // by its end label; else a legend does it
};

/** The same attack on several networks, or several attacks on one: at least one line, all with a curve, in the same norm, with an aim or
 * all without. */
AttackPanel attack_panel(std::span<const AttackLine> lines, EpsilonScale scale = EpsilonScale::automatic);

/** How an ε is told that is a point of these curves. */
std::vector<std::pair<double, std::string>> epsilon_names(std::span<const AttackRecord* const> records);

/** All panels side by side under the network's name; the records give at least one. */
Figure attack_curve(std::span<const AttackRecord> records, EpsilonScale scale = EpsilonScale::automatic);

/** All points of all records, a line each. */
std::string attack_curve_csv(std::span<const AttackRecord> records);

/** `robustness-curve.svg`, `.png` and `.csv` in the folder; without a panel the table alone. */
void write_attack_curve(const Path& folder, std::span<const AttackRecord> records, EpsilonScale scale = EpsilonScale::automatic);

}  // namespace convscope
