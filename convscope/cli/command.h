#pragma once

#include <functional>

#include "convscope/api/pictures.h"
#include "convscope/base/table.h"
#include "convscope/cli/flags.h"
#include "convscope/ranks/ranks.h"

namespace convscope {

/** What every command takes. */
struct CommonOptions {
  bool json = false;
  int64_t threads = 0;
  int64_t seed = 1;
  std::string precision = "fp32";
  std::string engine = "onednn";
  std::string data_root;

  void fields(auto&& field) {
    field("json", json, "print one JSON document on stdout and nothing else there");
    field("threads", threads,
          "threads that compute; 0: one for each core that the program may use, by affinity and quota; of an mpirun's ranks each has its "
          "part");
    field("seed", seed, "of all random numbers");
    field("precision", precision, "fp32 or bf16");
    field("engine", engine,
          "what computes: onednn; reference, plain loops; or check, for who doubts a number: everything by both, and an error where they "
          "differ (check,tolerance=0.001)");
    field("data_root", data_root, "folder in which data are looked for first; then $CONVSCOPE_DATA, Debian's packages, the cache folder");
  }
};

enum class ExitStatus { done = 0, failed = 1, wrong_usage = 2, interrupted = 130 };

/** The surroundings of a command that runs. */
struct Session {
  const CommonOptions& common;
  const Flags& flags;
  std::function<bool()> stop;  // whether Ctrl-C was pressed; for commands that end resumably
  std::shared_ptr<Ranks> ranks = alone();

  /** What the library is asked with: lines for people and progress go to stderr. */
  Setting setting() const;
};

/** What `NET` may be, for the help of commands. */
inline constexpr std::string_view kNetworkArgument =
    "a run folder (its last network; the best one is best.safetensors in it), a .safetensors checkpoint, an .onnx network, or with --model "
    "a state dict from elsewhere (.pt, .pth, .th, .pth.tar, .ckpt, .safetensors)";

/** A flag of commands that write into a folder of results. */
struct Replacing {
  bool force = false;

  void fields(auto&& field) { field("force", force, "replaces results of more images, or of others, by these"); }
};

/** Where results go: `--out`, or the run folder that NET is; UsageError where it is none. */
Path folder_of_results(const std::string& out, const Network& network);

/** The first so many, also of those that were chosen by their numbers; 0: all. */
Pictures at_most(int64_t limit, Pictures pictures);

/** The pictures for a command that takes `--image` too: files instead of a data set. */
Pictures pictures_or_files(const PictureOptions& options, const Network& network, const Setting& setting, int64_t usual = kUsualPictures);

/** Does what looks at options alone, before anything is read: whatever it finds wrong is wrong use. */
template <typename Check>
void check_options(const Check& check) {
  try {
    check();
  } catch (const UsageError&) {
    throw;
  } catch (const Error& e) {
    throw WrongUse(e.what());
  }
}

/** A way to call a command, and the flags that mean something in it. */
struct Mode {
  std::string name;  // "clusters", "a network and data"
  std::vector<std::string> flags;
};

/** All flags of some lists. */
std::vector<std::string> flags_among(std::initializer_list<std::vector<std::string>> lists);

/** One verb of the program: what it takes, and the deed. */
class Command {
 public:
  virtual ~Command() = default;

  /** Declares what it takes, on members that `run` reads. */
  virtual void declare(Flags& flags) = 0;
  virtual ExitStatus run(const Session& session) = 0;

  /**
   * The ways to call it, where these read different flags. A flag that is given and that the present way does not read is refused, before
   * anything is done; one that is in no list is refused always, so that none can be forgotten. Without any, all its flags are read.
   */
  virtual std::vector<Mode> modes() const { return {}; }
  /** Which of them the words and flags chose. */
  virtual size_t mode(const Flags&) const { return 0; }
  /** What it reads of the flags that all commands take, besides json and threads. */
  virtual std::vector<std::string> common_flags() const { return {"seed", "precision", "engine", "data-root"}; }

  /** Paragraph and examples of its help, a line each. */
  virtual std::vector<std::string> about() const { return {}; }
  virtual std::vector<std::string> examples() const { return {}; }
  /** Its JSON keys with their meaning. */
  virtual std::vector<FieldHelp> json_keys() const { return {}; }
  /** True: an interrupt asks it to end by `Session::stop`; false: it ends at once. */
  virtual bool ends_when_asked() const { return false; }
  /** Whether ranks of an mpirun share out what the words and flags ask for; where not, the first one does it alone. */
  virtual bool is_shared_out(const Flags&) const { return false; }
};

/** The family. */
const Table<Command>& commands();

/** A command line understood: what is to be done. */
struct Invocation {
  std::string name = {};
  std::unique_ptr<Command> command = {};
  std::unique_ptr<CommonOptions> common = {};
  std::unique_ptr<Flags> flags = {};
  bool help = false;

  ExitStatus run(std::function<bool()> stop, std::shared_ptr<Ranks> ranks = alone()) const;
};

/** The program's words, its own name left out; UsageError where they make no sense. */
Invocation parse_invocation(std::span<const std::string> words);

/** A command with its declarations, nothing parsed yet. */
Invocation invocation_of(std::string_view name);

}  // namespace convscope
