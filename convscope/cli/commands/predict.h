#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** What a network sees in image files. */
class PredictCommand : public Command {
 public:
  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope predict runs/fashion shoe.png bag.jpg", "convscope predict runs/fashion photos"};
  }
  std::vector<FieldHelp> json_keys() const override;
  bool is_shared_out(const Flags&) const override { return true; }

 private:
  struct Options {
    std::string resize;

    void fields(auto&& field) {
      field(
          "resize", resize,
          "squash: to the network's size, aspect not kept; crop: the shorter side to 256/224 of it, then the middle; without it as in the "
          "network's training where that is known, else squash");
    }
  };

  std::vector<std::string> network_, images_;
  Options options_;
  NetworkOptions foreign_;
};

}  // namespace convscope
