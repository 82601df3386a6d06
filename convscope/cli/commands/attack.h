#pragma once

#include <map>

#include "convscope/api/attack.h"
#include "convscope/cli/command.h"

namespace convscope {

/** `attack METHOD NET`. */
class AttackCommand : public Command {
 public:
  struct Place {
    std::string data;
    std::string split = "test";
    std::string images;
    std::string out;
    bool require_trust = false;

    void fields(auto&& field) {
      field("data", data, "data set of the images; that of its training without it, where NET is a run folder");
      field("split", split, "train or test");
      field("images", images, kImagesHelp);
      field("out", out, "folder for record, arrays and pictures; the run folder itself without it");
      field("require_trust", require_trust, "with --verdict, which it brings: the exit status is 1 unless the figure can be believed");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;
  bool ends_when_asked() const override { return true; }
  bool is_shared_out(const Flags&) const override { return true; }

 private:
  Choice choice(const Flags& flags) const;

  std::vector<std::string> method_, network_;
  Place place_;
  AttackOptions options_;
  NetworkOptions foreign_;
  Replacing replacing_;
  // Options of all members as flags.
  std::map<std::string, std::string> values_;
  std::map<std::string, bool> switches_;
};

}  // namespace convscope
