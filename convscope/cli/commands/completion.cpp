#include "convscope/cli/commands/completion.h"

#include "convscope/cli/completion.h"
#include "convscope/cli/output.h"

namespace convscope {

ExitStatus CompletionCommand::run(const Session& session) {
  const std::string script = shell_.front() == "bash" ? bash_completion() : zsh_completion();
  if (session.common.json) {
    print_json({{"script", script}});
  } else {
    print(script);
  }
  return ExitStatus::done;
}

}  // namespace convscope
