#include <signal.h>

#include <algorithm>

#include "convscope/base/threads.h"
#include "convscope/cli/command.h"
#include "convscope/cli/output.h"
#include "convscope/cli/thread_setup.h"

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

convscope::ExitStatus failed(convscope::ExitStatus status, std::string_view text) {
  convscope::say_failure(text);
  return status;
}

}  // namespace

int main(int count, char** words) {
  using namespace convscope;
  ExitStatus status = ExitStatus::done;
  ignore({SIGPIPE, SIGXFSZ});
  try {
    const std::vector<std::string> arguments(words + std::min(count, 1), words + count);
    const Invocation call = parse_invocation(arguments);
    if (call.common) {
      const ThreadChoice chosen = threads_for(call.common->threads, cores());
      if (computes(call)) {
        if (chosen.count > 1) begin_with_short_waits(words);
        say(chosen.told);
      }
      set_threads(chosen.count);
    }
    if (call.command && call.command->ends_when_asked()) {
      for (const int number : {SIGINT, SIGTERM}) ask_on(number);
      ask_on_hangup();
    }
    status = call.run([] { return stop_asked != 0; });
  } catch (const UsageError& e) {
    status = failed(ExitStatus::wrong_usage, e.what());
  } catch (const ReaderGone&) {
    status = ExitStatus::failed;
  } catch (const std::bad_alloc&) {
    status = failed(ExitStatus::failed, "out of memory; a smaller --batch needs less");
  } catch (const std::exception& e) {
    status = failed(ExitStatus::failed, e.what());
  }
  return static_cast<int>(status);
}
