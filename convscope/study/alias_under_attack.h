#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/base/table.h"
#include "convscope/data/dataset.h"
#include "convscope/results/aliasing_curve.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** The study's sweep: 100 steps from the image, each 2.5 ε / 100 long, all images at each ε. */
struct UnderAttackOptions {
  Choice attack = parse_choice("pgd,steps=100,reach=2.5,random_start=false");
  std::vector<double> epsilons = {0, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05};  // ascending
  std::string network = {}, data = {};                                           // what people call them
  uint64_t seed = 1;
  std::function<void(const AliasingCurvePoint& point)> done = {};
  std::function<bool()> stop = {};
};

/**
 * Attacks images within each ε and looks at the aliasing of the pictures that come out. After each ε `folder`/aliasing/curve.json holds a
 * point more, and each picture's numbers lie in aliasing/under-attack/EPSILON/aliasing/; a sweep that was stopped goes on behind its last
 * point.
 */
AliasingCurve alias_under_attack(const Path& folder, Subject& subject, const Dataset& data, std::span<const int64_t> indices,
                                 const UnderAttackOptions& options);

}  // namespace convscope
