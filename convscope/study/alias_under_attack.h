#pragma once

#include <functional>
#include <vector>

#include "convscope/api/pictures.h"
#include "convscope/base/table.h"
#include "convscope/results/aliasing_curve.h"

namespace convscope {

/** The study's sweep: 100 steps from the image, each 2.5 ε / 100 long, all images at each ε. */
struct UnderAttackOptions {
  Choice attack = parse_choice("pgd,steps=100,reach=2.5,random_start=false");
  std::vector<double> epsilons = {0, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05};  // ascending
  int64_t batch = 0;                                                             // images at once; 0: as suits
  std::function<void(const AliasingCurvePoint& point)> done = {};
};

/**
 * Attacks images within each ε and looks at the aliasing of the pictures that come out. After each ε `folder`/aliasing/curve.json holds a
 * point more, and each picture's numbers lie in aliasing/under-attack/EPSILON/aliasing/; a sweep that was stopped goes on behind its last
 * point.
 */
AliasingCurve alias_under_attack(const Path& folder, const Network& network, const Pictures& pictures, const UnderAttackOptions& options,
                                 const Setting& setting);

}  // namespace convscope
