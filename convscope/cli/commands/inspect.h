#pragma once

#include "convscope/cli/command.h"
#include "convscope/cli/commands/inspect_kinds.h"

namespace convscope {

/** `inspect weights|activations|neurons|clusters NET`. */
class InspectCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> kind_, network_;
  PictureOptions pictures_;
  InspectOptions options_;
  ForeignOptions foreign_;
};

}  // namespace convscope
