#pragma once

#include <functional>
#include <vector>

#include "convscope/api/alias.h"
#include "convscope/base/table.h"
#include "convscope/results/aliasing_curve.h"

namespace convscope {

/** The published sweep: 100 steps from the image, each 2.5 ε / 100 long, all images at each ε. */
struct UnderAttackOptions {
  Choice attack = parse_choice("pgd,steps=100,reach=2.5,random_start=false");
  std::vector<double> epsilons = {0, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05};  // ascending
  AliasOptions look = {.maps = 0};                                               // at what comes out; its batch is the attack's too
  std::function<void(const AliasingCurvePoint& point)> done = {};
};

/** An error where the options make no sense; said before anything is read. */
void check_under_attack(const UnderAttackOptions& options);

/**
 * Attacks images within each ε and looks at the aliasing of the pictures that come out. `place` is the folder in which `alias` left what it
 * found of the images as they are: after each ε its curve.json holds a point more, and each picture's numbers lie in its
 * under-attack/EPSILON/. A sweep that was stopped goes on behind its last point.
 */
AliasingCurve alias_under_attack(const Path& place, const Network& network, const Pictures& pictures, const UnderAttackOptions& options,
                                 const Setting& setting);

}  // namespace convscope
