#include "convscope/cli/commands/reference.h"

#include "convscope/cli/help.h"
#include "convscope/cli/output.h"

namespace convscope {

ExitStatus ReferenceCommand::run(const Session& session) {
  if (session.common.json) {
    print_json({{"markdown", reference()}});
  } else {
    print(reference());
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> ReferenceCommand::json_keys() const { return {{"markdown", "", "the page"}}; }

}  // namespace convscope
