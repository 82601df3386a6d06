#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "convscope/base/join.h"
#include "convscope/base/machine.h"
#include "convscope/base/threads.h"
#include "convscope/cli/command.h"
#include "convscope/cli/output.h"
#include "convscope/cli/thread_setup.h"
#include "convscope/ranks/launcher.h"

namespace {

volatile sig_atomic_t stop_asked = 0;

/** The first interrupt asks for an end, the second ends: SA_RESETHAND has put the default back. */
void ask_to_stop(int) { stop_asked = 1; }

void ask_on(int signal_number) {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(signal_number, &action, nullptr);
}

/** A terminal that is closed asks for an end as well, unless `nohup` has said that it does not matter. */
void ask_on_hangup() {
  struct sigaction before {};
  sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) ask_on(SIGHUP);
}

/** A closed pipe, a full disk or a limit on files then is an error line like any other. */
void ignore(std::initializer_list<int> signals) {
  for (const int number : signals) signal(number, SIG_IGN);
}

/** Whether it does more than print what the program knows. */
bool computes(const convscope::Invocation& call) { return call.command && !call.help && !call.command->common_flags().empty(); }

/** The same bytes are promised of one kind of processor. */
void tell_of_processors(convscope::Ranks& ranks) {
  using namespace convscope;
  std::vector<std::string> kinds = ranks.all_gather(machine().processor);
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  if (kinds.size() > 1)
    say(fmt::format("the ranks have different processors ({}): results may differ in their last digits from those of one kind\n",
                    join(kinds, ", ")));
}

/** Cores for the threads of one that computes: what the other ranks leave of the launcher's, where they compute too. */
convscope::Cores cores_for(const convscope::Invocation& call, const convscope::Launch& place) {
  using namespace convscope;
  if (!place.launched() || !call.command->is_shared_out(*call.flags)) return cores();
  if (place.cores > 0) return cores_of_a_rank(cores(), place.on_machine, place.cores * place.on_machine);
  const int launcher = launcher_process(text_of_file);
  return cores_of_a_rank(cores(), place.on_machine, launcher > 0 ? allowed_cores(launcher) : 0);
}

/** The ranks that do it together: one alone, unless a launcher started several and the work is one that they share out. */
std::shared_ptr<convscope::Ranks> ranks_for(const convscope::Invocation& call, const convscope::Launch& place,
                                            const std::vector<std::string>& words) {
  using namespace convscope;
  if (!place.launched() || !computes(call)) return alone();
  if (call.command->is_shared_out(*call.flags)) {
    std::shared_ptr<Ranks> ranks = join_ranks(place);
    const SharedFact same[] = {{"the command", fmt::format("`{}`", join(words, " "))}};
    require_alike(*ranks, same);
    tell_of_processors(*ranks);
    if (!ranks->is_alone())
      say(fmt::format("{} ranks by {}, {} {} each\n", ranks->size(), ranks->library(), threads(), threads() == 1 ? "thread" : "threads"));
    return ranks;
  }
  if (place.size > 1)
    say(fmt::format("{} is not shared out between ranks: rank 0 does it alone, without the other {}\n", call.name, place.size - 1));
  return alone();
}

/** All may have failed alike: the root is heard first, and those who would say it again are ended with it. */
void tell_behind_the_root(int rank, std::string_view text) {
  using namespace convscope;
  if (rank == 0) return;
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  be_silent(false);
  say_failure(fmt::format("{}: {}", name_of_rank(rank), text));
}

}  // namespace

int main(int count, char** words) {
  using namespace convscope;
  ExitStatus status = ExitStatus::done;
  std::string failure;
  Launch place;
  std::shared_ptr<Ranks> ranks = alone();
  const auto failed = [&](ExitStatus with, std::string_view text) {
    status = with;
    failure = text;
    say_failure(text);
  };
  ignore({SIGPIPE, SIGXFSZ});
  try {
    const std::vector<std::string> arguments(words + std::min(count, 1), words + count);
    std::optional<Error> unclear;
    try {
      place = launch();
    } catch (const Error& e) {
      unclear = e;
    }
    be_silent(place.rank > 0);
    const Invocation call = parse_invocation(arguments);
    if (unclear && computes(call)) throw *unclear;  // help and lists want no launcher
    if (call.common) {
      const ThreadChoice chosen = threads_for(call.common->threads, call.help ? cores() : cores_for(call, place));
      if (computes(call)) {
        if (chosen.count > 1) begin_with_short_waits(words);
        say(chosen.told);
      }
      set_threads(chosen.count);
    }
    if (call.command && call.command->ends_when_asked()) {
      for (const int number : {SIGINT, SIGTERM}) ask_on(number);
      if (place.launched()) ask_on(SIGUSR1);  // mpirun hands it on to all ranks; batch systems can send it before their limit of time
      ask_on_hangup();
    }
    ranks = ranks_for(call, place, arguments);
    if (place.rank > 0 && ranks->is_root()) return 0;  // the first one does it
    status = call.run([] { return stop_asked != 0; }, ranks);
    ranks->barrier();  // who is done waits for the others asleep
  } catch (const UsageError& e) {
    failed(ExitStatus::wrong_usage, e.what());
  } catch (const ReaderGone& e) {
    status = ExitStatus::failed;
    failure = e.what();
  } catch (const std::bad_alloc&) {
    failed(ExitStatus::failed, "out of memory; a smaller --batch needs less");
  } catch (const std::exception& e) {
    failed(ExitStatus::failed, e.what());
  }
  if (!failure.empty()) {
    tell_behind_the_root(place.rank, failure);
    if (!ranks->is_alone()) ranks->abort(static_cast<int>(status));  // one cannot go on, so none can
  }
  return static_cast<int>(status);
}
