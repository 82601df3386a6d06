#pragma once

#include <span>
#include <string>
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

/** A panel as a figure without a title, as wide as a page's column. */
Figure attack_panel_figure(const AttackPanel& panel);
/** Where its lines are. */
Box attack_panel_area(const AttackPanel& panel);

/** All panels side by side under the network's name; the records give at least one. */
Figure attack_curve(std::span<const AttackRecord> records, EpsilonScale scale = EpsilonScale::automatic);

/** All points of all records, a line each. */
std::string attack_curve_csv(std::span<const AttackRecord> records);

/** `robustness-curve.svg`, `.png` and `.csv` in the folder; without a panel the table alone. */
void write_attack_curve(const Path& folder, std::span<const AttackRecord> records, EpsilonScale scale = EpsilonScale::automatic);

}  // namespace convscope
