#include "convscope/ranks/launcher.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "convscope/base/error.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/base/version.h"
#include "convscope/ranks/module.h"

namespace convscope {

namespace {

/** What people call them, and what Debian's package with the headers is. */
struct Mpi {
  std::string_view name, title, package;
};
constexpr Mpi kMpis[] = {{"openmpi", "Open MPI", "libopenmpi-dev"}, {"mpich", "MPICH", "libmpich-dev"}};

const Mpi& mpi_named(std::string_view name) { return name == kMpis[0].name ? kMpis[0] : kMpis[1]; }

class ModuleTransfer : public Transfer {
 public:
  ModuleTransfer(const convscope_ranks_module& module, void* request) : module_(module), request_(request) {
    require(request_ != nullptr, "the MPI refuses a message");
  }
  bool done() override {
    const int state = module_.done(request_);
    require(state >= 0, "the MPI lost a message");
    return state == 1;
  }

 private:
  const convscope_ranks_module& module_;
  void* request_;
};

class ModuleWire : public Wire {
 public:
  ModuleWire(const convscope_ranks_module& module, std::string_view title) : module_(module) {
    std::array<char, 128> library{};
    require(module_.start(&rank_, &size_, library.data(), static_cast<int>(library.size())) == 0, "the MPI does not start");
    const std::string_view told = library.data();
    const size_t number = std::min(told.size(), told.find_first_of("0123456789"));
    library_ = fmt::format("{} {}", title, told.substr(number, told.find_first_not_of("0123456789.", number) - number));
  }
  ~ModuleWire() override { module_.finish(); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string library() const override { return library_; }
  std::unique_ptr<Transfer> send(int to, int tag, std::span<const char> bytes) override {
    return std::make_unique<ModuleTransfer>(module_, module_.send(to, tag, bytes.data(), static_cast<int>(bytes.size())));
  }
  std::unique_ptr<Transfer> receive(int from, int tag, std::span<char> room) override {
    return std::make_unique<ModuleTransfer>(module_, module_.receive(from, tag, room.data(), static_cast<int>(room.size())));
  }
  void abort(int status) override {
    module_.abort(status);
    std::_Exit(status);
  }

 private:
  const convscope_ranks_module& module_;
  int rank_ = 0, size_ = 1;
  std::string library_;
};

/** The number in a variable that has to be there beside another one. */
int number_in(const Variable& variable, const char* name, int least) {
  const char* text = variable(name);
  require(text != nullptr, "{} is not set, which a launcher of ranks sets beside the others", name);
  const auto value = value_of<int64_t>(text);
  require(value && *value >= least && *value <= (1 << 20), "{}={}: a whole number from {} on was wanted of the launcher", name, text,
          least);
  return static_cast<int>(*value);
}

/** SLURM's "2(x3),1": two tasks on each of three nodes, one on the next. */
std::optional<int> tasks_on_node(std::string_view counts, int node) {
  for (const std::string_view each : split(counts, ',')) {
    const size_t bracket = each.find("(x");
    const auto tasks = value_of<int64_t>(each.substr(0, bracket));
    const auto nodes = bracket == std::string_view::npos ? 1 : value_of<int64_t>(each.substr(bracket + 2, each.find(')') - bracket - 2));
    if (!tasks || !nodes || *tasks < 1 || *tasks > (1 << 20)) return std::nullopt;
    if (node < *nodes) return static_cast<int>(*tasks);
    node -= static_cast<int>(*nodes);
  }
  return std::nullopt;
}

/** Tasks of a step of SLURM on this machine. The job's own numbers may be of more than the step that srun started. */
int slurm_tasks_here(const Variable& variable) {
  const char *counts = variable("SLURM_STEP_TASKS_PER_NODE"), *node = variable("SLURM_NODEID");
  if (counts && node)
    if (const auto tasks = tasks_on_node(counts, number_in(variable, "SLURM_NODEID", 0))) return *tasks;
  return variable("SLURM_NTASKS_PER_NODE") ? number_in(variable, "SLURM_NTASKS_PER_NODE", 1) : 1;
}

/** Of each of so many tasks of a step of SLURM on this machine; 0: it does not say. */
int slurm_cores_of_a_task(const Variable& variable, int tasks) {
  int cores = 0;
  if (variable("SLURM_CPUS_ON_NODE")) cores = std::max(1, number_in(variable, "SLURM_CPUS_ON_NODE", 1) / tasks);
  if (variable("SLURM_CPUS_PER_TASK")) {
    const int own = number_in(variable, "SLURM_CPUS_PER_TASK", 1);
    cores = cores > 0 ? std::min(cores, own) : own;
  }
  return cores;
}

Launch checked(Launch launch) {
  require(launch.rank < launch.size, "rank {} of {}: the launcher's ranks go from 0 to {}", launch.rank, launch.size, launch.size - 1);
  return launch;
}

const convscope_ranks_module& loaded(const Path& file, const Mpi& mpi) {
  // Open MPI's own plug-ins want to see its names, wherever it was loaded from.
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  const char* why = library ? nullptr : ::dlerror();
  require(library != nullptr, "{}: cannot be loaded: {}", file.string(), why ? why : "nobody says why");
  auto* function = reinterpret_cast<decltype(&convscope_ranks)>(::dlsym(library, kRanksModuleFunction));
  require(function != nullptr, "{}: no module of {} for this program", file.string(), mpi.title);
  const convscope_ranks_module* module = function();
  require(module->format == kRanksModuleFormat, "{}: of another version of convscope; install both together", file.string());
  return *module;
}

}  // namespace

Launch launch_in(const Variable& variable) {
  const auto here = [&](const char* name) { return variable(name) ? number_in(variable, name, 1) : slurm_tasks_here(variable); };
  const auto of_srun = [&](Launch launch) {
    launch.cores = slurm_cores_of_a_task(variable, launch.on_machine);
    return checked(launch);
  };
  if (variable("OMPI_COMM_WORLD_SIZE"))
    return checked({"openmpi", number_in(variable, "OMPI_COMM_WORLD_RANK", 0), number_in(variable, "OMPI_COMM_WORLD_SIZE", 1),
                    here("OMPI_COMM_WORLD_LOCAL_SIZE")});
  if (variable("PMI_SIZE")) {
    const Launch launch{"mpich", number_in(variable, "PMI_RANK", 0), number_in(variable, "PMI_SIZE", 1), here("MPI_LOCALNRANKS")};
    return variable("MPI_LOCALNRANKS") ? checked(launch) : of_srun(launch);
  }
  const char* const of_step = variable("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS";
  if (variable("PMIX_RANK") && variable(of_step))
    return of_srun({"openmpi", number_in(variable, "PMIX_RANK", 0), number_in(variable, of_step, 1), slurm_tasks_here(variable)});
  return {};
}

int launcher_process(const TextOf& text_of) {
  constexpr std::string_view kTold[] = {"OMPI_COMM_WORLD_RANK=", "PMI_RANK=", "PMIX_RANK="};
  const auto was_told = [&](int process) {
    const std::string all = text_of(fmt::format("/proc/{}/environ", process));
    for (const std::string_view variable : split(all, '\0'))
      for (const std::string_view told : kTold)
        if (variable.starts_with(told)) return true;
    return false;
  };
  const auto parent_of = [&](const std::string& process) {
    const std::string text = text_of(fmt::format("/proc/{}/stat", process));  // 12 (a name (of any letters)) S 11 …
    const size_t name = text.rfind(") ");
    if (name == std::string::npos || text.size() < name + 5) return 0;
    const std::string_view rest = std::string_view(text).substr(name + 4);
    return static_cast<int>(value_of<int64_t>(rest.substr(0, rest.find(' '))).value_or(0));
  };
  int process = parent_of("self");
  while (process > 1 && was_told(process)) process = parent_of(std::to_string(process));
  return process;
}

Launch launch() {
  return launch_in([](const char* name) -> const char* { return std::getenv(name); });
}

Path modules_folder() {
  std::error_code unknown;
  const Path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return program.parent_path().parent_path() / CONVSCOPE_LIBDIR / "convscope";
}

std::shared_ptr<Ranks> join_ranks(const Launch& launch, const Path& modules) {
  if (!launch.launched()) return alone();
  if (launch.size == 1) return std::make_shared<Ranks>(true);  // a shell in a job may have its variables long after its MPI has ended
  const Mpi& mpi = mpi_named(launch.mpi);
  const Path file = modules / fmt::format("convscope_{}.so", mpi.name);
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown)) {
    fail(
        "{} ranks were started by {}'s launcher, and this program was built where {} was not installed ({} is not there): build it with "
        "Debian's {}, or start it without the launcher",
        launch.size, mpi.title, mpi.title, file.string(), mpi.package);
  }
  auto ranks = std::make_shared<Ranks>(std::make_unique<ModuleWire>(loaded(file, mpi), mpi.title));
  require(ranks->size() == launch.size && ranks->rank() == launch.rank,
          "the launcher says rank {} of {}, {} says {} of {}: it was started by the mpirun of another MPI", launch.rank, launch.size,
          ranks->library(), ranks->rank(), ranks->size());
  const SharedFact same[] = {{"the version", std::string(version())}};
  require_alike(*ranks, same);
  return ranks;
}

}  // namespace convscope
