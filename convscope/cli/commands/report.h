#pragma once

#include "convscope/cli/command.h"

namespace convscope {

/** Run folders as one page. */
class ReportCommand : public Command {
 public:
  struct Options {
    std::string out;

    void fields(auto&& field) { field("out", out, "the page's file; for one folder report.html in it, where nothing is said"); }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<std::string> common_flags() const override { return {}; }
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override {
    return {"convscope report runs/fashion", "convscope report runs/cifar runs/cifar-2 --out compared.html"};
  }
  std::vector<FieldHelp> json_keys() const override;

 private:
  std::vector<std::string> folders_;
  Options options_;
};

}  // namespace convscope
