#pragma once

#include "convscope/cli/command.h"
#include "convscope/cli/foreign_flags.h"

namespace convscope {

/** What a network sees in image files. */
class PredictCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override { return {"convscope predict runs/fashion shoe.png bag.jpg"}; }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> network_, images_;
  ForeignOptions foreign_;
};

}  // namespace convscope
