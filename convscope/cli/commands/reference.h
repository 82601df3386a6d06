#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** The page `docs/reference.md`. */
class ReferenceCommand : public Command {
 public:
  void declare(Flags&) override {}
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {}; }
  std::vector<FieldHelp> json_keys() const override;
};

}  // namespace convscope
