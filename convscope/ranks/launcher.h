#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "convscope/base/cores.h"
#include "convscope/base/file.h"
#include "convscope/ranks/ranks.h"

namespace convscope {

/** What a launcher of ranks, such as mpirun, told this process in its environment. */
struct Launch {
  std::string mpi = {};  // "openmpi" or "mpich": whose ranks they are; empty: there was no launcher
  int rank = 0, size = 1;
  int on_machine = 1;  // ranks on this machine, this one among them
  int cores = 0;       // that it may use by a batch system's word; 0: none was said

  bool launched() const { return !mpi.empty(); }
};

/** The value of a variable of the environment, null where there is none. */
using Variable = std::function<const char*(const char* name)>;

/**
 * Open MPI's mpirun sets OMPI_COMM_WORLD_{SIZE,RANK,LOCAL_SIZE}, MPICH's (hydra) PMI_{SIZE,RANK} and MPI_LOCALNRANKS; SLURM's srun sets
 * PMI_{SIZE,RANK} with --mpi=pmi2, which MPICH reads, and PMIX_RANK with --mpi=pmix, which Open MPI reads, with SLURM_STEP_NUM_TASKS,
 * SLURM_STEP_TASKS_PER_NODE ("2(x3),1") and SLURM_NODEID beside them; where these are missing the job's SLURM_NTASKS and
 * SLURM_NTASKS_PER_NODE count. srun's own process is not held to the job's cores, so a rank's are told by the least of SLURM_CPUS_PER_TASK
 * and its part of SLURM_CPUS_ON_NODE. An error where a number is none.
 */
Launch launch_in(const Variable& variable);
/** Of this process. */
Launch launch();

/**
 * The process that started this one as a rank: the nearest above it that was not told to be one itself, as shells between them are; 0 where
 * the system does not tell. The cores that it may use are those of all its ranks together.
 */
int launcher_process(const TextOf& text_of);

/** Where modules are looked for: beside the program's folder, in lib/convscope as the build and the installation have it. */
Path modules_folder();

/**
 * The ranks that were launched: the MPI's module is loaded and started, and the version is the same on all of them, or an error says what
 * is missing. One process alone loads nothing. They must not outlive `main`: with the last owner the MPI ends.
 */
std::shared_ptr<Ranks> join_ranks(const Launch& launch, const Path& modules = modules_folder());

}  // namespace convscope
