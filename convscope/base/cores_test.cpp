#include "convscope/base/cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <map>
#include <thread>

namespace convscope {
namespace {

/** The quota of a system whose files are these. */
std::optional<double> quota_of(const std::map<std::string, std::string>& files) {
  return cpu_quota([&](const std::string& path) {
    const auto at = files.find(path);
    return at == files.end() ? "" : at->second;
  });
}

TEST(CpuQuota, IsThatOfTheControlGroupInVersion2) {
  EXPECT_EQ(quota_of({{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "150000 100000\n"}}), 1.5);
  EXPECT_EQ(quota_of({{"/proc/self/cgroup", "0::/a/b\n"}, {"/sys/fs/cgroup/a/b/cpu.max", "200000 50000\n"}}), 4);
  EXPECT_EQ(quota_of({{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "max 100000\n"}}), std::nullopt);
}

TEST(CpuQuota, IsThatOfTheControlGroupInVersion1) {
  std::map<std::string, std::string> files{{"/proc/self/cgroup", "7:memory:/m\n4:cpu,cpuacct:/docker/1a\n0::/\n"},
                                           {"/sys/fs/cgroup/cpu/docker/1a/cpu.cfs_quota_us", "250000\n"},
                                           {"/sys/fs/cgroup/cpu/docker/1a/cpu.cfs_period_us", "100000\n"}};
  EXPECT_EQ(quota_of(files), 2.5);
  files["/sys/fs/cgroup/cpu/docker/1a/cpu.cfs_quota_us"] = "-1\n";
  EXPECT_EQ(quota_of(files), std::nullopt);
}

TEST(CpuQuota, IsTheLeastOfAllGroupsThatTheProcessLiesIn) {
  EXPECT_EQ(quota_of({{"/proc/self/cgroup", "0::/a/b/c\n"},
                      {"/sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n"},
                      {"/sys/fs/cgroup/a/b/cpu.max", "300000 100000\n"},
                      {"/sys/fs/cgroup/a/cpu.max", "200000 100000\n"},
                      {"/sys/fs/cgroup/cpu.max", "800000 100000\n"}}),
            2);
}

TEST(CpuQuota, OfAContainerThatSeesItsPathFromOutsideLiesAtItsRoot) {
  EXPECT_EQ(quota_of({{"/proc/self/cgroup", "3:cpu:/docker/1a\n"},
                      {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n"},
                      {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}),
            1);
  EXPECT_EQ(quota_of({{"/proc/self/cgroup", "0::/../outside\n"}, {"/sys/fs/cgroup/cpu.max", "300000 100000\n"}}), 3);
}

TEST(CpuQuota, IsNoneWhereNothingIsSaidOrWhatIsSaidMakesNoSense) {
  EXPECT_EQ(quota_of({}), std::nullopt);
  for (const char* groups : {"", "\n", "0", "0:", "0::", "::", "x:cpu", "0::relative\n"})
    EXPECT_EQ(quota_of({{"/proc/self/cgroup", groups}}), std::nullopt) << groups;
  for (const char* limit : {"", "150000", "150000 ", "150000 0", "0 100000", "-5 100000", "a b"})
    EXPECT_EQ(quota_of({{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", limit}}), std::nullopt) << limit;
}

TEST(Cores, AreFreeInsideAffinityAndQuotaAndAtLeastOne) {
  const auto free = [](int allowed, std::optional<double> quota) {
    return Cores{.machine = 64, .allowed = allowed, .quota = quota}.free();
  };
  EXPECT_EQ(free(8, std::nullopt), 8);
  EXPECT_EQ(free(8, 3.0), 3);
  EXPECT_EQ(free(8, 3.9), 3);
  EXPECT_EQ(free(8, 0.25), 1);
  EXPECT_EQ(free(2, 3.0), 2);
  EXPECT_EQ(free(2, 1e30), 2);
}

TEST(Cores, OfThisProcessFollowItsAffinity) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(cores().allowed, CPU_COUNT(&before));
  cpu_set_t one;
  CPU_ZERO(&one);
  for (size_t core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core)
    if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(cores().allowed, 1);
  EXPECT_EQ(cores().free(), 1);
  EXPECT_GE(cores().machine, CPU_COUNT(&before));
  sched_setaffinity(0, sizeof before, &before);
}

}  // namespace
}  // namespace convscope
