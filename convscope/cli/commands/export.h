#pragma once

#include "convscope/api/export.h"
#include "convscope/cli/command.h"

namespace convscope {

/** A network for other programs. */
class ExportCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {"engine", "seed"}; }
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope export runs/cifar --onnx cifar.onnx", "convscope export runs/cifar --onnx cifar.onnx --opset 13 --fold",
            "convscope export resnet18.pth --model resnet18 --normalize imagenet --onnx resnet18.onnx --safetensors resnet18.safetensors"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> network_;
  NetworkOptions foreign_;
  ExportOptions options_;
};

}  // namespace convscope
