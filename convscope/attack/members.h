#pragma once

/** What members of the family share. */

#include "convscope/attack/attack.h"

namespace convscope {

/** So many classes are told apart in the names of random streams. */
inline constexpr int64_t kMostClassesAimedAt = int64_t{1} << 24;

/** An error where a count is not from 1 to a million. */
void require_count(int64_t count, std::string_view whose, std::string_view what);

/**
 * Classes that a walk goes towards, one after the other: its goal; without one the `count` likeliest ones of its image but its own, or with
 * 0 its own class alone, which stands for all others.
 */
std::vector<int64_t> aims_of(const Walk& walk, int64_t count);

/** The boundary that lies before a class: the label's, or where the class is the goal that of whichever other class leads at the last
 * answer. */
ClassPair boundary_before(const Walk& walk, int64_t target);

/** The value of what a member climbs, from the walk's last logits. */
double climbed(const Walk& walk, Objective::Of of, ClassPair classes);

/** By a random direction to the surface of the ball: signs and sizes drawn for each pixel, the largest as long as ε (linf), or all (l2). */
void go_to_the_surface(Walk& walk, Norm norm, int64_t number);

/** One step along the slope's signs (linf), or along the slope, that long (l2). */
void move_along(Walk& walk, std::span<const float> up, Norm norm, double length);

}  // namespace convscope
