#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** Layers and sizes of a network. */
class DescribeCommand : public Command {
 public:
  struct Options {
    int64_t batch = 1;
    std::string as_file = {};

    void fields(auto&& field) {
      field("batch", batch, "images at once, for the memory of the programs");
      field("as_file", as_file, "FILE.json: the network is written there as layers that people read and change, for `train` with `model`");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {"precision", "engine"}; }
  std::vector<std::string> examples() const override {
    return {"convscope describe runs/fashion", "convscope describe resnet20,shortcut=projection --batch 128",
            "convscope describe resnet18 --image 3,64,64 --classes 200", "convscope describe resnet20 --as-file mine.json",
            "convscope describe mine.json"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> what_;
  NetworkOptions foreign_;
  Options options_;
};

}  // namespace convscope
