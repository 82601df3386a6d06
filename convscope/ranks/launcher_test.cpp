#include "convscope/ranks/launcher.h"

#include <gtest/gtest.h>

#include <map>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

Launch launched_with(const std::map<std::string, std::string>& variables) {
  return launch_in([&](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  });
}

TEST(Launcher, NobodyStartsOneRankAlone) {
  const Launch l = launched_with({{"PATH", "/bin"}, {"SLURM_NTASKS", "4"}});  // a batch script of SLURM is no rank
  EXPECT_FALSE(l.launched());
  EXPECT_EQ(l.size, 1);
  EXPECT_EQ(join_ranks(l, "/nowhere")->library(), "");
}

TEST(Launcher, EachMpiIsKnownByWhatItsLauncherSets) {
  const Launch open = launched_with(
      {{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "4"}, {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}, {"PMIX_RANK", "3"}});
  EXPECT_EQ(open.mpi, "openmpi");
  EXPECT_EQ(open.rank, 3);
  EXPECT_EQ(open.size, 4);
  EXPECT_EQ(open.on_machine, 2);
  const Launch hydra = launched_with({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}, {"MPI_LOCALNRANKS", "2"}, {"PMI_FD", "6"}});
  EXPECT_EQ(hydra.mpi, "mpich");
  EXPECT_EQ(hydra.rank, 1);
  EXPECT_EQ(hydra.on_machine, 2);
  const Launch slurm = launched_with({{"PMIX_RANK", "5"}, {"SLURM_NTASKS", "8"}, {"SLURM_NTASKS_PER_NODE", "4"}});
  EXPECT_EQ(slurm.mpi, "openmpi");
  EXPECT_EQ(slurm.rank, 5);
  EXPECT_EQ(slurm.size, 8);
  EXPECT_EQ(slurm.on_machine, 4);
}

TEST(Launcher, AStepOfSlurmCountsNotItsJob) {
  std::map<std::string, std::string> step{{"PMIX_RANK", "6"},
                                          {"SLURM_NTASKS", "16"},
                                          {"SLURM_NTASKS_PER_NODE", "4"},
                                          {"SLURM_STEP_NUM_TASKS", "7"},
                                          {"SLURM_STEP_TASKS_PER_NODE", "2(x3),1"},
                                          {"SLURM_NODEID", "3"}};
  EXPECT_EQ(launched_with(step).size, 7);
  EXPECT_EQ(launched_with(step).on_machine, 1);
  step["SLURM_NODEID"] = "2";
  EXPECT_EQ(launched_with(step).on_machine, 2);
  step["SLURM_STEP_TASKS_PER_NODE"] = "nonsense";
  EXPECT_EQ(launched_with(step).on_machine, 4);
  std::map<std::string, std::string> mpich{
      {"PMI_RANK", "0"}, {"PMI_SIZE", "6"}, {"SLURM_STEP_TASKS_PER_NODE", "3(x2)"}, {"SLURM_NODEID", "1"}};
  EXPECT_EQ(launched_with(mpich).on_machine, 3);
}

TEST(Launcher, SrunSaysHowManyCoresATaskHas) {
  std::map<std::string, std::string> step{{"PMIX_RANK", "1"}, {"SLURM_NTASKS", "4"}, {"SLURM_NTASKS_PER_NODE", "4"}};
  EXPECT_EQ(launched_with(step).cores, 0);
  step["SLURM_CPUS_ON_NODE"] = "10";
  EXPECT_EQ(launched_with(step).cores, 2);
  step["SLURM_CPUS_PER_TASK"] = "1";
  EXPECT_EQ(launched_with(step).cores, 1);
  step["SLURM_CPUS_PER_TASK"] = "32";  // of the job; the step has fewer
  EXPECT_EQ(launched_with(step).cores, 2);
  step.erase("SLURM_CPUS_ON_NODE");
  EXPECT_EQ(launched_with(step).cores, 32);
  const std::map<std::string, std::string> mpich{{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}, {"SLURM_CPUS_ON_NODE", "1"}};
  EXPECT_EQ(launched_with(mpich).cores, 1);
  // Within a job mpirun and its ranks have the job's cores, by taskset or cgroup; the variables are those of the batch script's machine.
  auto hydra = mpich;
  hydra["MPI_LOCALNRANKS"] = "2";
  EXPECT_EQ(launched_with(hydra).cores, 0);
}

TEST(Launcher, IsTheProcessAboveAllThatWereToldToBeARank) {
  const std::map<std::string, std::string> files{{"/proc/self/stat", "40 (convscope) R 30 40 40 0"},
                                                 {"/proc/30/environ", std::string("PATH=/bin\0PMI_RANK=1\0", 21)},  // a shell of the rank
                                                 {"/proc/30/stat", "30 (sh (a) b) S 20 30 30 0"},
                                                 {"/proc/20/environ", std::string("PATH=/bin\0NO_PMI_RANK=1\0", 24)},
                                                 {"/proc/20/stat", "20 (hydra_pmi_proxy) S 10 20 20 0"}};
  const auto text_of = [&](const std::string& path) { return files.contains(path) ? files.at(path) : std::string(); };
  EXPECT_EQ(launcher_process(text_of), 20);
  EXPECT_EQ(launcher_process([](const std::string&) { return ""; }), 0);
}

TEST(Launcher, NumbersThatMakeNoSenseAreRefused) {
  EXPECT_THROW_SAYING(launched_with({{"PMI_SIZE", "two"}, {"PMI_RANK", "0"}}), "PMI_SIZE=two");
  EXPECT_THROW_SAYING(launched_with({{"PMI_SIZE", "2"}}), "PMI_RANK is not set");
  EXPECT_THROW_SAYING(launched_with({{"PMI_SIZE", "2"}, {"PMI_RANK", "2"}}), "rank 2 of 2");
}

TEST(Launcher, WithoutTheModuleOfItsMpiARunOfSeveralRanksIsRefused) {
  EXPECT_THROW_SAYING(join_ranks({"mpich", 0, 2, 2}, "/nowhere"), "built where MPICH was not installed");
  const auto one = join_ranks({"openmpi", 0, 1, 1}, "/nowhere");
  EXPECT_TRUE(one->launched());
  EXPECT_TRUE(one->is_alone());
}

}  // namespace
}  // namespace convscope
