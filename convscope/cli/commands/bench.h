#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** Times one kind of work on random pictures. */
class BenchCommand : public Command {
 public:
  struct Options {
    std::string model;
    int64_t batch = 128;
    int64_t runs = 10;
    int64_t warm_up = 3;
    std::string optimiser = "sgd,momentum=0.9";
    std::string method;
    bool steps = false;
    bool serve = false;

    void fields(auto&& field) {
      field("model", model, "network and its options, a run folder, a .safetensors checkpoint or an .onnx network");
      field("batch", batch, "images a run");
      field("runs", runs, "timed runs");
      field("warm_up", warm_up, "runs before the first timed one");
      field("optimiser", optimiser, "for train: optimiser and its options");
      field(
          "method", method,
          "for explain: an attribution method of all images of a run, instead of their plain gradient; for attack: the attack, without it "
          "pgd,steps=10");
      field("steps", steps, "show the time of each step of the program");
      field(
          "serve", serve,
          "print `ready`, then answer lines on stdin: `run K` with K times in milliseconds, `memory` with the peak in bytes; `quit` ends");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope bench train --model resnet20", "convscope bench predict --model resnet18 --batch 32 --precision bf16 --steps",
            "convscope bench alias --model resnet34 --batch 8"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> what_;
  ModelTask task_;
  Options options_;
};

}  // namespace convscope
