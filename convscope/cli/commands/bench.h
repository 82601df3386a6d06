#pragma once

#include "convscope/api/benchmark.h"
#include "convscope/cli/command.h"

namespace convscope {

/** Times one kind of work on random pictures. */
class BenchCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope bench train --model resnet20", "convscope bench predict --model resnet18 --batch 32 --precision bf16 --steps",
            "convscope bench alias --model resnet34 --batch 8"};
  }
  std::vector<FieldHelp> json_keys() const override { return help<Benchmark>(); }
  bool is_shared_out(const Flags& flags) const override { return what_.front() == "train" && !flags.given("serve"); }

 private:
  std::vector<std::string> what_;
  std::string model_;
  BenchmarkOptions options_;
  bool serve_ = false;
};

}  // namespace convscope
