#pragma once

#include "convscope/api/alias.h"
#include "convscope/cli/command.h"

namespace convscope {

/** `alias NET`, and `alias --signal X.npy`. */
class AliasCommand : public Command {
 public:
  struct Place {
    std::string out;
    int64_t limit = 0;
    std::string signal;
    std::string rate = "2,2";

    void fields(auto&& field) {
      field("out", out, "folder for the results; the run folder itself without it");
      field("limit", limit, "only so many images, the first ones, of a folder of all classes in turn, or of `images`; 0: all");
      field("signal", signal, "an .npy file [channels, rows, columns] instead of a network");
      field("rate", rate, "with `signal`: every how-manieth row and column stays, 2,2");
    }
  };

  void declare(Flags& flags) override;
  ExitStatus run(const Session& session) override;
  std::vector<Mode> modes() const override;
  size_t mode(const Flags& flags) const override;
  std::vector<std::string> about() const override;
  std::vector<std::string> examples() const override;
  std::vector<FieldHelp> json_keys() const override;

 private:
  ExitStatus run_on_signal(const Session& session) const;
  ExitStatus run_on_network(const Session& session) const;

  std::vector<std::string> network_;
  PictureOptions pictures_;
  Place place_;
  AliasOptions options_;
  NetworkOptions foreign_;
  Replacing replacing_;
};

}  // namespace convscope
