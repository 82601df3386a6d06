#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** Layers and sizes of a network. */
class DescribeCommand : public Command {
 public:
  struct Options {
    int64_t batch = 1;

    void fields(auto&& field) { field("batch", batch, "images at once, for the memory of the programs"); }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {"precision", "engine"}; }
  std::vector<std::string> examples() const override {
    return {"convscope describe runs/fashion", "convscope describe resnet20,shortcut=projection --batch 128",
            "convscope describe resnet18 --image 3,64,64 --classes 200"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> what_;
  NetworkOptions foreign_;
  Options options_;
};

}  // namespace convscope
