#pragma once

#include "convscope/cli/command.h"
#include "convscope/train/options.h"

namespace convscope {

/** Trains in a run folder. */
class TrainCommand : public Command {
 public:
  struct Place {
    std::string run;
    bool resume = false;
    std::string config;

    void fields(auto&& field) {
      field("run", run, "folder of this training; made where it is not there");
      field("resume", resume, "go on from the folder's last checkpoint");
      field("config", config, "a run.json whose options stand where no flag says otherwise");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  bool ends_when_asked() const override { return true; }

 private:
  TrainOptions resolved(const Flags& flags) const;

  Place place_;
  TrainOptions given_;
};

}  // namespace convscope
