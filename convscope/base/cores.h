#pragma once

#include <functional>
#include <optional>
#include <string>

namespace convscope {

/**
 * Which cores this process may use: a container often sees all cores of its machine and gets the time of a few.
 * Non-goals: load by others; limits that change while a program runs.
 */
struct Cores {
  int machine = 1;              // that are there
  int allowed = 1;              // that the process may run on: taskset, a cgroup's cpuset
  std::optional<double> quota;  // processor seconds a second that its cgroups give it; nothing: no limit

  /** How many threads can run all the time: with a part of a core more, all would stand still for the rest of each period. */
  int free() const;
};
Cores cores();
/** Those that the scheduler may put a process on, 0: this one; 0 where the system does not tell. */
int allowed_cores(int process = 0);

/** The text of a file, "" where it cannot be read. */
using TextOf = std::function<std::string(const std::string& path)>;
std::string text_of_file(const std::string& path);

/**
 * The least quota of the process's cgroup and of all that this one lies in:
 *
 *   version 2  /sys/fs/cgroup/PATH/cpu.max                                            "150000 100000", µs of each period; "max": no limit
 *   version 1  /sys/fs/cgroup/cpu/PATH/cpu.cfs_quota_us, beside it cpu.cfs_period_us  -1: no limit
 *
 * PATH stands in /proc/self/cgroup; a container may see it from outside, where the folder is not there for itself and its root is its own.
 */
std::optional<double> cpu_quota(const TextOf& text_of);

}  // namespace convscope
