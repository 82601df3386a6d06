#include "convscope/base/cores.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <thread>

#include "convscope/base/file.h"
#include "convscope/base/split.h"

namespace convscope {

namespace {

/** A quota and its period, in µs, as cores; nothing where there is no limit. */
std::optional<double> cores_of(std::string_view quota, std::string_view period) {
  double of = 0, each = 0;
  if (!(std::istringstream(std::string(quota)) >> of) || !(std::istringstream(std::string(period)) >> each)) return std::nullopt;
  if (of <= 0 || each <= 0) return std::nullopt;
  return of / each;
}

/** The least of a group and of all above it; `of` tells a folder's. */
std::optional<double> least_upwards(const std::string& root, Path group, const std::function<std::optional<double>(std::string)>& of) {
  std::optional<double> least;
  for (;; group = group.parent_path()) {
    const Path above = group.parent_path();
    if (const auto quota = of(above == group ? root : root + group.string())) least = std::min(*quota, least.value_or(*quota));
    if (above == group) return least;
  }
}

std::optional<double> least_of(std::optional<double> a, std::optional<double> b) { return a && b ? std::min(*a, *b) : a ? a : b; }

}  // namespace

int allowed_cores(int process) {
  constexpr size_t kMostCores = size_t{1} << 16;
  for (size_t count = CPU_SETSIZE; count <= kMostCores; count *= 2) {  // too small a set is an error
    cpu_set_t* set = CPU_ALLOC(count);
    const size_t bytes = CPU_ALLOC_SIZE(count);
    const int found = set && sched_getaffinity(process, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (found > 0) return found;
  }
  return 0;
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int Cores::free() const { return std::max(1, quota && *quota < allowed ? static_cast<int>(*quota) : allowed); }

std::optional<double> cpu_quota(const TextOf& text_of) {
  const auto version_2 = [&](const std::string& folder) {
    const std::string text = text_of(folder + "/cpu.max");
    const size_t blank = text.find(' ');
    return blank == std::string::npos ? std::nullopt : cores_of(text.substr(0, blank), text.substr(blank));
  };
  const auto version_1 = [&](const std::string& folder) {
    return cores_of(text_of(folder + "/cpu.cfs_quota_us"), text_of(folder + "/cpu.cfs_period_us"));
  };
  std::optional<double> least;
  std::istringstream groups(text_of("/proc/self/cgroup"));
  for (std::string line; std::getline(groups, line);) {  // "0::/PATH", or "4:cpu,cpuacct:/PATH"
    const size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (controllers.empty()) least = least_of(least, least_upwards("/sys/fs/cgroup", path, version_2));
    for (const std::string_view controller : split(std::string_view(controllers), ','))
      if (controller == "cpu") least = least_of(least, least_upwards("/sys/fs/cgroup/cpu", path, version_1));
  }
  return least;
}

Cores cores() {
  Cores all;
  all.machine = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const int allowed = allowed_cores();
  all.allowed = allowed > 0 ? allowed : all.machine;
  all.quota = cpu_quota(text_of_file);
  return all;
}

}  // namespace convscope
