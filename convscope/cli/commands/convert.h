#pragma once

#include "convscope/api/convert.h"
#include "convscope/cli/command.h"

namespace convscope {

/** Another way to drop samples in a network that there is. */
class ConvertCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {"seed"}; }
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope convert runs/cifar --downsample blur:4 --out blurred.safetensors",
            "convscope convert resnet20.th --model resnet20 --normalize imagenet --downsample flc --out flc.safetensors",
            "convscope train --from blurred.safetensors --data cifar10 --epochs 5 --lr 0.01 --run runs/blurred"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> network_;
  NetworkOptions foreign_;
  ConvertOptions options_;
};

}  // namespace convscope
