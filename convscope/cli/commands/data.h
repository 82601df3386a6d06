#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** `data list` and `data check`. */
class DataCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override { return {"convscope data list", "convscope data check fashion-mnist --json"}; }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> deed_, name_;
};

}  // namespace convscope
