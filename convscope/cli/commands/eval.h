#pragma once

#include "convscope/api/consistency.h"
#include "convscope/api/corruptions.h"
#include "convscope/api/evaluate.h"
#include "convscope/api/fourier.h"
#include "convscope/cli/command.h"

namespace convscope {

/** Accuracy of a network over every sample. */
class EvalCommand : public Command {
 public:
  struct Options {
    std::string data;
    std::string split = "test";
    int64_t limit = 0;
    std::string images;
    std::string out;

    void fields(auto&& field) {
      field("data", data, "data set; that of its training without it, where NET is a run folder or a checkpoint of ours");
      field("split", split, "train or test");
      field("limit", limit, "only so many images, the first ones, of a folder of all classes in turn; 0: all");
      field("images", images, kImagesHelp);
      field("out", out, "folder for the numbers, the confusion matrix, a sheet of predictions and report.html; made where it is not there");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> examples() const override {
    return {"convscope eval runs/fashion --data fashion-mnist",
            "convscope eval runs/fashion/best.safetensors --data fashion-mnist --json",
            "convscope eval resnet20.th --model resnet20 --normalize imagenet --data cifar10",
            "convscope eval runs/fashion --corruptions fog+gaussian_noise --limit 1000",
            "convscope eval runs/cifar --data cifar10 --limit 1000 --shifts 3",
            "convscope eval runs/cifar --data cifar10 --fourier --fourier-grid 15 --fourier-images 500 --out looks"};
  }
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<FieldHelp> json_keys() const override;
  bool is_shared_out(const Flags&) const override { return true; }

 private:
  ExitStatus run_on_corruptions(const Network& network, const Pictures& pictures, const Setting& setting, bool json) const;

  std::vector<std::string> network_;
  Options options_;
  EvaluateOptions evaluate_;
  CorruptionOptions corruption_;
  ShiftOptions shift_;
  FourierOptions fourier_;
  NetworkOptions foreign_;
  Replacing replacing_;
};

}  // namespace convscope
