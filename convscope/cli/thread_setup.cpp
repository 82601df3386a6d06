#include "convscope/cli/thread_setup.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>

#include "convscope/base/timer.h"

namespace convscope {

namespace {

/** What libgomp does while it waits. */
void pause_once() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  asm volatile("" ::: "memory");
#endif
}

}  // namespace

ThreadChoice threads_for(int64_t wanted, const Cores& cores) {
  // More threads than cores would wait for each other at every step.
  if (wanted > cores.machine)
    return {cores.machine, fmt::format("--threads {}: this machine has {} cores; so many threads are used\n", wanted, cores.machine)};
  if (wanted > 0) return {static_cast<int>(wanted), ""};
  const int free = cores.free();
  if (free == cores.allowed) return {free, ""};
  return {free,
          fmt::format("{} of {} cores are used: a quota of its control group gives the program {:.3g}; --threads says another count\n",
                      free, cores.allowed, *cores.quota)};
}

Cores cores_of_a_rank(Cores cores, int on_machine, int of_launcher) {
  const int of_all = of_launcher > 0 ? std::min(of_launcher, cores.machine) : cores.machine;
  cores.allowed = std::max(1, std::min(cores.allowed, of_all / std::max(1, on_machine)));
  if (cores.quota) *cores.quota /= std::max(1, on_machine);
  return cores;
}

int64_t turns_awake(double microseconds) {
  constexpr int64_t kTurns = 200, kTries = 5;  // the shortest try is one that nobody interrupted
  double shortest = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < kTries; ++i) {
    const Timer timer;
    for (int64_t turn = 0; turn < kTurns; ++turn) pause_once();
    shortest = std::min(shortest, timer.seconds());
  }
  constexpr double kFewest = 100, kMost = 1e6;
  return std::llround(std::clamp(microseconds * 1e-6 * kTurns / shortest, kFewest, kMost));
}

void begin_with_short_waits(char** words) {
  constexpr const char* kTurns = "GOMP_SPINCOUNT";
  if (std::getenv(kTurns) || std::getenv("OMP_WAIT_POLICY")) return;
  std::error_code unknown;
  // By its own name, not as /proc/self/exe: `ps` and `top` go on calling it what it is called.
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (unknown || setenv(kTurns, std::to_string(turns_awake(kAwakeMicroseconds)).c_str(), 0) != 0) return;
  execv(program.c_str(), words);
  unsetenv(kTurns);
}

}  // namespace convscope
