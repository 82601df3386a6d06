#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** `completion bash` and `completion zsh`. */
class CompletionCommand : public Command {
 public:
  void declare(Flags& flags) override { flags.choice("SHELL", shell_, "bash or zsh", {"bash", "zsh"}); }
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {}; }
  std::vector<std::string> about() const override {
    return {"Prints a script that completes commands, flags and names of models, data sets and recipes."};
  }
  std::vector<std::string> examples() const override { return {"eval \"$(convscope completion bash)\""}; }
  std::vector<FieldHelp> json_keys() const override { return {{"script", "", "what the shell is to evaluate"}}; }

 private:
  std::vector<std::string> shell_;
};

}  // namespace convscope
