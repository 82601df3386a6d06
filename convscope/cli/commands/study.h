#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** `study NAME`. */
class StudyCommand : public Command {
 public:
  struct Options {
    std::string run;
    std::string scale = "quick";
    void fields(auto&& field) {
      field("run", run, "folder of the study; a study that was interrupted goes on in it");
      field("scale", scale, "quick: fewer epochs and images; full: as published");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  bool ends_when_asked() const override { return true; }
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope study attribution --run runs/attribution",
            "convscope study from-scratch --run runs/from-scratch --scale full --precision bf16"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> name_;
  Options options_;
};

}  // namespace convscope
