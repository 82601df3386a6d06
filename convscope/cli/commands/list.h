#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** The tables of the library. */
class ListCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {}; }
  std::vector<std::string> examples() const override {
    return {"convscope list", "convscope list models", "convscope list presets --json"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> family_;
};

}  // namespace convscope
