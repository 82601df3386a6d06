#pragma once

#include <cstdint>
#include <string>

#include "convscope/base/cores.h"

namespace convscope {

/** How many threads compute, and a line for people where these are not as many as they may think; else "". */
struct ThreadChoice {
  int count = 1;
  std::string told;
};
/**
 * For `--threads wanted`; 0: all cores that are free. Who says a number gets it, up to the cores of the machine: results depend on it, and
 * a limit that comes and goes must not change them.
 */
ThreadChoice threads_for(int64_t wanted, const Cores& cores);

/**
 * What so many ranks on this machine leave for one: the cores that it was bound to, or its part of those that its launcher has, which may
 * be fewer than the machine's; 0: nobody knows how many.
 */
Cores cores_of_a_rank(Cores cores, int on_machine, int of_launcher);

/** How long a thread that waits for others stays awake before it sleeps. */
inline constexpr double kAwakeMicroseconds = 80;

/**
 * Lets threads that wait for each other sleep soon, unless the user has said how they are to wait (OMP_WAIT_POLICY, GOMP_SPINCOUNT).
 *
 * libgomp's wait awake for milliseconds, which is right where they have the machine for themselves; where two programs share the cores,
 * each waits awake for threads that the other one keeps from running. It reads how long in a constructor that is over before ours, also
 * before .preinit_array could have changed the environment (glibc sets that anew). So the program says it in its environment and begins
 * again, once: the variable that it sets is the one that tells it not to. Where it cannot, nothing is lost.
 *
 * `words` are those of `main`; nothing may have been read or printed.
 */
void begin_with_short_waits(char** words);

/** How many turns of libgomp's waiting loop last about so long here: a pause takes from a few to two hundred cycles. */
int64_t turns_awake(double microseconds);

}  // namespace convscope
